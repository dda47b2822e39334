import { rm } from 'node:fs/promises';
import { Client } from 'pg';
import { type Ground, ground } from '../../engines/postgres/verify/harness.ts';
import { manifestOf } from '../../engines/postgres/lifecycle/harness.ts';
import type { PostgresServer } from '../../engines/postgres/runtime.ts';
import { execFile } from '../../support/children.ts';
import type { Analysis } from '../../../src/engine/index.ts';
import type { VerifyReport } from '../../../src/model/index.ts';
import type { Broken, Effects } from '../suite.ts';
import { effectsIn } from './effects.ts';
import type { Mutation } from './mutations.ts';

/** A login that tries, and whose it is. */
export interface Attacker {
  readonly login: string;
  readonly app: string;
  /** What its sessions act as. */
  readonly role: string | null;
  /** Where it can make things; null: nowhere. */
  readonly schema: string | null;
}

/** What an app has. */
export interface Victim extends Attacker {
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  /** A condition for its rows, where others have some too. */
  readonly where: string | null;
  /** Stands in its rows, and nowhere else. */
  readonly canary: string;
  /** What it does all day. */
  readonly routine: readonly string[];
}

const MANIFEST = `apps:
  m_a: { uses: { main: { connections: 5 } } }
  m_b: { uses: { main: { connections: 5 } } }
  m_s: { uses: { main: { isolation: schema, database: m_shared, connections: 5 } } }
  m_t: { uses: { main: { isolation: schema, database: m_shared, connections: 5 } } }
  m_x: { uses: { main: { isolation: rows, database: m_pool, connections: 5 } } }
  m_y: { uses: { main: { isolation: rows, database: m_pool, connections: 5 } } }
RETIRED
readers:
  m_lens: { reads: [m_a, m_s] }
`;
const RETIRED = '  m_r: { uses: { main: { isolation: schema, database: m_shared, connections: 5 } } }';

const routineOf = (table: string): readonly string[] => [
  `INSERT INTO ${table} (note) VALUES ('late')`,
  `UPDATE ${table} SET note = note`,
  `SELECT count(*) FROM ${table}`,
  `DELETE FROM ${table} WHERE note <> 'late'`,
  "SELECT lower('A'::varchar)",
];

const own = (app: string, database: string, schema: string): Victim => {
  const table = `${schema}.orders`;
  const canary = `canary-${app}`;
  const routine = [`INSERT INTO ${table} (note) VALUES ('${canary}-late')`, ...routineOf(table)];
  return { app, database, schema, table, where: null, canary, login: `${app}_user`, role: `${app}_owner`, routine };
};
const row = (app: string): Victim => ({
  app,
  database: 'm_pool',
  schema: 'public',
  table: 'public.docs',
  where: `WHERE workspace = '${app}'`,
  canary: `canary-${app}`,
  login: `${app}_user`,
  role: null,
  routine: [
    `INSERT INTO public.docs (workspace, note) VALUES ('${app}', 'canary-${app}-late')`,
    'UPDATE public.docs SET note = note',
    'DELETE FROM public.docs WHERE false',
  ],
});

const victims: readonly Victim[] = [
  own('m_a', 'm_a', 'public'),
  own('m_b', 'm_b', 'public'),
  own('m_s', 'm_shared', 'm_s'),
  own('m_t', 'm_shared', 'm_t'),
  row('m_x'),
  row('m_y'),
];

const outsider = (login: string): Attacker => ({ login, app: login, role: null, schema: null });
const attackers: readonly Attacker[] = [...victims, outsider('m_lens_user'), outsider('stranger'), outsider('consultant')];

const DATABASES = ['postgres', 'm_a', 'm_b', 'm_shared', 'm_pool'];

/** With owners and modes. */
const copyTree = async (from: string, to: string): Promise<void> => void (await execFile('cp', ['-a', from, to]));

/** A server with two apps at each level, a retired one, a reader and strangers, that can be put back as it was. */
export class Walls implements Broken<Mutation>, AsyncDisposable {
  readonly server: PostgresServer;
  readonly ground: Ground;
  readonly #template: string;

