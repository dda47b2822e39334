import { candidatesOf, hashesOf, type AppMark, type Observation, type SecretSource } from '../../../engine/index.ts';
import { type Foreign, fail, type Observed } from '../../../model/index.ts';
import { type AclUser, parseAclLine } from '../acl.ts';
import { fileDifferences } from './acl-file.ts';
import { allowedCommands, commandTable } from '../commands.ts';
import { compile } from '../compile/compile.ts';
import { type Connection, listOf } from '../connect/connection.ts';
import { assignDatabases } from '../compile/databases.ts';
import { ENGINE, type Input } from '../compile/draft.ts';
import { includedUsers } from './included.ts';
import { loginsOf } from '../compile/logins.ts';
import { isLedger, strangeLedger } from '../marks/ledger.ts';
import { withSessions } from '../losses.ts';
import { DEFAULT_USER, secretName } from '../names.ts';
import type { Mark } from '../marks/mark.ts';
import { toldOfUnproven, unprovenMarks, withoutMarks } from '../marks/proven.ts';
import { lostUsers, toldOfLost } from './lost.ts';
import { toldOfLooks } from './looks-made.ts';
import { operatorCommands, operatorProfile } from '../operators.ts';
import { changedOthers, othersOf } from './others.ts';
import { fixedDatabase } from '../compile/places.ts';
import { grantReader, type Grants } from '../rights.ts';
import { connectionsOf } from './clients.ts';
import { weighRetired } from './sample.ts';
import { Moment, readKeysThere } from './keys-there.ts';
import { databasesWithKeys } from '../retire/sweep.ts';
import { renamedHint } from '../connect/trouble.ts';
import { readServer } from './server.ts';
import {
  type AccessListSeen,
  type DefaultSeen,
  isSeen,
  isWanted,
  type LedgerSeen,
  type OperatorSeen,
  profileOf,
  type RetiredSeen,
  type UserSeen,
} from '../spec.ts';
import type { WrittenBasis } from './basis.ts';
import { sha256 } from '../../../util/canonical.ts';

export interface ObserveContext {
  readonly input: Input;
  readonly secrets: SecretSource;
  readonly connection: Connection;
  /** As whom cotenant is logged in, and where the server is. */
  readonly user: string;
  readonly host: string;
}

/** Everything in two round trips: the users, the command table, what the server says of itself. */
export async function observe({ input, secrets, connection, user, host }: ObserveContext): Promise<Observation> {
  const [server, [list, table, clients]] = await Promise.all([
    readServer(connection, user),
    connection.pipeline([['ACL', 'LIST'], ['COMMAND'], ['CLIENT', 'LIST']]),
  ]);
  if (list instanceof Error || table instanceof Error) throw notAllowed(input.name, user, list instanceof Error ? list : table);
  const asked = new Map(compile(input).resources.flatMap((one) => (isWanted(one, 'user') ? [[one.address.name, one.app] as const] : [])));
  const all = listOf(list).map((line) => parseAclLine(String(line)));
  const unproven = unprovenMarks(all, { input, secrets, wanted: asked });
  const users = withoutMarks(all, unproven);
  const address = (kind: string, name: string) => ({ engine: ENGINE, instance: input.name, kind, name });
  const commands = commandTable(table);
  const grantsOf = grantReader(commands);
  const profiles = new Map(
    compile(input).resources.flatMap((one) => (isWanted(one, 'user') ? [[profileOf(one.spec), one.spec] as const] : [])),
  );
  const holds = await weighRetired(input, users, connection);
  const words = new Set(compile(input).resources.flatMap((one) => (isWanted(one, 'operator') ? one.spec.may : [])));
  const operatorWords = words.size === 0 ? [] : [...new Set([...words, 'connect' as const])];
  const lost = lostUsers(users, { input, secrets, user });
  const resources = users
    .filter(({ name }) => name !== user || name === DEFAULT_USER)
    .map((one) => resourceOf(one, { input, secrets, address, grantsOf, holds, wanted: asked, lost: lost.proven }));
  const used = new Set(needsDatabases(input) ? await databasesWithKeys(connection) : []);
  const had = databasesNoted(input, secrets, resources);
  const databases = assignDatabases({ input, resources, databases: server.databases, used, noted: had });
  const unplaced = [...had].filter(([app]) => databases.get(app) === null);
  const basis: WrittenBasis = {
    commands: [
      ...[...profiles].map(([profile, { access, relax }]): [string, string] => [
        profile,
        allowedCommands(commands, access, relax).join(' '),
      ]),
      ...operatorWords.map((word): [string, string] => [operatorProfile(word), operatorCommands(commands, word).join(' ')]),
    ],
    databases: [...databases],
    ...(unplaced.length === 0 ? {} : { lost: unplaced }),
    twoPasswords: secondPasswords(input, secrets),
  };
  const wanted = new Set(compile(input).resources.map((one) => one.address.name));
  const differences = await fileDifferences(host, server.usersFile, { input, users, grantsOf, operator: user, wanted });
  const included = server.saving === 'config' && differences !== null ? await includedUsers(server.usersFile) : [];
  const noted = users.find(({ name, mark }) => isLedger(name) && mark?.project === input.project)?.mark?.others ?? null;
  const unread = { changed: changedOthers(noted, othersOf(listOf(list).map(String), user)) };
  const seenFile: AccessListSeen =
    differences === null ? { differences: [], unread, included: [] } : { differences, unread: null, included };
  const file: Observed[] =
    server.saving === 'none' ? [] : [{ address: address('access-list', 'file'), app: null, spec: seenFile, owned: false }];
  const observation: Observation = {
    resources: [...resources, ...operatorsSeen(users, input, grantsOf, address), ...file],
    marks: marksOf(users, input),
    foreign: foreignOf(users, input, user, address),
    server: { ...server },
    basis,
    diagnostics: [
      ...strangeLedger(all, input),
      ...toldOfUnproven(unproven, input),
      ...toldOfLost(lost, new Set(asked.keys()), input),
      ...toldOfLooks(all, { input, table: commands, grantsOf, except: new Set([user, ...asked.keys(), ...lost.proven, ...lost.replaced]) }),
    ],
    facts: new Moment(await readKeysThere(resources, { input, secrets, connection, had })),
  };
  return withSessions(observation, connectionsOf(String(clients)));
}

