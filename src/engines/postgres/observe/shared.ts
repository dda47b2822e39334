import { candidatesOf, type SecretSource, type ServerFacts } from '../../../engine/index.ts';
import type { Observed, Resource } from '../../../model/index.ts';
import { lookUp, putIn } from '../../../util/record.ts';
import { parseAcl } from '../acl.ts';
import type { Connection } from '../connect/connection.ts';
import { role } from '../kinds/role.ts';
import { factsOf } from '../kinds/kind.ts';
import { secretName } from '../compile/roles.ts';
import { copiedRoles } from '../marks/copied-roles.ts';
import { claimsOf, copiesAmong, withoutMarks } from '../marks/copies.ts';
import { among, type MarkedObjects, type Unproven, unprovenMarks } from '../marks/unproven.ts';
import { readMark, textOf, writeMark } from '../marks/mark.ts';
import type { ObserveContext } from './observe.ts';
import type { Input } from '../compile/draft.ts';
import { apartFrom } from '../judge/apart.ts';
import { lostMarks } from '../judge/lost-marks.ts';
import { marksOf, ownedIn, type Owners, tieOf } from '../judge/owners.ts';
import { databaseResources } from './databases.ts';
import { retired } from './retired.ts';
import { heirsOf } from './heirs.ts';
import { passwordStates, renamedPassword } from './passwords.ts';
import { type RoleRow, type SharedRows, sharedQuery } from '../queries/shared.ts';
import { acceptedLogins, closedRole } from '../retire/retired-spec.ts';
import { parseSettings } from '../settings.ts';
import { isKind, type RoleSpec } from '../spec.ts';
import { append } from '../../../util/append.ts';

/** What says whose a role or database is: the manifest, and the secret store. */
interface Claimants {
  readonly input: Input;
  readonly desired: readonly Resource[];
  readonly secrets: SecretSource;
}

/** `claimants` null: a mark is nobody's. */
export async function readShared(connection: Connection, claimants: Claimants | null): Promise<SharedRows> {
  const [server, roles, members, settings, databases, publicSchema, parameters, sessions, readable, limits] = await connection.rows(
    sharedQuery(connection.version, connection.superuser),
  );
  // The shapes stand beside the statements in queries/shared.ts.
  const whole = {
    server,
    roles,
    members,
    settings,
    databases,
    publicSchema,
    parameters,
    sessions,
    readable,
    limits,
  } as unknown as SharedRows;
  if (claimants === null) return { ...whole, copies: new Map(), copied: new Map(), lost: [], unproven: [] };
  const { input, desired, secrets } = claimants;
  const evidence = { ...input, desired, hasSecret: hasSecretOf(input, secrets), verifiers: verifiersOf(input, secrets) };
  const unproven = unprovenMarks(markedIn(whole), evidence);
  const read = { ...withProven(whole, unproven), unproven };
  const copied = copiedRoles(markedIn(read), input.project, evidence);
  const rows = { ...read, roles: withoutMarks(read.roles, 10, (name) => copied.has(name)), copied };
  // Of a mark that proves nothing is told already.
  const isUnproven = { role: among(unproven, 'role'), database: among(unproven, 'database') };
  const lost = lostMarks(input, rows, desired, secrets).filter(({ kind, name, proven }) => proven || !isUnproven[kind](name));
  const found = new Map(lost.flatMap(({ kind, name, mark, proven }) => (kind === 'database' && proven ? [[name, writeMark(mark)]] : [])));
  const bearing = rows.databases.map((row) => ({ name: row[0], comment: found.get(row[0]) ?? row[9], age: row[11], acl: row[8] }));
  const copies = copiesAmong(bearing, claimsOf(input, desired));
  if (copies.size === 0) return { ...rows, copies, lost };
  return { ...rows, databases: withoutMarks(rows.databases, 9, (name) => copies.has(name)), copies, lost };
}

/** What the shared catalogs say of marks. */
function markedIn({ server, roles, members, databases }: SharedRows): MarkedObjects {
  const isReadable = server[0]?.[1] === true;
  return {
    roles: roles.map((row) => ({ name: row[0], login: row[1], comment: row[10], ...(isReadable ? { verifier: row[11] } : {}) })),
    members,
    operators: new Set([server[0]?.[0] ?? '', ...roles.flatMap((row) => (row[3] ? [row[0]] : []))]),
    databases: databases.map((row) => ({
      name: row[0],
      owner: row[1],
      comment: row[9],
      acl: row[8],
    })),
  };
}

function withProven(rows: SharedRows, unproven: readonly Unproven[]): SharedRows {
  if (unproven.length === 0) return rows;
  return {
    ...rows,
    roles: withoutMarks(rows.roles, 10, among(unproven, 'role')),
    databases: withoutMarks(rows.databases, 9, among(unproven, 'database')),
  };
}

