/** One thing that somebody tries. What works is put back by the operator. */
export interface Act {
  readonly sql: readonly string[];
  /** The effect where it is not refused; '': what it gives is looked through. */
  readonly does: string;
  /** The app that it is done to, or ''. */
  readonly of: string;
  readonly learns: boolean;
  readonly undo: readonly string[];
}

type Rows = readonly Readonly<Record<string, unknown>>[];

const act = (sql: string | readonly string[], more: Partial<Act> = {}): Act => ({
  sql: typeof sql === 'string' ? [sql] : sql,
  does: '',
  of: '',
  learns: false,
  undo: [],
  ...more,
});

/** On the database of another app; `own`: the database of who tries. */
export function onApp(app: string, own: string, session: number): readonly Act[] {
  return [...readsOf(app), ...changesOf(app), ...reachesFor(app, own), act(`KILL QUERY ${session}`, { of: app, does: 'stops' })];
}

function readsOf(app: string): readonly Act[] {
  const reads = (sql: string): Act => act(sql, { of: app, learns: true });
  return [
    ...['*', 'note', 'id', 'COUNT(*)', '1'].map((what) => reads(`SELECT ${what} FROM ${app}.orders`)),
    reads(`SHOW COLUMNS FROM ${app}.orders`),
    reads(`SHOW CREATE TABLE ${app}.orders`),
    reads(`SHOW CREATE VIEW ${app}.notes`),
    reads(`SHOW TABLES FROM ${app}`),
    reads(`SHOW CREATE FUNCTION ${app}.answer`),
    reads(`SHOW TRIGGERS FROM ${app}`),
    act(`SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${app}'`),
    act(`SELECT ROUTINE_SCHEMA, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '${app}'`),
    reads(`SELECT ${app}.answer()`),
    act(`HANDLER ${app}.orders OPEN`, { of: app, learns: true }),
    act(`CHECKSUM TABLE ${app}.orders`),
  ];
}

function changesOf(app: string): readonly Act[] {
  const changes = (sql: string | readonly string[], ...undo: readonly string[]): Act => act(sql, { of: app, does: 'changes', undo });
  const within = (sql: string): Act => changes(['START TRANSACTION', sql]);
  return [
    within(`INSERT INTO ${app}.orders (id) VALUES (77)`),
    within(`INSERT INTO ${app}.orders () VALUES ()`),
    within(`UPDATE ${app}.orders SET note = 'taken'`),
    within(`UPDATE ${app}.orders SET id = 8`),
    within(`DELETE FROM ${app}.orders`),
    within(`REPLACE INTO ${app}.orders VALUES (1, 'taken')`),
    changes(`TRUNCATE TABLE ${app}.spare`),
    changes(`DROP TABLE ${app}.spare`, `CREATE TABLE ${app}.spare (x INT)`),
    changes(`ALTER TABLE ${app}.spare ADD y INT`, `ALTER TABLE ${app}.spare DROP COLUMN y`),
    changes(`CREATE INDEX taken ON ${app}.spare (x)`, `DROP INDEX taken ON ${app}.spare`),
    changes(`CREATE TABLE ${app}.taken (x INT)`, `DROP TABLE ${app}.taken`),
    changes(`CREATE VIEW ${app}.taken AS SELECT 1 AS one`, `DROP VIEW ${app}.taken`),
    changes(`CREATE PROCEDURE ${app}.taken() SELECT 1`, `DROP PROCEDURE ${app}.taken`),
    changes(`CREATE FUNCTION ${app}.taken() RETURNS INT DETERMINISTIC NO SQL RETURN 1`, `DROP FUNCTION ${app}.taken`),
    changes(`CREATE TRIGGER ${app}.taken BEFORE INSERT ON ${app}.spare FOR EACH ROW SET @x = 1`, `DROP TRIGGER ${app}.taken`),
    changes(`CREATE EVENT ${app}.taken ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO SELECT 1`, `DROP EVENT ${app}.taken`),
    changes(`DROP VIEW ${app}.notes`, `CREATE DEFINER = '${app}_user'@'%' VIEW ${app}.notes AS SELECT note FROM ${app}.orders`),
    // A routine that is dropped takes what was granted on it along.
    changes(`ALTER FUNCTION ${app}.answer COMMENT 'taken'`, `ALTER FUNCTION ${app}.answer COMMENT ''`),
    act([`LOCK TABLES ${app}.spare WRITE`, 'UNLOCK TABLES'], { of: app, does: 'stops' }),
    act([`LOCK TABLES ${app}.spare READ`, 'UNLOCK TABLES'], { of: app, does: 'stops' }),
    act([`CREATE TEMPORARY TABLE ${app}.own_only (x INT)`, `DROP TEMPORARY TABLE ${app}.own_only`]),
  ];
}

