import { candidatesOf, hashesOf, type SecretSource } from '../../../engine/index.ts';
import type { Resource } from '../../../model/index.ts';
import { accountKey, type Catalog, type CatalogAccount, IMPOSSIBLE, type LedgerRow } from './catalog.ts';
import { secretName } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import { keyOf } from '../grants.ts';
import { hostReaches } from '../losses/hosts.ts';
import { isNamed } from '../judge/people.ts';
import { namesOf } from '../names.ts';
import { isRemade } from '../retire/remade.ts';
import { isHashOf } from '../connect/password-hash.ts';
import { type AccountSpec, isKind } from '../spec.ts';
import { lookUp } from '../../../util/record.ts';

export interface Owner {
  /** In use by this project. */
  readonly ours: boolean;
  /** In the ledger, of any project. */
  readonly noted: boolean;
  /** In the ledger, or recognized by its password. */
  readonly known: boolean;
  readonly app: string | null;
  readonly project: string | null;
}

/** `proven`: the ledger has the rest of its app, so that it is treated as if its row were there. Otherwise people are told. */
export interface LostEntry {
  readonly kind: 'account' | 'database';
  readonly name: string;
  readonly app: string;
  readonly proven: boolean;
  readonly account: CatalogAccount | null;
  /** Of a row that gives it to a project which has no such app: this one. Left out: there is no row. */
  readonly project?: string;
}

const NOBODY: Owner = { ours: false, noted: false, known: false, app: null, project: null };

/**
 * Whose each account and database is. The ledger says it; where that is lost, the password of a login tells as much: only this
 * project's store has it.
 */
export class Owners {
  /** `kind/name` of everything that the manifest asks for. */
  readonly wanted: ReadonlySet<string>;
  readonly #rows = new Map<string, LedgerRow>();
  /** By `kind/name`: the app of the manifest that has it, where that app is as the last complete apply left it. */
  readonly #settled = new Map<string, string>();
  readonly #secrets = new Map<string, string>();
  readonly #apps: ReadonlyMap<string, string | null>;
  /** Hosts of the manifest's logins, by user. */
  readonly #hosts: ReadonlyMap<string, readonly string[]>;
  readonly #store: SecretSource;
  readonly #project: string;
  readonly #input: Input;
  readonly #proved = new Map<string, string>();
  /** What the manifest does not name, and no row of the ledger tells of or one that was edited, and was this project's. */
  readonly lost: readonly LostEntry[];
  /** Accounts with the names of those of retired apps that somebody may have made anew, with the app. */
  readonly remade: ReadonlyMap<string, string>;
  /** Readers that were taken out and are back: they have no data that anybody could mistake. */
  readonly #returning: ReadonlySet<string>;

