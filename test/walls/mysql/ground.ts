import { createConnection, type Connection } from 'mysql2/promise';
import { openProject } from '../../../src/app/project.ts';
import { Sessions } from '../../../src/app/sessions.ts';
import { verifyProject } from '../../../src/app/verify.ts';
import type { Analysis } from '../../../src/engine/index.ts';
import type { VerifyReport } from '../../../src/model/index.ts';
import { loginOf, manifestOf, type Workplace, workplace } from '../../engines/mysql/lifecycle/harness.ts';
import type { MysqlServer } from '../../engines/mysql/runtime.ts';
import type { Broken, Effects } from '../suite.ts';
import { type Bench, effectsOf, type Person, rowsOf } from './judge.ts';
import type { Held, Mutation } from './mutation.ts';

const MANIFEST = `apps:
  wall_a: { uses: { main: { connections: 5 } } }
  wall_b: { uses: { main: { connections: 5 } } }
  wall_c: { uses: { main: { connections: 5, relax: { events: true } } } }
GONE
readers:
  wall_lens: { reads: [wall_a] }
operators:
  watch: { may: [monitor] }
`;
const GONE = '  wall_gone: { uses: { main: { connections: 5 } } }';
const APPS = ['wall_a', 'wall_b', 'wall_c'];
const VICTIMS = [...APPS, 'wall_gone'];
/** What a stranger tries first. */
const GUESSES = ['', 'judge', 'web'];
/** Where rights stand. */
const TABLES = {
  mysql: [
    'user',
    'global_grants',
    'role_edges',
    'default_roles',
    'db',
    'tables_priv',
    'columns_priv',
    'procs_priv',
    'proxies_priv',
    'servers',
  ],
  mariadb: ['global_priv', 'roles_mapping', 'db', 'tables_priv', 'columns_priv', 'procs_priv', 'proxies_priv', 'servers'],
};
const SETTINGS =
  /^(mandatory_roles|partial_revokes|init_connect|event_scheduler|general_log|log_output|local_infile|activate_all_roles_on_login|max_user_connections|read_only|log_bin_trust_function_creators|sql_mode|automatic_sp_privileges|check_proxy_users|mysql_native_password_proxy_users|innodb_flush_log_at_trx_commit)$/;

/** Three apps, a reader, an operator, a stranger and a retired app on one server. */
export class MysqlWalls implements Broken<Mutation>, AsyncDisposable {
  readonly #place: Workplace;
  readonly #bench: Bench;
  readonly #open: Connection[] = [];
  #admin = '';
  #unread = false;
  #held: { readonly client: Connection; readonly app: string; readonly held: Held } | null = null;
  #grants = new Map<string, Rows>();
  #settings = new Map<string, string>();
  #databases = new Map<string, string>();

