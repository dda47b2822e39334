import { spawnSync } from './children.ts';
import { WHOLES } from './thorough.ts';

/** An engine in one version as tests know it, as `postgres18`, and how this machine gets it; null: not at all. */
export interface Entry {
  readonly name: string;
  readonly way: string | null;
  /** As `18.4`, for the end of a run; left out where nobody said it. */
  readonly version?: string;
  /** What suites put in front of a server, as a pooler: no suite is told by its name. */
  readonly beside?: true;
}

type Env = Readonly<Record<string, string | undefined>>;

/** ENGINES, a comma list, narrows what the suites run on. */
export function isAskedFor(name: string, env: Env): boolean {
  const asked = list(env['ENGINES']);
  return asked.length === 0 || asked.includes(name);
}

/** One line for the end of a run: `engines: postgres14 embedded 14.23, … MISSING: postgres16`. */
export function summary(entries: readonly Entry[], env: Env): string {
  const used = entries
    .filter((entry) => entry.way !== null && isAskedFor(entry.name, env))
    .map(({ name, way, version }) => [name, way, version ?? ''].join(' ').trim());
  const missing = entries.filter((entry) => entry.way === null).map((entry) => entry.name);
  const left = entries.filter((entry) => entry.way !== null && !isAskedFor(entry.name, env)).map((entry) => entry.name);
  const parts = [`engines: ${used.join(', ') || 'none'}`];
  if (left.length > 0) parts.push(`not asked for (ENGINES): ${left.join(', ')}`);
  if (missing.length > 0) parts.push(`MISSING: ${missing.join(', ')}`);
  return parts.join('. ');
}

/** What REQUIRE_ENGINES (a comma list, or `all`) wants and this run does not have; [] is good. */
export function unmet(entries: readonly Entry[], env: Env): readonly string[] {
  const wanted = list(env['REQUIRE_ENGINES']);
  const names = wanted.includes('all') ? entries.map((entry) => entry.name) : wanted;
  return names.filter((name) => !entries.some((entry) => entry.name === name && entry.way !== null && isAskedFor(name, env)));
}

/** Names in a list that no engine answers to: a typing error there would silently test nothing. */
export function unknown(entries: readonly Entry[], env: Env): readonly string[] {
  const named = [
    ...list(env['ENGINES']),
    ...[...list(env['REQUIRE_ENGINES']), ...list(env['FULL']).map(withoutWhole)].filter((name) => !['all', '1'].includes(name)),
  ];
  return named.filter((name) => !entries.some((entry) => entry.name === name));
}

/** What a program says of itself after `--version`: the first number in it. */
export function versionSaid(program: string): { readonly version?: string } {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const version = status === 0 ? /\d+(?:\.\d+)+/.exec(stdout)?.[0] : undefined;
  return version === undefined ? {} : { version };
}

/** `postgres16/worlds`: without what of the suites is run whole. */
function withoutWhole(name: string): string {
  return WHOLES.reduce((left, whole) => (left.endsWith(`/${whole}`) ? left.slice(0, -whole.length - 1) : left), name);
}

/** FULL=turn: one version after the other, and one kind of what can be run whole after the other, another pair with each seed. */
export function inTurn(entries: readonly Entry[], seed: number): string {
  const names = entries.filter(({ beside, way }) => !beside && way !== null).map(({ name }) => name);
  if (names.length === 0) return '';
  const [turn, round] = [seed % names.length, Math.floor(seed / names.length)];
  return `${names[turn] ?? ''}/${WHOLES[(turn + round) % WHOLES.length] ?? ''}`;
}

function list(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