  private constructor(server: PostgresServer, made: Ground) {
    [this.server, this.ground, this.#template] = [server, made, `${server.dataDir}.walls`];
  }

  static async build(server: PostgresServer): Promise<Walls> {
    const made = await ground(server, manifestOf(MANIFEST.replace('RETIRED', RETIRED)));
    for (const victim of victims) await seedTables(made, victim);
    await seedTables(made, own('m_r', 'm_shared', 'm_r'));
    await made.sql(
      'm_shared',
      'CREATE SCHEMA ops; CREATE TABLE ops.board (id int, note text); CREATE TABLE public.board (id int, note text)',
    );
    await made.sql(
      'postgres',
      "CREATE ROLE stranger LOGIN PASSWORD 'unknown'; CREATE ROLE consultant LOGIN PASSWORD 'unknown'; CREATE ROLE crew; GRANT crew TO consultant",
    );
    await made.place.write(manifestOf(MANIFEST.replace('RETIRED\n', '')));
    const gone = await made.place.apply(['stranger', 'consultant', 'm_r']);
    const done = await made.place.apply();
    if (gone.ending !== 'done' || done.ending !== 'nothing-to-do') throw new Error(JSON.stringify([gone, done]));
    const walls = new Walls(server, made);
    await made.sql('postgres', 'CHECKPOINT');
    await server.kill();
    await copyTree(server.dataDir, walls.#template);
    await server.restart();
    return walls;
  }

  async change({ in: database, sql }: Mutation): Promise<void> {
    await this.ground.sql(database, sql);
  }

  async analyse(): Promise<Analysis> {
    return await this.ground.analyse();
  }

  async verify(): Promise<VerifyReport> {
    return await this.ground.verify();
  }

  /** As it was after `build`. */
  async reset(): Promise<void> {
    await this.server.kill();
    // Before 15 a process that counts may still write as it goes.
    await rm(this.server.dataDir, { recursive: true, maxRetries: 10 });
    await copyTree(this.#template, this.server.dataDir);
    await this.server.restart();
  }

  /** What everybody gets to do to others now. */
  async effects(mutation?: Mutation): Promise<Effects> {
    const databases = mutation && !mutation.everywhere ? [mutation.in] : DATABASES;
    const all = new Map<string, string>();
    for (const database of databases)
      for (const [effect, by] of await this.#effectsIn(database)) if (!all.has(effect)) all.set(effect, `${database}: ${by}`);
    return all;
  }

  async #effectsIn(database: string): Promise<Effects> {
    const { host, port, user, password } = this.server;
    const client = new Client({ host, port, user, password, database, ssl: false, query_timeout: 60_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch {
      return new Map();
    }
    try {
      return await effectsIn(client, database, attackers, victims);
    } finally {
      await client.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#template, { recursive: true, force: true });
    await this.ground[Symbol.asyncDispose]();
  }
}

/** With the app's own rights. */
async function seedTables(made: Ground, { app, database, schema, table, where, role, canary }: Victim): Promise<void> {
  if (where !== null) {
    const create = `CREATE TABLE IF NOT EXISTS ${table} (workspace text, id int GENERATED BY DEFAULT AS IDENTITY, note text, PRIMARY KEY (workspace, id))`;
    await made.sql(database, `SET ROLE m_pool_owner; ${create}; INSERT INTO ${table} (workspace, note) VALUES ('${app}', '${canary}')`);
    if (app === 'm_y') await made.place.apply();
    return;
  }
  await made.sql(
    database,
    `SET ROLE ${role ?? ''}; CREATE TABLE ${table} (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, note text); INSERT INTO ${table} (note) VALUES ('${canary}');
     CREATE SEQUENCE ${schema}.counter; CREATE VIEW ${schema}.notes AS SELECT note FROM ${table}; CREATE MATERIALIZED VIEW ${schema}.digest AS SELECT note FROM ${table};
     CREATE FUNCTION ${schema}.first_note() RETURNS text LANGUAGE sql AS 'SELECT note FROM ${table} LIMIT 1';
     CREATE FUNCTION ${schema}.definer_note() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT note FROM ${table} LIMIT 1';
     CREATE PROCEDURE ${schema}.clear_all() LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM ${table}';
     CREATE TYPE ${schema}.mood AS ENUM ('sad', 'happy'); CREATE DOMAIN ${schema}.short AS text CHECK (length(VALUE) < 9); CREATE TYPE ${schema}.pair AS (a int, b text);
     SELECT lo_from_bytea(0, '${canary}')`,
  );
}
