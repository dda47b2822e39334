import type { Observation } from '../../../engine/index.ts';
import type { Observed, Resource, Command } from '../../../model/index.ts';
import { rulesFor } from '../commands.ts';
import { bearer, type Mark, markRule } from '../marks/mark.ts';
import { secretName } from '../names.ts';
import { basisOf } from '../observe/basis.ts';
import { factsOf } from '../observe/server.ts';
import { isSeen, profileOf, type UserSpec } from '../spec.ts';
import { command } from '../words.ts';

/** A user as it is to be on this server: what depends on the server is filled in. */
export interface Rules {
  readonly keys: readonly string[];
  readonly channels: readonly string[];
  /** Sorted names with blanks between. */
  readonly commands: string;
  /** As `AclUser` has it. */
  readonly databases: string;
  /** The number of the app's database; null: there is none for it. */
  readonly database: number | null;
  readonly twoPasswords: boolean;
  /** The server knows rules for databases. */
  readonly databaseRules: boolean;
}

export function rulesOf(desired: Resource<UserSpec>, observation: Observation): Rules {
  const { spec, app, address } = desired;
  const basis = basisOf(observation);
  const inOne = spec.access === 'database' || spec.access === 'database-reader';
  const database = inOne ? (basis.databases.get(app ?? '') ?? null) : spec.database;
  const { databaseRules } = factsOf(observation.server);
  return {
    keys: spec.keys,
    channels: channelsIn(spec, database),
    commands: basis.commands.get(profileOf(spec)) ?? '',
    databases: databaseRule(spec, database, databaseRules),
    database,
    twoPasswords: basis.twoPasswords.has(address.name),
    databaseRules,
  };
}

/** Libraries put the number of their database into names of channels, and it may be the server's state that chose it. */
export function channelsIn({ channels }: Pick<UserSpec, 'channels'>, database: number | null): readonly string[] {
  return database === null ? channels : channels.map((one) => one.replaceAll('{database}', String(database))).sort();
}

function databaseRule(spec: UserSpec, database: number | null, known: boolean): string {
  if (!known || spec.access === 'instance' || spec.access === 'instance-reader' || spec.relax.includes('select')) return 'all';
  return database === null ? '' : String(database);
}

/** The one command that makes a user, or makes it as it should be, whatever it was. Only the hash of a password is sent. */
export function setUser(desired: Resource<UserSpec>, observed: Observed | null, rules: Rules, mark: Mark): Command {
  const { name, instance } = desired.address;
  // What was adopted keeps its passwords, which cotenant does not know: everything else of it is reset.
  const keeps = desired.spec.adopt && observed !== null && isSeen(observed, 'user') && !observed.spec.noPassword;
  const start = keeps
    ? ['on', 'sanitize-payload', 'resetkeys', 'clearselectors']
    : ['reset', 'on', '#:password', ...(rules.twoPasswords ? ['#:password2'] : [])];
  const rule = command(
    'ACL',
    'SETUSER',
    name,
    ...start,
    ...rules.keys.map((pattern) => (pattern.startsWith('%') ? pattern : `~${pattern}`)),
    'resetchannels',
    ...rules.channels.map((pattern) => `&${pattern}`),
    ...(rules.databases === 'all'
      ? keeps && rules.databaseRules
        ? ['alldbs']
        : []
      : ['resetdbs', ...(rules.databases === '' ? [] : [`db=${rules.databases}`])]),
    '-@all',
    ...rulesFor(rules.commands.split(' ').filter((name) => name !== '')),
    markRule(mark),
  );
  if (keeps) return rule;
  const secret = { secret: desired.spec.secret };
  return {
    ...rule,
    secrets: { password: secret, ...(rules.twoPasswords ? { password2: { secret: secretName(instance, name, 2) } } : {}) },
  };
}

/** What the mark of a user says before anything is complete. */
export function markOf(desired: Resource<UserSpec>, rules: Rules, project: string): Mark {
  const { access, prefix } = desired.spec;
  return {
    project,
    app: desired.app ?? desired.address.name,
    ...bearer(desired.app ?? desired.address.name, desired.address.name),
    access,
    ...(prefix === '' ? {} : { prefix }),
    ...((access === 'database' || access === 'database-reader') && rules.database !== null ? { database: rules.database } : {}),
  };
}
