import type { ServerFacts } from '../../../engine/index.ts';
import { setImmediate } from 'node:timers/promises';
import type { Diagnostic, Observed, Resource } from '../../../model/index.ts';
import { mapPool } from '../../../util/pool.ts';
import { counted } from '../../../util/progress.ts';
import { holdingsIn } from '../judge/holding.ts';
import { partOf } from '../part-name.ts';
import { judgeEventTriggers } from '../judge/code.ts';
import { readMark } from '../marks/mark.ts';
import type { ObserveContext } from './observe.ts';
import { creatorsIn, databaseResources, toldOfSchemas } from './database.ts';
import { type ExtensionTarget, extensionTarget } from './extensions.ts';
import { observeForeign } from './foreign.ts';
import type { LeftRole } from './left.ts';
import { observeRows } from './rows.ts';
import { strangeGuard } from './strange-guard.ts';
import { observeBlocked } from './blocked.ts';
import type { Blocked } from './basis.ts';
import { ownedIn, type Owners } from '../judge/owners.ts';
import type { DatabaseRows, SharedTableRow } from '../queries/database.ts';
import type { SharedRows } from '../queries/shared.ts';
import { readDatabase } from './read-database.ts';
import { isKind } from '../spec.ts';
import type { Connection } from '../connect/connection.ts';
import { factsOf } from '../kinds/kind.ts';

/** Databases that are read at the same time. A connection costs the server a process. */
const LANES = 8;

/** What is said of the shared catalogs before a database can be understood. */
interface SharedFacts {
  readonly owners: Owners;
  readonly server: ServerFacts;
  readonly left: readonly LeftRole[];
}

export interface Found {
  readonly database: string;
  readonly found: readonly Observed[];
  readonly blocked: readonly Blocked[];
  readonly shared: readonly SharedTableRow[];
  readonly languages: readonly string[];
  /** null: no extension is missing. */
  readonly extensions: ExtensionTarget | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The second tier: what lies in each database of ours. The server begins at once with those that carry our mark, while the
 * shared catalogs are still being understood here.
 */
export class DatabaseReader {
  readonly #context: ObserveContext;
  readonly #rows: SharedRows;
  readonly #wanted: ReadonlyMap<string, readonly Resource[]>;
  readonly #adopted: ReadonlySet<string>;
  readonly #adoptedApps: ReadonlySet<string>;
  /** Roles that the manifest asks for. */
  readonly #roles: ReadonlySet<string>;
  readonly #superusers: ReadonlySet<string>;
  readonly #creators: ReadonlySet<string>;
  readonly #shared = Promise.withResolvers<SharedFacts>();
  readonly #marked: readonly string[];
  readonly #ahead: Promise<readonly Found[]>;

  constructor(context: ObserveContext, rows: SharedRows, desired: readonly Resource[]) {
    this.#context = context;
    this.#rows = rows;
    this.#wanted = byDatabase(desired);
    this.#adopted = new Set(desired.flatMap((one) => (isKind(one, 'database') && one.spec.adopt ? [one.address.name] : [])));
    this.#adoptedApps = new Set(desired.flatMap((one) => (isKind(one, 'role') && one.spec.adopt && one.app !== null ? [one.app] : [])));
    this.#roles = new Set(desired.filter((one) => isKind(one, 'role')).map((one) => one.address.name));
    this.#superusers = new Set(rows.roles.filter((row) => row[3]).map(([name]) => name));
    this.#creators = creatorsIn(desired);
    this.#shared.promise.catch(() => undefined);
    this.#marked = this.#names(
      (name, comment) => this.#adopted.has(name) || ownedIn(readMark(comment) ?? undefined, context.input.project),
    );
    this.#ahead = this.#read(this.#marked);
    this.#ahead.catch(() => undefined);
  }

  /** Does what the databases wait for. Throws what it throws, after the reading has ended. */
  async meanwhile<T extends SharedFacts>(work: () => Promise<T>): Promise<T> {
    try {
      // The connections go out first.
      await setImmediate();
      const told = await work();
      this.#shared.resolve(told);
      return told;
    } catch (error) {
      this.#shared.reject(error);
      await this.#ahead.catch(() => undefined);
      throw error;
    }
  }

