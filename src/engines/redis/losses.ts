import type { Observation } from '../../engine/index.ts';
import type { Loss } from '../../model/index.ts';
import { literalStart, prefixOf } from './glob.ts';
import type { Input } from './compile/draft.ts';
import type { Grant } from './rights.ts';

/** What a user can do less by the second list than by the first, in words; [] where it can do all of it still. */
export function lossesBetween(before: readonly Grant[], after: readonly Grant[]): readonly string[] {
  const worse = uncoveredGrants(before, after);
  if (worse.length === 0) return [];
  const [had, has] = [joined(worse), joined(after)];
  const commands = [...had.commands].filter((name) => !has.commands.has(name)).toSorted();
  const out = [
    ...(commands.length === 0 ? [] : [`run ${commands.map((name) => name.toUpperCase().replace('|', ' ')).join(', ')}`]),
    ...uncovered(had.keys, has.keys).map((pattern) => `keys ${keyWords(pattern)}`),
    ...uncovered(had.channels, has.channels).map((pattern) => `channels ${pattern}`),
    ...worse.flatMap(({ databases }) => databaseWords(databases, after)),
  ];
  return out.length > 0
    ? [...new Set(out)]
    : worse.map(({ keys, channels }) => `what its rules allow together on ${[...keys, ...channels].join(' ')}`);
}

/** True where everything that the first list allows the second one allows too. */
export function isSubset(some: readonly Grant[], all: readonly Grant[]): boolean {
  return uncoveredGrants(some, all).length === 0;
}

/** A grant may be spread over several: each command of it has to stand somewhere with all of its keys and channels. */
function uncoveredGrants(before: readonly Grant[], after: readonly Grant[]): readonly Grant[] {
  return before.filter(
    (grant) =>
      isSomething(grant) && !grant.commands.split(' ').every((name) => after.some((other) => covers(other, { ...grant, commands: name }))),
  );
}

/** What goes with a login as a whole. `how`: the way in, as `connect`. */
export function allOf(how: string, grants: readonly Grant[]): readonly string[] {
  const { keys, channels } = joined(grants.filter(isSomething));
  return [how, ...keys.map((pattern) => `keys ${keyWords(pattern)}`), ...channels.map((pattern) => `channels ${pattern}`)];
}

interface Who {
  readonly who: string;
  readonly of: string | null;
  readonly keep?: string;
  /** The word that agrees to it, where the manifest names whose it is and does not keep it. */
  readonly confirm?: string;
}

type People = Pick<Input, 'operators' | 'known'>;

/**
 * A user that the manifest names, whose loss wants its name all the same; null: nobody that it names. `withApp`: what goes is the
 * data of an app that is deleted, which an operator's name need not agree to besides.
 */
export function named({ operators, known }: People, user: string, withApp = false): Pick<Who, 'of' | 'confirm'> | null {
  if (operators.some(({ name }) => name === user)) return withApp ? { of: user } : { of: user, confirm: user };
  return known.some((one) => one.user === user) ? { of: user, confirm: user } : null;
}

/** No loss at all where nothing goes. */
export function loss({ who, of, keep, confirm }: Who, what: readonly string[], observation: Observation): readonly Loss[] {
  return what.length === 0
    ? []
    : [{ who, of, what, sessions: sessionsOf(observation, who), keep: keep ?? null, ...(confirm === undefined ? {} : { confirm }) }];
}

/** Connections of each user when the server was looked at. Not a part of what decides a plan: they come and go. */
const sessions = new WeakMap<Observation, ReadonlyMap<string, number>>();

export function withSessions(observation: Observation, open: ReadonlyMap<string, number>): Observation {
  sessions.set(observation, open);
  return observation;
}

function sessionsOf(observation: Observation, user: string): number | null {
  const open = sessions.get(observation);
  return open === undefined ? null : (open.get(user) ?? 0);
}

function isSomething({ commands, databases }: Grant): boolean {
  return commands !== '' && databases !== '';
}

function covers(after: Grant, before: Grant): boolean {
  const allowed = new Set(after.commands.split(' '));
  return (
    before.commands.split(' ').every((name) => allowed.has(name)) &&
    uncovered(before.keys, after.keys).length === 0 &&
    uncovered(before.channels, after.channels).length === 0 &&
    databaseWords(before.databases, [after]).length === 0
  );
}

function joined(grants: readonly Grant[]): { commands: Set<string>; keys: readonly string[]; channels: readonly string[] } {
  return {
    commands: new Set(grants.flatMap(({ commands }) => commands.split(' ')).filter((name) => name !== '')),
    keys: [...new Set(grants.flatMap(({ keys }) => keys))],
    channels: [...new Set(grants.flatMap(({ channels }) => channels))],
  };
}

/** Patterns of which something is in none of the others. */
function uncovered(patterns: readonly string[], others: readonly string[]): readonly string[] {
  return patterns.filter((pattern) => {
    const { rights, glob } = parts(pattern);
    return !rights.every((right) => others.some((one) => parts(one).rights.includes(right) && isInside(glob, parts(one).glob)));
  });
}

function isInside(glob: string, other: string): boolean {
  if (glob === other) return true;
  const outer = prefixOf(other);
  return outer !== null && literalStart(glob).startsWith(outer);
}

function parts(pattern: string): { readonly rights: readonly string[]; readonly glob: string } {
  const [, letters, glob] = /^%([RW]{1,2})~(.*)$/isu.exec(pattern) ?? [];
  return letters === undefined ? { rights: ['R', 'W'], glob: pattern } : { rights: [...letters.toUpperCase()], glob: glob ?? '' };
}

function keyWords(pattern: string): string {
  const { rights, glob } = parts(pattern);
  return rights.length === 2 ? glob : `${glob} (to ${rights[0] === 'R' ? 'read' : 'write'})`;
}

function databaseWords(databases: string, after: readonly Grant[]): readonly string[] {
  if (databases === '' || after.length === 0 || after.some((one) => one.databases === 'all')) return [];
  const has = new Set(after.flatMap((one) => one.databases.split(',')));
  if (databases === 'all') return ['databases other than those it is held in'];
  return databases
    .split(',')
    .filter((number) => !has.has(number))
    .map((number) => `database ${number}`);
}