  private constructor(place: Workplace, bench: Bench, open: Connection[]) {
    [this.#place, this.#bench, this.#open] = [place, bench, open];
  }

  static async build(server: MysqlServer): Promise<MysqlWalls> {
    const place = await workplace(server, manifestOf(MANIFEST.replace('GONE', GONE)));
    for (const sql of [
      "CREATE USER 'web'@'%' IDENTIFIED BY 'judge'",
      "CREATE USER 'watch'@'%' IDENTIFIED BY 'judge'",
      'CREATE DATABASE ops',
      'CREATE TABLE ops.plans (note VARCHAR(40))',
    ])
      await place.root(sql);
    await place.apply();
    const passwords = new Map<string, string>();
    const names = [...VICTIMS, 'wall_lens'];
    for (const app of names) passwords.set(app, loginOf(await place.reveal(app)).password);
    for (const app of VICTIMS) for (const sql of madeBy(app)) await place.as(app, sql);
    await place.write(manifestOf(MANIFEST.replace('GONE\n', '')));
    await place.apply();
    const done = await place.apply();
    if (done.ending !== 'nothing-to-do') throw new Error(JSON.stringify(done));
    const { host, port, user, password } = server;
    const root = await createConnection({ host, port, user, password, disableEval: true, dateStrings: true });
    // What somebody has locked stops the operator too, for a day.
    await root.query('SET SESSION lock_wait_timeout = 2, SESSION innodb_lock_wait_timeout = 2');
    const open = [root];
    const sessions = new Map<string, number>();
    for (const app of APPS) {
      const client = await createConnection({ host, port, user: `${app}_user`, password: passwords.get(app) ?? '', disableEval: true });
      client.on('error', () => undefined);
      sessions.set(app, client.threadId);
      open.push(client);
    }
    const people = peopleWith(passwords);
    const walls = new MysqlWalls(place, { point: { host, port }, root, flavor: server.flavor, people, victims: VICTIMS, sessions }, open);
    const [me] = await rowsOf(root, 'SELECT CURRENT_USER() AS me');
    walls.#admin = String(me?.['me'])
      .split('@')
      .map((part) => root.escape(part))
      .join('@');
    walls.#grants = await walls.#readGrants();
    walls.#settings = await walls.#readSettings();
    walls.#databases = await walls.#readDatabases();
    return walls;
  }

  async change({ sql, held }: Mutation): Promise<void> {
    const { root, people, point } = this.#bench;
    this.#unread = sql.some((one) => one.startsWith('DELETE'));
    for (const one of sql) await root.query(one.replaceAll('<admin>', this.#admin));
    if (held === undefined) return;
    const person = people.find(({ user }) => user === held.user);
    const client = await createConnection({ ...point, user: held.user, password: person?.known[0] ?? '', disableEval: true });
    client.on('error', () => undefined);
    for (const one of held.begin ?? [`USE ${held.database}`]) await client.query(one);
    this.#held = { client, app: person?.app ?? held.user, held };
    for (const one of held.after) await root.query(one);
  }

  async effects(): Promise<Effects> {
    const effects = await effectsOf(this.#bench);
    if (this.#held === null) return effects;
    const { client, app, held } = this.#held;
    const { database, asks = 'SELECT * FROM orders', stops } = held;
    const rows = await rowsOf(client, asks).catch((): Rows => []);
    const all = new Map(effects);
    if (rows.length > 0) all.set(`${app} reads ${database}, in a session from before`, asks);
    if (stops !== undefined && !(await this.#works(stops))) all.set(`${app} stops ${database}, in a session from before`, stops);
    return all;
  }

  async #works(sql: string): Promise<boolean> {
    const { root } = this.#bench;
    return await root.query(sql).then(
      () => true,
      () => false,
    );
  }

  async analyse(): Promise<Analysis> {
    await using sessions = await Sessions.open(await this.#place.open());
    const verifier = await sessions.reached[0]?.session.verifier?.();
    if (!verifier) throw new Error(JSON.stringify(sessions.missed));
    return await verifier.analyse();
  }

  async verify(): Promise<VerifyReport> {
    const { folder: cwd, env } = this.#place;
    return (await verifyProject(await openProject({ cwd, env }), { seed: 7 })).report;
  }

  async reset(): Promise<void> {
    const { root } = this.#bench;
    this.#held?.client.destroy();
    this.#held = null;
    // A right that is taken in part cannot be there without the setting that says so.
    await this.#resetGrants();
    for (const [name, value] of await this.#readSettings()) {
      const was = this.#settings.get(name);
      if (was !== undefined && was !== value) await root.query(`SET GLOBAL ${name} = ${/^\d+$/.test(was) ? was : root.escape(was)}`);
    }
    for (const what of ['FUNCTION IF EXISTS sys.told', 'VIEW IF EXISTS sys.shown', 'PROCEDURE IF EXISTS mysql.told'])
      await root.query(`DROP ${what}`);
    await this.#resetDatabases();
    await this.#resetGrants();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#open) client.destroy();
    await this.#place[Symbol.asyncDispose]();
  }

  async #resetDatabases(): Promise<void> {
    const { root } = this.#bench;
    const now = await this.#readDatabases();
    if (JSON.stringify([...now]) === JSON.stringify([...this.#databases])) return;
    await root.query('SET SESSION foreign_key_checks = 0');
    for (const [name, content] of now) {
      if (this.#databases.get(name) === content) continue;
      await root.query(`DROP DATABASE \`${name}\``);
      if (!this.#databases.has(name)) continue;
      await root.query(`CREATE DATABASE \`${name}\``);
      for (const sql of name === 'ops' ? ['CREATE TABLE ops.plans (note VARCHAR(40))'] : madeBy(name))
        await root.query(name === 'ops' ? sql : inDatabase(sql, name));
    }
    await root.query('SET SESSION foreign_key_checks = 1');
    const made = await this.#readDatabases();
    if (JSON.stringify([...made]) !== JSON.stringify([...this.#databases]))
      throw new Error(`not as before:\n${JSON.stringify([...made])}\n${JSON.stringify([...this.#databases])}`);
  }

  async #resetGrants(): Promise<void> {
    const { root } = this.#bench;
    const now = await this.#readGrants();
    let changed = false;
    for (const [table, rows] of this.#grants) {
      if (JSON.stringify(now.get(table)) === JSON.stringify(rows)) continue;
      changed = true;
      await root.query(`DELETE FROM mysql.${table}`);
      for (const row of rows) {
        const names = Object.keys(row).map((name) => `\`${name}\``);
        await root.query(
          `INSERT INTO mysql.${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
          Object.values(row).map((value) =>
            value !== null && typeof value === 'object' && !Buffer.isBuffer(value) ? JSON.stringify(value) : value,
          ),
        );
      }
    }
    // What somebody deleted by hand the server still has.
    if (changed || this.#unread) await root.query('FLUSH PRIVILEGES');
    this.#unread = false;
  }

  async #readGrants(): Promise<Map<string, Rows>> {
    const out = new Map<string, Rows>();
    for (const table of TABLES[this.#bench.flavor])
      out.set(table, await rowsOf(this.#bench.root, `SELECT * FROM mysql.${table} ORDER BY 1, 2`));
    return out;
  }

  async #readSettings(): Promise<Map<string, string>> {
    const rows = await rowsOf(this.#bench.root, 'SHOW GLOBAL VARIABLES');
    return new Map(
      rows.map((row) => [String(row['Variable_name']), String(row['Value'])] as const).filter(([name]) => SETTINGS.test(name)),
    );
  }

  /** What there is in each database, and the rows of apps. */
  async #readDatabases(): Promise<Map<string, string>> {
    const { root } = this.#bench;
    const own = "NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema', 'cotenant')";
    const names = await rowsOf(root, `SELECT SCHEMA_NAME AS n FROM information_schema.SCHEMATA WHERE SCHEMA_NAME ${own} ORDER BY 1`);
    const parts = await rowsOf(
      root,
      `SELECT * FROM (SELECT TABLE_SCHEMA AS d, CONCAT(TABLE_TYPE, ' ', TABLE_NAME, ' ', IFNULL(ENGINE, '')) AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA ${own}
       UNION ALL SELECT TABLE_SCHEMA, CONCAT(TABLE_NAME, '.', COLUMN_NAME) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA ${own}
       UNION ALL SELECT ROUTINE_SCHEMA, CONCAT(ROUTINE_NAME, ' ', DEFINER, ' ', SECURITY_TYPE) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA ${own}
       UNION ALL SELECT TABLE_SCHEMA, CONCAT(TABLE_NAME, ' ', DEFINER, ' ', SECURITY_TYPE) FROM information_schema.VIEWS WHERE TABLE_SCHEMA ${own}
       UNION ALL SELECT TRIGGER_SCHEMA, CONCAT(TRIGGER_NAME, ' ', DEFINER) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA ${own}
       UNION ALL SELECT EVENT_SCHEMA, CONCAT(EVENT_NAME, ' ', DEFINER) FROM information_schema.EVENTS WHERE EVENT_SCHEMA ${own}) AS parts ORDER BY 1, 2`,
    );
    const out = new Map<string, string>();
    for (const { n } of names) {
      const name = String(n);
      const rows = VICTIMS.includes(name) ? await rowsOf(root, `SELECT * FROM ${name}.orders`).catch((): Rows => []) : [];
      out.set(name, JSON.stringify([parts.filter(({ d }) => d === name).map((one) => one['n']), rows]));
    }
    return out;
  }
}

type Rows = readonly Readonly<Record<string, unknown>>[];

/** As the app's own login makes it in its database. */
const madeBy = (app: string): readonly string[] => [
  'CREATE TABLE orders (id INT PRIMARY KEY DEFAULT 0, note VARCHAR(40))',
  `INSERT INTO orders VALUES (1, 'canary-${app}')`,
  'CREATE TABLE spare (x INT)',
  'CREATE TABLE flat (x VARCHAR(40)) ENGINE = MyISAM',
  `INSERT INTO flat VALUES ('canary-${app}')`,
  `CREATE DEFINER = '${app}_user'@'%' VIEW notes AS SELECT note FROM orders`,
  `CREATE DEFINER = '${app}_user'@'%' FUNCTION answer() RETURNS INT DETERMINISTIC NO SQL RETURN 42`,
];
const inDatabase = (sql: string, name: string): string => sql.replace(/\b(TABLE|INTO|VIEW|FUNCTION|FROM) (\w+)/g, `$1 ${name}.$2`);

function peopleWith(passwords: ReadonlyMap<string, string>): readonly Person[] {
  const own = (app: string, user = `${app}_user`): Person => ({ user, app, known: [passwords.get(app) ?? ''], guesses: [] });
  const other = (user: string, app = user): Person => ({ user, app, known: ['judge'], guesses: GUESSES });
  return [
    ...APPS.map((app) => own(app)),
    own('wall_lens'),
    { ...own('wall_gone'), guesses: GUESSES },
    ...['web', 'watch', 'fresh', 'nobody', 'mysql.backdoor'].map((user) => other(user)),
    { ...other('wall_a_user_2', 'wall_a'), known: [], guesses: [passwords.get('wall_a') ?? '', ...GUESSES] },
    { ...other('root', 'nobody'), known: [] },
    { ...other('wall_b_user', 'wall_a'), known: [], guesses: [passwords.get('wall_a') ?? '', ...GUESSES] },
  ];
}