/** From the own database, and on accounts. */
function reachesFor(app: string, own: string): readonly Act[] {
  return [
    act(`CREATE TABLE ${own}.refers (id INT, FOREIGN KEY (id) REFERENCES ${app}.orders (id))`, {
      of: app,
      does: 'stops',
      undo: [`DROP TABLE ${own}.refers`],
    }),
    act([`CREATE TABLE ${own}.copied AS SELECT * FROM ${app}.orders`, `SELECT * FROM ${own}.copied`], {
      undo: [`DROP TABLE ${own}.copied`],
    }),
    act([`CREATE TABLE ${own}.merged (x VARCHAR(40)) ENGINE = MERGE UNION = (${app}.flat)`], {
      of: app,
      does: 'reads rows of',
      undo: [`DROP TABLE ${own}.merged`],
    }),
    act(`SHOW GRANTS FOR '${app}_user'@'%'`, { of: app, learns: true }),
    act(`SHOW CREATE USER '${app}_user'@'%'`, { of: app, learns: true }),
    act(`ALTER USER '${app}_user'@'%' WITH MAX_USER_CONNECTIONS 7`, {
      of: app,
      does: 'changes',
      undo: [`ALTER USER '${app}_user'@'%' WITH MAX_USER_CONNECTIONS 5`],
    }),
    act(`GRANT SELECT ON \`${app.replaceAll('_', '\\_')}\`.* TO 'web'@'%'`, {
      of: app,
      does: 'opens',
      undo: [`REVOKE SELECT ON \`${app.replaceAll('_', '\\_')}\`.* FROM 'web'@'%'`],
    }),
    act(`GRANT SELECT ON ${app}.orders TO 'web'@'%'`, {
      of: app,
      does: 'opens',
      undo: [`REVOKE SELECT ON ${app}.orders FROM 'web'@'%'`],
    }),
  ];
}

