/** What `operators.<login>.may` can say here. Each word but `connect` brings `connect` with it: nothing is done without a session. */
export const operatorRights = {
  connect: 'CONNECT on every database of the instance: those of the apps, `postgres` and `template1`',
  'read-all': 'reads every table, view and sequence, as a dump does: member of `pg_read_all_data`',
  'bypass-rls': 'reads past row level security, as a dump of level `rows` needs beside `read-all`: attribute BYPASSRLS',
  monitor: 'reads what the server counts and how it is set: member of `pg_monitor`',
  replication: 'streams what is written, as a replica, a base backup or change data capture does: attribute REPLICATION',
  'auth-query':
    'looks passwords up for a pooler: the SECURITY DEFINER functions of superusers that it may execute, and their schemas, keep owner and rights',
} as const satisfies Readonly<Record<string, string>>;

const GROUPS: ReadonlyMap<string, string> = new Map([
  ['read-all', 'pg_read_all_data'],
  ['monitor', 'pg_monitor'],
]);

const ATTRIBUTES = new Map([
  ['replication', 'replication'],
  ['bypass-rls', 'bypassRls'],
] as const);

export type OperatorAttribute = 'replication' | 'bypassRls';

/** kind `operator`, named by its login: what the manifest gives it, and how much of that it has. */
export interface OperatorSpec {
  /** Databases with CONNECT. */
  readonly connect: readonly string[];
  /** Roles of the server's own. */
  readonly groups: readonly string[];
  readonly attributes: readonly OperatorAttribute[];
  /** Observed: statements for what is missing and this admin cannot grant. */
  readonly beyond: readonly string[];
  /** Observed: the app whose login it is, by its mark, of whatever project. */
  readonly tenant?: string;
}

export function groupsOf(may: readonly string[]): readonly string[] {
  return may.flatMap((word) => GROUPS.get(word) ?? []);
}

export function attributesOf(may: readonly string[]): readonly OperatorAttribute[] {
  return may.flatMap((word) => ATTRIBUTES.get(word as 'replication') ?? []);
}
