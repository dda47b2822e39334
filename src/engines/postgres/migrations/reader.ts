import { counted, type Progress } from '../../../util/progress.ts';
import type { CatalogObject, LedgerTable, LedgerWish, Migrations, MigrationWorker } from '../../../engine/index.ts';
import { mapPool } from '../../../util/pool.ts';
import type { Input } from '../compile/draft.ts';
import type { Connection } from '../connect/connection.ts';
import { literal } from '../quote.ts';
import { hangingQuery } from '../queries/remains.ts';
import { catalogIn } from './catalog.ts';
import { ledgersIn } from './ledgers.ts';
import { type Spot, spotOf, WORKER } from './spots.ts';
import { Visits } from './visits.ts';
import { writersOf } from './writers.ts';

/** Databases that are read at the same time. */
const LANES = 4;

export interface Around {
  readonly input: Input;
  readonly shared: Connection;
  open(database: string): Promise<Connection>;
}

/** Reads as the operator what migration tools have done. */
export class Reader implements Migrations {
  readonly #around: Around;
  readonly #visits: Visits;
  #last: Promise<unknown> = Promise.resolve();
  #asking: Promise<readonly (readonly unknown[][])[]> | null = null;

  constructor(around: Around) {
    this.#around = around;
    this.#visits = new Visits((database) => around.open(database));
  }

  async ledgers(wishes: readonly LedgerWish[], progress?: Progress): Promise<readonly LedgerTable[]> {
    const spots = new Map([...new Set(wishes.map(({ app }) => app))].flatMap((app) => this.#known(app)));
    const missing = new Set(await this.absent([...spots.keys()]));
    const byDatabase = Map.groupBy(
      wishes.filter(({ app }) => spots.has(app) && !missing.has(app)),
      ({ app }) => spots.get(app)?.database ?? '',
    );
    const items = [...byDatabase];
    const weight = ([, some]: (typeof items)[number]): number => new Set(some.map(({ app }) => app)).size;
    const read = counted(
      { items, of: 'apps', progress, weight },
      async ([database, some]) => await this.#visits.in(database, async (connection) => await ledgersIn(connection, some, spots)),
    );
    return (await mapPool(items, LANES, read)).flat();
  }

  async absent(apps: readonly string[]): Promise<readonly string[]> {
    const spots = apps.map((app) => [app, spotOf(this.#around.input, app)] as const);
    const there = await this.#places();
    return spots.flatMap(([app, spot]) => (spot !== null && there.has(spot.database) && there.has(`!${spot.owner}`) ? [] : [app]));
  }

  async catalog(app: string): Promise<readonly CatalogObject[]> {
    const spot = spotOf(this.#around.input, app);
    if (!spot) return [];
    return await this.#visits.in(spot.database, async (connection) => await this.#catalogOf(connection, spot));
  }

  async #catalogOf(connection: Connection, spot: Spot): Promise<readonly CatalogObject[]> {
    const { app } = spot;
    const { readers, shares } = this.#around.input;
    const [rows = []] = await connection.rows('SELECT session_user::text');
    // Walls that are open on purpose are judged by apply and verify.
    const others = [
      ...readers.filter(({ reads }) => reads.includes(app)).map(({ name }) => name),
      ...shares.filter(({ from }) => from === app).map(({ to }) => to),
    ];
    const known = new Set([
      ...spot.roles,
      ...rows.map(([name]) => String(name)),
      ...others.flatMap((name) => spotOf(this.#around.input, name)?.roles ?? []),
    ]);
    return await catalogIn(connection, spot, known);
  }

  async dependents(app: string): Promise<readonly string[]> {
    const spot = spotOf(this.#around.input, app);
    if (!spot) return [];
    // A table that goes leaves its publication without CASCADE too: nobody can keep it there.
    const query = `SELECT h.what, h.owner FROM (${hangingQuery(spot.roles)}) h (what, owner, needs) WHERE h.what NOT LIKE 'publication of %'`;
    const [rows = []] = await this.#visits.in(spot.database, async (connection) => await connection.rows(query));
    return rows.map(([what, owner]) => `${String(what)}${owner === '' ? '' : ` of ${String(owner)}`}`);
  }

  async workers(apps: readonly string[]): Promise<readonly MigrationWorker[]> {
    const roles = new Map(apps.flatMap((app) => (spotOf(this.#around.input, app)?.roles ?? []).map((role) => [role, app] as const)));
    if (roles.size === 0) return [];
    const [rows = []] = await this.#shared(
      `SELECT a.usename::text, to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), a.pid::text FROM pg_stat_activity a
       WHERE a.application_name = ${literal(WORKER)} AND a.usename IS NOT NULL ORDER BY a.backend_start`,
    );
    return rows.flatMap(([role, since, id]) => {
      const app = roles.get(String(role));
      return app === undefined ? [] : [{ app, since: String(since), id: `pid ${String(id)}` }];
    });
  }

  async writers(app: string, table: Pick<LedgerTable, 'schema' | 'name'>): Promise<readonly string[]> {
    const spot = spotOf(this.#around.input, app);
    if (!spot) return [];
    await using connection = await this.#around.open(spot.database);
    const [rows = []] = await connection.rows(
      `SELECT a.pid::text, a.usename::text, nullif(a.application_name, ''), host(a.client_addr), to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
       ${writersOf(table)} ORDER BY a.backend_start`,
    );
    return rows.map(([pid, login, program, from, since]) => {
      const more = [program, typeof from === 'string' ? `from ${from}` : null, typeof since === 'string' ? `since ${since}` : null];
      return `pid ${String(pid)} of ${String(login)} (${more.filter((one) => typeof one === 'string').join(', ')})`;
    });
  }

  /** Databases, and owner roles behind a mark. Whoever asks meanwhile hears the same answer. */
  async #places(): Promise<ReadonlySet<string>> {
    this.#asking ??= this.#shared(`SELECT datname::text FROM pg_database WHERE datallowconn UNION ALL SELECT '!' || rolname FROM pg_roles`);
    const asking = this.#asking;
    try {
      const [rows = []] = await asking;
      return new Set(rows.map(([name]) => String(name)));
    } finally {
      if (this.#asking === asking) this.#asking = null;
    }
  }

  /** One after the other: several lanes ask on one connection. */
  #shared(text: string): Promise<readonly (readonly unknown[][])[]> {
    const answer = this.#last.then(() => this.#around.shared.rows(text));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  #known(app: string): readonly (readonly [string, Spot])[] {
    const spot = spotOf(this.#around.input, app);
    return spot ? [[app, spot]] : [];
  }
}