/** Whether the secret store has a password of a login. */
export function hasSecretOf({ name }: Pick<Input, 'name'>, secrets: SecretSource): (login: string) => boolean {
  return (login) => candidatesOf(secrets, { secret: secretName(name, login) }).length > 0;
}

/** What the server was sent in place of a login's password. */
function verifiersOf({ name }: Pick<Input, 'name'>, secrets: SecretSource): (login: string) => readonly string[] {
  return (login) => candidatesOf(secrets, { secret: secretName(name, login) }).flatMap(({ derived }) => derived ?? []);
}

/** What decides what can be done here: who we are, what we may, which version. */
export function serverFacts(rows: SharedRows, desired: readonly Resource[]): ServerFacts {
  const [row] = rows.server;
  if (!row) throw new Error('the server did not say who we are');
  const [
    user,
    superuser,
    createRole,
    createDatabase,
    version,
    maxConnections,
    reservedConnections,
    release,
    passwordEncryption,
    endsSessions,
    denied,
    port,
    listens,
  ] = row;
  const asked = new Set(desired.flatMap((one) => (isKind(one, 'role') ? Object.keys(one.spec.settings) : [])));
  const deniedSettings = (denied ?? '').split(',').filter((name) => asked.has(name));
  return {
    user,
    superuser,
    createRole,
    createDatabase,
    version,
    maxConnections,
    reservedConnections,
    release,
    passwordEncryption,
    endsSessions,
    deniedSettings,
    port,
    listens,
  };
}

export async function sharedResources(
  context: ObserveContext,
  rows: SharedRows,
  owners: Owners,
  desired: readonly Resource[],
): Promise<Observed[]> {
  const { input } = context;
  const server = serverFacts(rows, desired);
  const secrets = new Map(
    desired.flatMap((one) => (isKind(one, 'role') && one.spec.secret !== null ? [[one.address.name, one.spec.secret] as const] : [])),
  );
  const adopted = new Set(desired.flatMap((one) => (isKind(one, 'role') && one.spec.adopt ? [one.address.name] : [])));
  const readable = Boolean(rows.server[0]?.[1]);
  const passwords = await passwordStates(rows.roles, secrets, context.secrets, { readable, adopted });
  const isSent = (role: string): boolean =>
    candidatesOf(context.secrets, { secret: secretName(input.name, role) }).some(({ derived }) => derived !== null);
  const wanted = new Map(desired.map((one) => [`${one.address.kind}/${one.address.name}`, one.app]));
  const found: Observed[] = [];
  const address = (kind: string, name: string) => ({ engine: 'postgres', instance: input.name, kind, name });
  const relations = roleRelations(rows, owners, (name) => owners.role(name) !== undefined || adopted.has(name));
  const applied = new Set<string | null>(
    marksOf(rows, input.project, new Map()).flatMap((one) => (one.retired === null && one.applied !== null ? [one.app] : [])),
  );
  const apart = await apartFrom(context, desired, rows, owners);
  for (const row of rows.roles) {
    const mark = owners.role(row[0]);
    const why = apart.get(row[0]);
    const claim = wanted.get(`role/${row[0]}`);
    if (!mark && claim === undefined) continue;
    if (mark && mark.project !== input.project && claim === undefined) continue;
    const spec = roleSpec(row, relations, passwords.get(row[0]) ?? { password: 'none' }, secrets.get(row[0]) ?? null, {
      ...heirsOf(row[0], rows, owners, adopted),
      ...renamedPassword(row, readable, isSent),
    });
    const owned = ownedIn(mark, input.project);
    // What serves several apps waits for the next one.
    const kept = claim === undefined && mark?.app === null && mark.share === undefined && !row[1];
    if (mark?.retired) {
      const closed = closedRole(spec, (name) => owners.role(name)?.app === mark.app, acceptedLogins(input));
      const one = retired(input, mark, `role/${row[0]}`, { was: mark.was ?? row[0], day: mark.retired, login: row[1], role: spec });
      found.push({ ...one, kept: role.statements(row[0], spec, closed, factsOf(server)).revokes.length === 0 });
    } else {
      const seen = {
        ...spec,
        ...tieOf(mark, owners, ['role', row[0]]),
        ...(why === undefined ? {} : { apart: why }),
        ...(!owned ? { unapplied: 'other' as const } : applied.has(mark?.app ?? null) ? {} : { unapplied: 'begun' as const }),
        ...(mark?.ending === undefined ? {} : { ending: mark.ending }),
        ...(mark?.shut === undefined ? {} : { shut: mark.shut }),
      };
      found.push({ address: address('role', row[0]), app: mark?.app ?? claim ?? null, spec: seen, owned, ...(kept ? { kept } : {}) });
    }
  }
  return [...found, ...databaseResources(context, rows, owners, wanted)];
}

