import { type Finding, engineOf } from './direction.ts';
import type { Module } from './modules.ts';

/** Names by which an engine, its relatives, its drivers and its tools are known. */
const long = /postgres|mysql|mariadb|valkey|qdrant|neo4j/i;
const short = /\b[Pp]g(?=[A-Z_]|\b)|\bPG[A-Z]*\b|\bpsql\b|(?:\b|(?<=[a-z_]))(?:rediss?|Redis|REDIS)(?![a-z])|\b[Cc]ypher\b/;

/** A migration tool with such a name. */
const TOOL = 'node-pg-migrate';

/** Modules outside of an engine's folder that may name one, each with its reason. */
const mayName: Readonly<Record<string, string>> = {
  'src/engines/index.ts': 'the registry: one line an engine',
};

/** Data about applications, which say what they need on which server. */
const DATA = 'src/recipes/';

/** An engine's name outside of its folder, comments and strings included. */
export function strayNames(modules: readonly Module[]): Finding[] {
  return modules
    .filter(({ path }) => path.startsWith('src/') && engineOf(path) === null && !path.startsWith(DATA) && !Object.hasOwn(mayName, path))
    .flatMap(({ path, source }) =>
      [path, ...source.split('\n')].flatMap((whole, line) => {
        const text = whole.replaceAll(TOOL, '');
        const name = (long.exec(text) ?? short.exec(text))?.[0];
        return name === undefined ? [] : [{ path, what: `line ${line}: ${name}` }];
      }),
    );
}

/** Exceptions that excuse nothing any more. */
export function idleNames(modules: readonly Module[]): string[] {
  return Object.keys(mayName).filter((path) => !modules.some((module) => module.path === path && long.test(module.source)));
}
