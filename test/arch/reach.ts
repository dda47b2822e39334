import type { Finding } from './direction.ts';
import { isTestCode } from './direction.ts';
import type { Module } from './modules.ts';

/** Where Node or a program begins to read: the library, the command line, and what it starts. */
export const entries: readonly string[] = ['src/index.ts', 'src/cli/main.ts'];

/** Modules that nobody reaches from an entry point, tests apart: they are for tests only, or for nobody. */
export function unreachable(modules: readonly Module[]): Finding[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const reached = new Set(entries);
  for (const path of reached) for (const { target } of byPath.get(path)?.imports ?? []) if (target !== null) reached.add(target);
  return modules
    .filter(({ path }) => path.startsWith('src/') && !isTestCode(path) && !reached.has(path))
    .map(({ path }) => ({ path, what: 'is reached from no entry point' }));
}