  constructor(input: Input, catalog: Catalog, desired: readonly Resource[], store: SecretSource) {
    this.#project = input.project;
    this.#input = input;
    this.#store = store;
    this.wanted = new Set(desired.map(({ address }) => `${address.kind}/${address.name}`));
    this.#returning = returningIn(input, catalog.ledger ?? []);
    this.#apps = new Map(desired.flatMap((one) => (isKind(one, 'account') ? [[one.address.name, one.app]] : [])));
    const logins = [...this.#apps.keys()].map((key) => userAndHost(key));
    this.#hosts = new Map([...Map.groupBy(logins, ([user]) => user)].map(([user, all]) => [user, all.map(([, host]) => host)]));
    for (const row of catalog.ledger ?? []) this.#rows.set(`${row.kind}/${row.name}`, row);
    const hashes = hashesOf(desired, input);
    for (const { address, app } of desired) {
      if (app === null) continue;
      const done = this.#rows.get(`app/${input.project}/${app}`);
      const applied = done?.retired === null ? done.applied : null;
      if (applied !== null && applied === hashes.get(app)) this.#settled.set(`${address.kind}/${address.name}`, app);
    }
    for (const one of desired) if (isKind(one, 'account') && one.spec.secret !== null) this.#secrets.set(one.address.name, one.spec.secret);
    this.#prove(catalog, desired);
    this.remade = this.#madeAnew(catalog);
    this.lost = this.#withoutEntry(catalog);
    for (const { kind, name, app, proven } of this.lost) if (proven) this.#proved.set(`${kind}/${name}`, app);
  }

  /** An operator or a known stranger of the manifest. */
  isNamed(account: { readonly user: string; readonly host: string }): boolean {
    return isNamed(this.#input, account);
  }

  /** True where a login of the manifest has the same user, from hosts that fit this account: what that has in databases, the login has. */
  lends({ user, host }: { readonly user: string; readonly host: string }): boolean {
    return (this.#hosts.get(user) ?? []).some((one) => one !== host && hostReaches(host, one));
  }

  /** The app of the manifest that is to have this account. */
  wantedBy(key: string): string | null {
    return this.#apps.get(key) ?? null;
  }

  /** Users of all accounts that the manifest asks for. */
  get users(): readonly string[] {
    return [...this.wanted].flatMap((one) => (one.startsWith('account/') ? [one.slice('account/'.length, one.lastIndexOf('@'))] : []));
  }

  /** Databases that the manifest asks for, there or not. */
  get databases(): readonly string[] {
    return [...this.wanted].flatMap((one) => (one.startsWith('database/') ? [one.slice('database/'.length)] : []));
  }

  /** True for what is this project's, or was. */
  isOfProject({ known, project }: Owner): boolean {
    return known && project === this.#project;
  }

  account(key: string): Owner {
    return this.#of(`account/${key}`);
  }

  database(name: string): Owner {
    return this.#of(`database/${name}`);
  }

  /** How its password stands to the secret store. */
  password(account: CatalogAccount, secret = this.#secrets.get(accountKey(account))): Pick<AccountSpec, 'password' | 'staged'> {
    const { plugin, hash } = account;
    const native = plugin === 'mysql_native_password';
    if (hash === IMPOSSIBLE.mysql || (native && hash !== '' && !/^\*[0-9A-F]{40}$/i.test(hash))) return { password: 'impossible' };
    const hasHash = !native && plugin !== 'caching_sha2_password' && plugin !== 'sha256_password';
    if (hash === '') return { password: hasHash ? 'other' : 'empty' };
    const candidates = secret === undefined ? [] : candidatesOf(this.#store, { secret });
    // What was sent is remembered: a comparison, where anything else is work.
    const sent = candidates.find(({ derived }) => derived === hash) ?? candidates.find(({ value }) => isHashOf(plugin, hash, value));
    if (!sent) return { password: 'other' };
    return { password: 'verified', ...(sent.isStaged ? { staged: true } : {}) };
  }

  #of(key: string): Owner {
    const row = this.#rows.get(key);
    if (row) {
      // The app has had it since: the row was edited.
      const settled = this.#settled.get(key);
      if (settled !== undefined && row.project === this.#project && row.retired === null && row.app !== settled)
        return { ours: true, noted: false, known: true, app: settled, project: this.#project };
      const returns = row.app !== null && this.#returning.has(row.app);
      const isAnew = row.kind === 'account' && this.remade.has(row.name);
      const ours = row.project === this.#project && (row.retired === null || returns) && !isAnew;
      return { ours, noted: row.retired === null || !returns, known: true, app: row.app, project: row.project };
    }
    const app = this.#proved.get(key);
    return app === undefined ? NOBODY : { ours: true, noted: false, known: true, app, project: this.#project };
  }

  /** Accounts with a password that only this project's store has, and databases under the names of apps that have none in the ledger. */
  #withoutEntry({ accounts, databases, server }: Catalog): readonly LostEntry[] {
    const rows = [...this.#rows.values()].filter((row) => row.project === this.#project && row.app !== null);
    const apps = new Map(rows.flatMap(({ app }) => (app === null || app === '' ? [] : [[app, namesOf(app)] as const])));
    const live = new Set(rows.flatMap(({ app, retired }) => (retired === null && app !== null ? [app] : [])));
    const byLogin = new Map([...apps].flatMap(([app, { logins: all }]) => all.map((login) => [login, app] as const)));
    const withDatabase = new Set(rows.flatMap(({ kind, app }) => (kind === 'database' ? [app] : [])));
    const there = new Set(databases.map(({ name }) => name));
    const nobodys = (key: string): boolean => (!this.#rows.has(key) || this.#straysTo(key) !== undefined) && !this.wanted.has(key);
    const straying = (key: string): Pick<LostEntry, 'project'> => {
      const project = this.#straysTo(key);
      return project === undefined ? {} : { project };
    };
    const logins = accounts.flatMap((one): LostEntry[] => {
      const name = accountKey(one);
      if (one.isRole || name === server.admin || this.isNamed(one) || !nobodys(`account/${name}`)) return [];
      const app = byLogin.get(one.user);
      const { password: state } = this.password(one, secretName(this.#input.name, one.user));
      const isOurs = state === 'verified' || (app !== undefined && one.locked && state === 'impossible');
      return isOurs
        ? [
            {
              kind: 'account',
              name,
              app: app ?? one.user.replace(/_user$/, ''),
              proven: app !== undefined && live.has(app) && this.#straysTo(`account/${name}`) === undefined,
              account: one,
              ...straying(`account/${name}`),
            },
          ]
        : [];
    });
    const lost = new Map(logins.map((one) => [one.account, one.app]));
    const byApp = Map.groupBy(accounts, (one) => {
      const row = lost.has(one) ? undefined : this.#rows.get(`account/${accountKey(one)}`);
      return row ? (row.project === this.#project ? row.app : null) : (lost.get(one) ?? null);
    });
    const named = new Map([...apps, ...logins.map(({ app }) => [app, namesOf(app)] as const)]);
    const places = [...named].flatMap(([app, { database }]): LostEntry[] => {
      if (withDatabase.has(app) || !nobodys(`database/${database}`) || !there.has(database)) return [];
      const key = keyOf(['database', database]);
      const holder = (byApp.get(app) ?? []).some((one) => lookUp(one.grants, key) !== undefined);
      const stray = straying(`database/${database}`);
      if (!holder && stray.project === undefined) return [];
      return [{ kind: 'database', name: database, app, proven: live.has(app) && stray.project === undefined, account: null, ...stray }];
    });
    return [...logins, ...places];
  }

  #madeAnew({ accounts }: Catalog): ReadonlyMap<string, string> {
    const pairs = accounts.flatMap((one): (readonly [string, string])[] => {
      const row = one.isRole ? undefined : this.#rows.get(`account/${accountKey(one)}`);
      if (row === undefined || row.project !== this.#project) return [];
      const state = (): AccountSpec['password'] => this.password(one, secretName(this.#input.name, one.user)).password;
      return isRemade(row, one, state) ? [[row.name, row.app ?? ''] as const] : [];
    });
    return new Map(pairs);
  }

  /** The project to which a row gives an account or a database, where that one has no such app: it was edited, or is an old one. */
  #straysTo(key: string): string | undefined {
    const row = this.#rows.get(key);
    if (row === undefined || row.project === this.#project || this.#rows.has(`app/${row.project}/${row.app ?? ''}`)) return undefined;
    return row.project;
  }

  /** Everything of an app of which a login is here with our password, as far as it is not in the ledger. */
  #prove(catalog: Catalog, desired: readonly Resource[]): void {
    const accounts = new Map(catalog.accounts.map((one) => [accountKey(one), one]));
    const proved = new Set<string>();
    for (const one of desired) {
      if (!isKind(one, 'account') || one.app === null || one.spec.adopt || proved.has(one.app)) continue;
      const found = accounts.get(one.address.name);
      const row = this.#rows.get(`account/${one.address.name}`);
      const isOthers = row !== undefined && (row.project !== this.#project || row.app !== one.app || row.retired !== null);
      if (found && !isOthers && this.password(found).password === 'verified') proved.add(one.app);
    }
    for (const { address, app } of desired) {
      const key = `${address.kind}/${address.name}`;
      if (app !== null && proved.has(app) && !this.#rows.has(key)) this.#proved.set(key, app);
    }
  }
}

function returningIn({ project, readers }: Input, rows: readonly LedgerRow[]): ReadonlySet<string> {
  const withData = new Set(rows.flatMap((row) => (row.project === project && row.kind === 'database' ? [row.app] : [])));
  return new Set(readers.map(({ name }) => name).filter((name) => !withData.has(name)));
}

function userAndHost(key: string): readonly [user: string, host: string] {
  const at = key.lastIndexOf('@');
  return [key.slice(0, at), key.slice(at + 1)];
}