  /** All databases of ours, also those whose mark is lost, in the order of the shared catalog. */
  async rest(): Promise<readonly Found[]> {
    const { owners } = await this.#shared.promise;
    const ours = this.#names((name) => this.#adopted.has(name) || ownedIn(owners.database(name), this.#context.input.project));
    const ahead = new Set(this.#marked);
    const all = [...(await this.#ahead), ...(await this.#read(ours.filter((name) => !ahead.has(name))))];
    const byName = new Map(all.map((one) => [one.database, one]));
    return ours.flatMap((name) => byName.get(name) ?? []);
  }

  #names(which: (name: string, comment: string | null) => boolean): readonly string[] {
    return this.#rows.databases.filter((row) => row[6] && which(row[0], row[9])).map(([name]) => name);
  }

  #read(names: readonly string[]): Promise<readonly Found[]> {
    if (names.length === 0) return Promise.resolve([]);
    const read = counted({ items: names, of: 'databases read', progress: this.#context.progress }, (name: string) => this.#readOne(name));
    return mapPool(names, LANES, read);
  }

  async #readOne(database: string): Promise<Found> {
    const here = this.#wanted.get(database) ?? [];
    const guard = here.find((one) => isKind(one, 'row-guard'));
    const families = here.filter((one) => isKind(one, 'builtin')).map((one) => partOf(one.address.name)[1]);
    await using connection = await this.#context.open(database);
    const read = await readDatabase(connection, {
      column: guard?.spec.column ?? null,
      families,
      superusers: this.#superusers,
      others: this.#adopted.has(database),
      shared: sharedTables(here),
    });
    return await this.#understand(database, connection, read);
  }

  async #understand(database: string, connection: Connection, rows: DatabaseRows): Promise<Found> {
    const { owners, server, left } = await this.#shared.promise;
    const { input, secrets } = this.#context;
    const here = this.#wanted.get(database) ?? [];
    const { user: operator, superuser } = factsOf(server);
    const isOperator = (role: string): boolean => (this.#superusers.has(role) || role === operator) && !owners.role(role);
    const isTenant = (role: string): boolean => this.#roles.has(role) || owners.role(role) !== undefined;
    const isAccepted = (role: string): boolean => owners.accepted.has(role);
    const holding = await holdingsIn(connection, rows, {
      here,
      owners,
      project: input.project,
      wanted: this.#roles,
      roles: this.#rows.roles.map(([name]) => name),
      adopted: (app) => (app === null ? this.#adopted.has(database) : this.#adoptedApps.has(app)),
      mayGrant: superuser,
    });
    const around = { input, owners, here, creators: this.#creators, database, rows, operator, isOperator, holding };
    const found: Observed[] = databaseResources(around);
    const guard = here.find((one) => isKind(one, 'row-guard'));
    const leftBy = (login: string): string | null | undefined => owners.leftWith(login, input);
    const rowsRead = guard ? await observeRows(connection, input.name, guard, { isOperator, isTenant, isAccepted, leftBy }) : null;
    if (rowsRead) found.push(rowsRead.found);
    const isNew = guard !== undefined && !ownedIn(owners.database(database), input.project);
    const strange = isNew ? await strangeGuard(connection, input.name, guard, isOperator) : [];
    const blocked = await observeBlocked(connection, here, found);
    const leftHolders = left.flatMap((one) => (one.holder && one.databases.has(database) ? [one.role] : []));
    const wanted = here.filter((one) => isKind(one, 'share'));
    found.push(...(await observeForeign(connection, { instance: input.name, database, rows, secrets, wanted, leftHolders, isOperator })));
    return {
      database,
      found,
      blocked,
      shared: rows.shared,
      extensions: await extensionTarget(connection, here, rows, isOperator),
      languages: rows.languages.map(([language]) => language),
      diagnostics: [
        ...strange,
        ...(rowsRead?.diagnostics ?? []),
        ...toldOfSchemas(around),
        ...judgeEventTriggers(
          { instance: input.name, database, rows: this.#rows, isTenant, isOperator, quiet: connection.quiet },
          rows.eventTriggers,
        ),
      ],
    };
  }
}

const INSIDE: ReadonlySet<string> = new Set(['schema', 'extension', 'builtin', 'default-privileges', 'objects', 'row-guard', 'share']);

/** Tables of this database that others may read. */
function sharedTables(here: readonly Resource[]): readonly (readonly [string, string])[] {
  const all = here.flatMap((one) => (isKind(one, 'objects') ? (one.spec.shares ?? []) : []));
  return [...new Map(all.map(({ schema, table }) => [JSON.stringify([schema, table]), [schema, table] as const])).values()];
}

/** What is wanted inside each database. */
function byDatabase(desired: readonly Resource[]): ReadonlyMap<string, readonly Resource[]> {
  const map = new Map<string, Resource[]>();
  for (const one of desired) {
    if (!INSIDE.has(one.address.kind)) continue;
    const [database] = partOf(one.address.name);
    const list = map.get(database);
    if (list) list.push(one);
    else map.set(database, [one]);
  }
  return map;
}