/** A membership that nobody but strangers gave. */
const BORROWED = 'given by others';

interface Relations {
  readonly memberOf: ReadonlyMap<string, Record<string, string>>;
  readonly outsiders: ReadonlyMap<string, ReadonlySet<string>>;
  readonly grantors: ReadonlyMap<string, Record<string, string[]>>;
  readonly beyond: ReadonlyMap<string, Record<string, string>>;
  readonly settings: ReadonlyMap<string, Record<string, string>>;
  readonly parameters: ReadonlyMap<string, string[]>;
}

/** `ours`: also what is adopted only now, so that the first plan tells who is in it and has to go. */
function roleRelations(rows: SharedRows, owners: Owners, ours: (role: string) => boolean): Relations {
  const memberOf = new Map<string, Record<string, string>>();
  const outsiders = new Map<string, Set<string>>();
  const grantors = new Map<string, Record<string, string[]>>();
  const beyond = new Map<string, Record<string, string>>();
  const settings = new Map<string, Record<string, string>>();
  const parameters = new Map<string, string[]>();
  const admin = rows.server[0]?.[0];
  const version = rows.server[0]?.[4] ?? 0;
  const given = new Set<string>();
  const superusers = new Set(rows.roles.filter((row) => row[3]).map((row) => row[0]));
  const gave = (role: string, peer: string, grantor: string): void => {
    const peers = grantors.get(role) ?? {};
    putIn(peers, peer, [...(lookUp(peers, peer) ?? []), grantor]);
    grantors.set(role, peers);
  };
  for (const [group, member, grantable, inherit, set, grantor, revocable] of rows.members) {
    const mine = memberOf.get(member) ?? {};
    const options = new Set((lookUp(mine, group) ?? '').split(',').filter(Boolean));
    if (grantable) options.add('admin');
    if (inherit) options.add('inherit');
    if (set) options.add('set');
    // From 16 on it ends with the rights of the one who gave it, so a membership of ours is given by the operator.
    if (version < 160000 || grantor === admin || superusers.has(grantor)) given.add(`${member}\0${group}`);
    putIn(mine, group, [...options].sort().join(','));
    memberOf.set(member, mine);
    const stranger = ours(group) && !ours(member) && !owners.accepted.has(member) && member !== admin && !superusers.has(member);
    if (revocable) {
      gave(member, group, grantor);
      gave(group, member, grantor);
      if (stranger) outsiders.set(group, (outsiders.get(group) ?? new Set()).add(member));
    } else {
      if (ours(member)) beyond.set(member, { ...beyond.get(member), [group]: grantor });
      if (stranger) beyond.set(group, { ...beyond.get(group), [member]: grantor });
    }
  }
  for (const [member, mine] of memberOf) {
    for (const [group, options] of Object.entries(mine))
      if (!given.has(`${member}\0${group}`)) putIn(mine, group, `${options},${BORROWED}`);
  }
  for (const [database, role, config] of rows.settings) {
    if (role === '') continue;
    const all = settings.get(role) ?? {};
    for (const [key, value] of Object.entries(parseSettings(config))) putIn(all, database === '' ? key : `${database}/${key}`, value);
    settings.set(role, all);
  }
  for (const [parameter, acl] of rows.parameters) {
    for (const [grantee, letters] of Object.entries(parseAcl(acl))) append(parameters, grantee, `${parameter}=${letters}`);
  }
  return { memberOf, outsiders, grantors, beyond, settings, parameters };
}

function roleSpec(
  row: RoleRow,
  relations: Relations,
  password: Pick<RoleSpec, 'password' | 'staged'>,
  secret: string | null,
  more: Pick<RoleSpec, 'heirs' | 'parameterHeirs' | 'md5'>,
): RoleSpec {
  const [name, login, inherit, superuser, createRole, createDatabase, replication, bypassRls, connectionLimit, validUntil, comment] = row;
  const mark = readMark(comment);
  return {
    purpose: 'login',
    login,
    inherit,
    superuser,
    createRole,
    createDatabase,
    replication,
    bypassRls,
    connectionLimit,
    validUntil: validUntil === 'infinity' ? null : validUntil,
    memberOf: relations.memberOf.get(name) ?? {},
    settings: relations.settings.get(name) ?? {},
    outsiders: [...(relations.outsiders.get(name) ?? [])].sort(),
    grantors: relations.grantors.get(name) ?? {},
    beyond: relations.beyond.get(name) ?? {},
    parameters: relations.parameters.get(name) ?? [],
    ...more,
    ...password,
    secret,
    adopt: false,
    mark: mark ? writeMark({ project: mark.project, app: mark.app, ...(mark.share ? { share: mark.share } : {}) }) : '',
    ...textOf(comment),
  };
}