/** On the server; what it gives is looked through. */
export function onServer(flavor: 'mysql' | 'mariadb'): readonly Act[] {
  const power = (sql: string | readonly string[], ...undo: readonly string[]): Act =>
    act(sql, { does: `does ${(typeof sql === 'string' ? sql : (sql[0] ?? '')).split(' ').slice(0, 3).join(' ')}`, undo });
  return [
    act('SHOW DATABASES'),
    act('SELECT SCHEMA_NAME FROM information_schema.SCHEMATA'),
    act('SHOW FULL PROCESSLIST'),
    act('SELECT * FROM information_schema.PROCESSLIST'),
    act('SELECT * FROM performance_schema.threads'),
    act('SELECT * FROM performance_schema.events_statements_history'),
    act('SELECT DIGEST_TEXT, SCHEMA_NAME FROM performance_schema.events_statements_summary_by_digest'),
    act('SELECT * FROM performance_schema.accounts'),
    act('SELECT * FROM information_schema.INNODB_TABLES'),
    act('SELECT * FROM information_schema.INNODB_TRX'),
    act('SELECT * FROM sys.processlist'),
    power('SHOW ENGINE INNODB STATUS'),
    power('SELECT User, Host FROM mysql.user'),
    power('SELECT * FROM mysql.db'),
    power('SELECT * FROM mysql.general_log'),
    power('SELECT * FROM mysql.servers'),
    power('SELECT * FROM mysql.tables_priv'),
    power('SELECT * FROM cotenant.ledger'),
    power(flavor === 'mysql' ? 'SELECT * FROM mysql.role_edges' : 'SELECT * FROM mysql.global_priv'),
    power("INSERT INTO mysql.db (Host, Db, User) VALUES ('%', 'taken', 'taken')", "DELETE FROM mysql.db WHERE Db = 'taken'"),
    power("UPDATE mysql.servers SET Host = 'taken' WHERE Server_name = 'none'"),
    power("DELETE FROM mysql.db WHERE Db = 'none'"),
    power("DELETE FROM cotenant.ledger WHERE name = 'none'"),
    power('CREATE TABLE mysql.taken (x INT)', 'DROP TABLE mysql.taken'),
    power('CREATE TABLE cotenant.taken (x INT)', 'DROP TABLE cotenant.taken'),
    power('CREATE TABLE sys.taken (x INT)', 'DROP TABLE sys.taken'),
    // Fails where nothing is read.
    power("SELECT IF(LOAD_FILE('/etc/hostname') IS NULL, (SELECT 1 UNION SELECT 2), 1)"),
    power('CREATE DATABASE taken', 'DROP DATABASE taken'),
    power("CREATE USER 'taken'@'%'", "DROP USER 'taken'@'%'"),
    power("CREATE ROLE 'taken_role'", "DROP ROLE 'taken_role'"),
    power("GRANT SELECT ON *.* TO 'web'@'%'", "REVOKE SELECT ON *.* FROM 'web'@'%'"),
    power('SET GLOBAL max_user_connections = 0'),
    power('SET GLOBAL general_log = 0'),
    power('SET GLOBAL read_only = 0'),
    power('SET GLOBAL innodb_flush_log_at_trx_commit = 2'),
    ...(flavor === 'mysql' ? [power('SET PERSIST max_user_connections = 0', 'RESET PERSIST')] : []),
    power('SET SESSION sql_log_bin = 1'),
    power('FLUSH PRIVILEGES'),
    power('FLUSH TABLES'),
    power('FLUSH LOGS'),
    power(['FLUSH TABLES WITH READ LOCK', 'UNLOCK TABLES']),
    ...(flavor === 'mysql'
      ? [power(['LOCK INSTANCE FOR BACKUP', 'UNLOCK INSTANCE'])]
      : [power(['BACKUP STAGE START', 'BACKUP STAGE END'])]),
    power('SHOW BINARY LOGS'),
    power(flavor === 'mysql' ? 'SHOW REPLICAS' : 'SHOW SLAVE HOSTS'),
    power(flavor === 'mysql' ? 'SHOW REPLICA STATUS' : 'SHOW SLAVE STATUS'),
    power(flavor === 'mysql' ? 'STOP REPLICA' : 'STOP SLAVE'),
    power('PURGE BINARY LOGS BEFORE NOW()'),
    power("CREATE SERVER taken FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1')", 'DROP SERVER taken'),
    power("INSTALL PLUGIN taken SONAME 'none.so'"),
    power('UNINSTALL PLUGIN none'),
    ...(flavor === 'mysql' ? [power('XA RECOVER')] : []),
    power("CREATE FUNCTION taken_udf RETURNS INTEGER SONAME 'locking_service.so'"),
    power("SELECT 1 INTO OUTFILE '/nowhere/at/all'"),
    power('CREATE RESOURCE GROUP taken TYPE = USER', 'DROP RESOURCE GROUP taken'),
    power("CREATE UNDO TABLESPACE taken ADD DATAFILE 'taken.ibu'", 'ALTER UNDO TABLESPACE taken SET INACTIVE'),
    power("CREATE TABLESPACE taken ADD DATAFILE 'taken.ibd'", 'DROP TABLESPACE taken'),
  ];
}

/** All that a login can see is read, and all that it can call is called. */
export async function acts(ask: (sql: string) => Promise<Rows>, others: readonly string[]): Promise<readonly Act[]> {
  const isOthers = (one: Rows[number]): boolean => others.includes(String(one['d']));
  const quoted = (one: Rows[number]): string => `\`${String(one['d'])}\`.\`${String(one['n'])}\``;
  const tables = await ask(
    "SELECT TABLE_SCHEMA AS d, TABLE_NAME AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys')",
  );
  const routines = await ask(
    "SELECT ROUTINE_SCHEMA AS d, ROUTINE_NAME AS n, ROUTINE_TYPE AS t FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA NOT IN ('sys', 'mysql')",
  );
  return [
    ...tables.map((one) => act(`SELECT * FROM ${quoted(one)}`)),
    ...tables.map((one) => act(['START TRANSACTION', `INSERT INTO ${quoted(one)} () VALUES ()`, `SELECT * FROM ${quoted(one)}`])),
    ...tables
      .filter(isOthers)
      .map((one) => act(['START TRANSACTION', `DELETE FROM ${quoted(one)}`], { does: 'changes', of: String(one['d']) })),
    ...routines.map((one) => act(one['t'] === 'FUNCTION' ? `SELECT ${quoted(one)}()` : `CALL ${quoted(one)}()`)),
  ];
}