/** Logins of the operator, as they are. They stand among the users as well: what they can reach counts like anybody's. */
function operatorsSeen(users: readonly AclUser[], input: Input, grantsOf: Grants, address: Addressing): readonly Observed[] {
  const byName = new Map(users.map((user) => [user.name, user]));
  return compile(input).resources.flatMap((one): Observed[] => {
    const user = isWanted(one, 'operator') ? byName.get(one.address.name) : undefined;
    if (!user) return [];
    const spec: OperatorSeen = { enabled: user.enabled, noPassword: user.noPassword, grants: grantsOf(user) };
    return [{ address: address('operator', user.name), app: null, spec, owned: false }];
  });
}

/** Users that are changing from one password to the next: both are let in. */
function secondPasswords(input: Input, secrets: SecretSource): string[] {
  return compile(input).resources.flatMap((one) => {
    const { name } = one.address;
    const known = isWanted(one, 'user') && secrets.peek({ secret: secretName(input.name, name, 2) }) !== null;
    return known ? [name] : [];
  });
}

/** What the secret store says of apps that have no user any more, beside the password that was set for it. */
function databasesNoted(input: Input, secrets: SecretSource, resources: readonly Observed[]): ReadonlyMap<string, number> {
  const there = new Set(resources.flatMap((one) => (isSeen(one, 'user') && one.owned ? [one.app] : [])));
  return new Map(
    input.placements.flatMap((placed): (readonly [string, number])[] => {
      if (placed.placement.isolation !== 'database' || there.has(placed.app)) return [];
      const notes = loginsOf(placed).flatMap(({ user }) => candidatesOf(secrets, { secret: secretName(input.name, user) }));
      const [number] = notes.flatMap(({ derived }) => notedDatabase(derived) ?? []);
      return number === undefined ? [] : [[placed.app, number]];
    }),
  );
}

function needsDatabases(input: Input): boolean {
  return input.placements.some((placed) => fixedDatabase(placed) === null);
}

type Addressing = (kind: string, name: string) => Foreign['address'];

function notAllowed(instance: string, user: string, error: unknown): Error {
  return fail(
    'CT2008',
    `the login "${user}" of "${instance}" may not read the access list: ${error instanceof Error ? error.message : String(error)}`,
    {
      instance,
      hint: renamedHint(error) ?? 'log in as a user with every command: ACL SETUSER admin on >password ~* &* +@all',
    },
  );
}

interface Reading {
  readonly input: Input;
  readonly secrets: SecretSource;
  readonly address: Addressing;
  readonly grantsOf: Grants;
  /** The apps of the users that the manifest asks for. */
  readonly wanted: ReadonlyMap<string, string | null>;
  /** Users without a mark that have the project's own password. */
  readonly lost: ReadonlySet<string>;
  /** What retired apps that are to be deleted have, by their user. */
  readonly holds: ReadonlyMap<string, NonNullable<RetiredSeen['holds']>>;
}

