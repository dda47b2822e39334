import type { Import, Module } from './modules.ts';

const stages = [
  'manifest',
  'observe',
  'plan',
  'execute',
  'journal',
  'verify',
  'report',
  'secrets',
  'render',
  'runtime',
  'migrate',
  'backup',
];
const stage = ['engine', 'model', 'util'];

/** Which folders of src/ a folder may import besides itself. A folder that is not here may not exist. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  model: [],
  util: [],
  engine: ['model', 'util'],
  recipes: [],
  ...Object.fromEntries(stages.map((name) => [name, stage])),
  manifest: [...stage, 'recipes'],
  registry: ['engine', 'engines'],
  engines: stage,
  app: [...stages, 'registry', 'recipes', ...stage],
  cli: ['app', 'report', 'serve', 'model', 'util'],
  serve: ['app', 'report', 'model', 'util'],
  library: ['app', 'engine', 'model', 'manifest'],
};

/** Single modules that may import one folder more, each with its reason. */
const exceptions: Readonly<Record<string, { readonly folder: string; readonly why: string }>> = {};

export interface Finding {
  readonly path: string;
  readonly what: string;
}

/** The folder under src/; the registry and the library's entry count as folders of their own. */
function folderOf(path: string): string {
  if (path === 'src/index.ts') return 'library';
  if (path === 'src/engines/index.ts') return 'registry';
  return path.split('/')[1] ?? '';
}

/** `src/engines/x/y.ts` -> `x`; null outside of an engine's folder. */
export function engineOf(path: string): string | null {
  const [, folder, engine, ...rest] = path.split('/');
  return folder === 'engines' && engine !== undefined && rest.length > 0 ? engine : null;
}

/** Tests and the servers that they start stand beside the code, and are not part of it. */
export function isTestCode(path: string): boolean {
  return path.endsWith('.test.ts') || /[./]harness\.ts$/.test(path);
}

function judge(path: string, { target, kind, specifier }: Import, known: ReadonlySet<string>): string | null {
  if (target === null) return null;
  if (!known.has(target)) return `imports ${specifier}, which is no module of src/`;
  const from = folderOf(path);
  const to = folderOf(target);
  const mayImport = allowed[from];
  if (mayImport === undefined) return `the folder ${from} is not known to the direction check`;
  if (isTestCode(target)) return `imports test code: ${specifier}`;
  if (from === 'registry' && to === 'engines') return kind === 'dynamic' ? null : `loads an engine before it is asked for: ${specifier}`;
  if (to === 'engines' && from === 'engines')
    return engineOf(path) === engineOf(target) ? null : `one engine imports another: ${specifier}`;
  if (from === to || mayImport.includes(to) || exceptions[path]?.folder === to) return null;
  return `${from} may not import ${to}: ${specifier}`;
}

/** Imports against the direction of the design. */
export function wrongDirections(modules: readonly Module[]): Finding[] {
  const known = new Set(modules.map((module) => module.path));
  return modules
    .filter((module) => !isTestCode(module.path))
    .flatMap(({ path, imports }) =>
      imports.flatMap((found) => {
        const what = judge(path, found, known);
        return what === null ? [] : [{ path, what }];
      }),
    );
}

/** Modules that reach themselves through imports that exist at run time, one finding for each import that closes a circle. */
export function cycles(modules: readonly Module[]): Finding[] {
  const edges = new Map(
    modules.map(({ path, imports }) => [
      path,
      imports.flatMap(({ kind, target }) => (kind === 'value' && target !== null ? [target] : [])),
    ]),
  );
  const done = new Set<string>();
  const findings: Finding[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) findings.push({ path, what: `cycle: ${[...trail.slice(at), path].join(' -> ')}` });
    if (at >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return findings;
}
