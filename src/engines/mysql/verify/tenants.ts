import { READER_CONNECTIONS } from '../compile/budget.ts';
import type { LedgerRow } from '../observe/catalog.ts';
import { compile, secretName } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import { loginsOf } from '../compile/logins.ts';
import { baseName, namesOf } from '../names.ts';
import { isKind, type AccountSpec } from '../spec.ts';

/** One app or reader as an attacker and as a victim. */
export interface Tenant {
  readonly app: string;
  readonly isReader: boolean;
  /** The login that comes to the attack, and the one that waits for its next rotation. */
  readonly logins: readonly [string, string];
  readonly secret: string;
  readonly as: 'owner' | 'rw' | 'read';
  /** All logins of the app, this one among them, and their users. */
  readonly entries: readonly Entry[];
  readonly users: ReadonlySet<string>;
  /** The database that it lives in; a reader: the first that it reads; '' where there is none. */
  readonly database: string;
  readonly connections: number;
  readonly events: boolean;
  /** Apps whose data it reads on purpose, with the database of each. */
  readonly reads: readonly { readonly app: string; readonly database: string }[];
  /** What the manifest asks for, by account. */
  readonly accounts: ReadonlyMap<string, AccountSpec>;
  /** Accounts that it had under other names or hosts: nobody logs in with them, and they may be definers. */
  readonly former: ReadonlySet<string>;
}

/** One login as an attacker. */
type Entry = Pick<Tenant, 'logins' | 'secret' | 'connections' | 'as'>;

/** Everybody who has a login on the instance. */
export function tenantsOf(input: Input): readonly Tenant[] {
  const accounts = new Map<string, Map<string, AccountSpec>>();
  for (const one of compile(input).resources) {
    if (!isKind(one, 'account') || one.app === null) continue;
    const map = accounts.get(one.app) ?? new Map<string, AccountSpec>();
    map.set(one.address.name, one.spec);
    accounts.set(one.app, map);
  }
  const none: ReadonlyMap<string, AccountSpec> = new Map();
  const apps = input.placements.map(({ app, placement }): Tenant => {
    const { database } = namesOf(app, placement);
    const entries = loginsOf(app, placement).map(({ slots, connections, as }): Entry => {
      return { logins: slots, secret: secretName(input.name, slots[0]), connections, as };
    });
    return {
      app,
      isReader: false,
      ...(entries[0] as Entry),
      entries,
      users: new Set(entries.flatMap((one) => one.logins)),
      database,
      events: placement.relax.events === true,
      reads: [],
      accounts: accounts.get(app) ?? none,
      former: new Set(),
    };
  });
  const databases = new Map(apps.map(({ app, database }) => [app, database]));
  const readers = input.readers.map((reader): Tenant => {
    const { logins } = namesOf(baseName(reader.name));
    const reads = reader.reads.flatMap((app) => (databases.has(app) ? [{ app, database: databases.get(app) ?? '' }] : []));
    const connections = reader.connections ?? READER_CONNECTIONS;
    const entry: Entry = { logins, secret: secretName(input.name, logins[0]), connections, as: 'read' };
    return {
      app: reader.name,
      isReader: true,
      ...entry,
      entries: [entry],
      users: new Set(logins),
      database: reads[0]?.database ?? '',
      events: false,
      reads,
      accounts: accounts.get(reader.name) ?? none,
      former: new Set(),
    };
  });
  return [...apps, ...readers];
}

/** The same, with what the ledger says of accounts that the manifest does not ask for any more. */
export function withFormer(tenants: readonly Tenant[], ledger: readonly LedgerRow[] | null, project: string): readonly Tenant[] {
  const rows = (ledger ?? []).filter((row) => row.kind === 'account' && row.project === project && row.retired === null);
  const byApp = Map.groupBy(rows, (row) => row.app ?? '');
  return tenants.map((tenant) => {
    const keys = (byApp.get(tenant.app) ?? []).map(({ name }) => name).filter((name) => !tenant.accounts.has(name));
    return keys.length === 0 ? tenant : { ...tenant, former: new Set(keys) };
  });
}