function resourceOf(user: AclUser, reading: Reading): Observed {
  const { input, address } = reading;
  const { name, mark } = user;
  if (name === DEFAULT_USER) {
    const spec: DefaultSeen = { enabled: user.enabled, noPassword: user.noPassword, grants: reading.grantsOf(user) };
    return { address: address('default-user', name), app: null, spec, owned: false };
  }
  if (mark && isLedger(name)) {
    const mine = mark.project === input.project;
    const spec: LedgerSeen = { shared: mark.shared ?? null, unsaved: mark.unsaved === true, others: mark.others ?? null };
    return { address: address(mine ? 'ledger' : 'foreign-ledger', name), app: null, spec, owned: false };
  }
  const marked = mark?.project === input.project;
  // Somebody took its selectors away: the password that only this project's store has says whose it is.
  const lost = mark === null && reading.lost.has(name);
  const owned = marked || (lost && reading.wanted.has(name));
  const app = marked ? mark.app : lost ? (reading.wanted.get(name) ?? null) : null;
  if (mark?.retired !== undefined) {
    const { retired, was = name, access = 'prefix', prefix = '', database = -1 } = mark;
    const state = { enabled: user.enabled, grants: reading.grantsOf(user), mark, holds: reading.holds.get(name) ?? null };
    const spec: RetiredSeen = { was, day: retired, access, prefix, database, ...state };
    // Not a difference to be closed: a tombstone stays until it is brought back or dropped.
    return { address: address('retired', name), app, spec, owned: false };
  }
  return { address: address('user', name), app, spec: seen(user, reading), owned };
}

function seen({ hashes, name, rules, ...user }: AclUser, { input, secrets, grantsOf }: Reading): UserSeen {
  const candidates = candidatesOf(secrets, { secret: secretName(input.name, name) });
  const second = secrets.peek({ secret: secretName(input.name, name, 2) });
  const found = candidates.find(({ value }) => isSame(hashes, second === null ? [value] : [value, second]));
  const noted = notedDatabase((found ?? candidates.at(-1))?.derived ?? null);
  const grants = grantsOf({ ...user, rules });
  const isUnknown = candidates.length === 0 && second === null;
  const password = hashes.length === 0 ? 'none' : isUnknown ? 'unknown' : found ? 'ours' : 'other';
  const staged = found?.isStaged === true ? { staged: true } : {};
  return { ...user, commands: grants[0]?.commands ?? '', grants, password, ...staged, passwords: hashes.length, noted };
}

function isSame(hashes: readonly string[], passwords: readonly string[]): boolean {
  return hashes.length === passwords.length && passwords.every((one) => hashes.includes(sha256(one)));
}

/** Beside a password the store keeps the number of the database, so that the environment can be told without the server. */
export function databaseNote(database: number): string {
  return `database ${database}`;
}

export function notedDatabase(derived: string | null): number | null {
  const number = /^database (\d+)$/.exec(derived ?? '')?.[1];
  return number === undefined ? null : Number(number);
}

function marksOf(users: readonly AclUser[], input: Input): readonly AppMark[] {
  const ours = users.flatMap(({ mark }) => (mark?.project === input.project ? [mark] : []));
  const live = Map.groupBy(
    ours.filter(({ app, retired }) => app !== '' && retired === undefined),
    ({ app }) => app,
  );
  const shared = ours.find(({ app }) => app === '')?.shared;
  const asked = hashesOf(compile(input).resources, input).get('') !== undefined;
  return [
    ...[...live].map(([app, marks]) => ({ app, applied: sameIn(marks), retired: null })),
    ...ours.flatMap(({ app, applied, retired }) => (retired === undefined ? [] : [{ app, applied: applied ?? null, retired }])),
    ...(shared === undefined && !asked ? [] : [{ app: '', applied: shared ?? null, retired: null }]),
  ];
}

/** An app is complete where all of its logins are. */
function sameIn(marks: readonly Mark[]): string | null {
  const [first] = marks;
  return marks.every(({ applied }) => applied === first?.applied) ? (first?.applied ?? null) : null;
}

function foreignOf(users: readonly AclUser[], input: Input, operator: string, address: Addressing): readonly Foreign[] {
  const wanted = new Set(compile(input).resources.map((one) => one.address.name));
  return users
    .filter(
      ({ name, mark }) =>
        name !== operator && name !== DEFAULT_USER && !isLedger(name) && !wanted.has(name) && mark?.project !== input.project,
    )
    .map(({ name, mark, enabled }) => {
      const note = mark ? `belongs to project "${mark.project}"` : enabled ? undefined : 'switched off';
      return { address: address('user', name), ...(note === undefined ? {} : { note }) };
    });
}
