import { globSync } from 'node:fs';
import { spawnSync } from './children.ts';
import { sampled, seed } from './sample.ts';

/** An everyday run takes one of so many parts of these, each day another one. `with`: who changes something there has all of them. */
const TURNS: readonly { readonly suites: RegExp; readonly oneOf: number; readonly with?: RegExp }[] = [
  { suites: /^test\/engines\/[^/]+(?=\/)/, oneOf: 7 },
  { suites: /^test\/e2e(?=\/)/, oneOf: 3, with: /^src\/(?:cli|runtime)\// },
];

/** `src/engines/<engine>/verify` goes with `test/engines/<engine>/verify`. */
const PLACE = /^(?:src|test)\/engines\/([^/]+\/[^/]+)\//;

/** Suites that are not in their turn, but for those of which somebody changes the code. */
export function notToday(files: readonly string[], changed: readonly string[], from: number = seed): string[] {
  const places = new Set(changed.flatMap((file) => PLACE.exec(file)?.[1] ?? []));
  const isOnHand = (file: string): boolean => changed.includes(file) || places.has(PLACE.exec(file)?.[1] ?? '');
  return TURNS.flatMap(({ suites, oneOf, with: code }) => {
    if (code && changed.some((file) => code.test(file))) return [];
    const groups = Map.groupBy(files, (file) => suites.exec(file)?.[0] ?? '');
    return [...groups].flatMap(([name, all]) => {
      const mine = new Set(name === '' ? all : sampled(all, { oneOf, name }, from));
      return all.filter((file) => !mine.has(file) && !isOnHand(file));
    });
  });
}

/** `npm test` without arguments and without VERSIONS, ENGINES or FULL: what vitest is to leave out. */
export function leftOutToday(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (env['COTENANT_EVERYDAY'] !== '1' || env['VERSIONS'] || env['ENGINES'] || env['FULL']) return [];
  return notToday(globSync('test/{engines,e2e}/**/*.test.ts').toSorted(), changedFiles());
}

/** By whom works here: not committed yet, or not on the branch that everybody works from. [] where there is no repository. */
function changedFiles(): readonly string[] {
  const said = (...args: readonly string[]): string => spawnSync('git', [...args], { encoding: 'utf8', timeout: 10_000 }).stdout;
  const base = ['origin/main', 'main'].find((name) => said('rev-parse', '--verify', '--quiet', name) !== '');
  const ahead = base === undefined ? '' : said('diff', '--name-only', `${base}...HEAD`);
  return `${ahead}\n${said('diff', '--name-only', 'HEAD')}\n${said('ls-files', '--others', '--exclude-standard')}`.split('\n');
}
