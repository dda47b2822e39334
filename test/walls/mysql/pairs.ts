import { later, type Mutation, one } from './mutation.ts';

const A = "'wall_a_user'@'%'";
const B = "'wall_b_user'@'%'";
const WEB = "'web'@'%'";
const LENS = "'wall_lens_user'@'%'";
const FRESH = "'fresh'@'%'";

const ROLE = ["CREATE ROLE 'wall_role'", "GRANT SELECT ON wall_b.* TO 'wall_role'"];
const MADE = "CREATE USER 'fresh'@'%' IDENTIFIED BY 'judge'";
const VIEW = 'CREATE DEFINER = <admin> VIEW ops.shown AS SELECT * FROM wall_b.orders';

/** Nobody has it today. */
const latent: readonly Mutation[] = [
  later('a role without members', ROLE),
  later('a role without members, on everything', ["CREATE ROLE 'wall_role'", "GRANT SELECT ON *.* TO 'wall_role'"]),
  later('a role without members, on a retired app', ["CREATE ROLE 'wall_role'", "GRANT SELECT ON wall_gone.* TO 'wall_role'"]),
  later('a role without members, on the server', ["CREATE ROLE 'wall_role'", "GRANT INSERT ON mysql.* TO 'wall_role'"]),
  later('a role without members, on a table', ["CREATE ROLE 'wall_role'", "GRANT UPDATE (note) ON wall_b.orders TO 'wall_role'"]),
  later('a role whose only member is a role without members', [...ROLE, "CREATE ROLE 'wall_outer'", "GRANT 'wall_role' TO 'wall_outer'"]),
  later('a role of somebody who is locked', [...ROLE, MADE, `GRANT 'wall_role' TO ${FRESH}`, `ALTER USER ${FRESH} ACCOUNT LOCK`]),
  later('somebody who is locked', [MADE, `GRANT SELECT ON wall_b.* TO ${FRESH}`, `ALTER USER ${FRESH} ACCOUNT LOCK`]),
  later('somebody who is locked, on everything', [MADE, `GRANT ALL ON *.* TO ${FRESH}`, `ALTER USER ${FRESH} ACCOUNT LOCK`]),
  later('somebody who is locked, on the server', [MADE, `GRANT SELECT ON mysql.* TO ${FRESH}`, `ALTER USER ${FRESH} ACCOUNT LOCK`]),
  later('somebody who is locked may act as another', [MADE, `GRANT PROXY ON ${B} TO ${FRESH}`, `ALTER USER ${FRESH} ACCOUNT LOCK`]),
  later('a view for somebody who is locked', [VIEW, MADE, `GRANT SELECT ON ops.shown TO ${FRESH}`, `ALTER USER ${FRESH} ACCOUNT LOCK`]),
  later('a view for a role without members', [VIEW, "CREATE ROLE 'wall_role'", "GRANT SELECT ON ops.shown TO 'wall_role'"]),
  later('a view of somebody who is gone', ["CREATE DEFINER = 'ghost'@'%' VIEW wall_b.shown AS SELECT 1 AS one"]),
  later('an app on a database that nobody made', [`GRANT SELECT ON \`wall\\_d\`.* TO ${A}`]),
  later('an app on names that nobody has', [`GRANT SELECT ON \`other\\_%\`.* TO ${A}`]),
  later('a reader on a database that nobody made', [`GRANT SELECT ON \`wall\\_d\`.* TO ${LENS}`]),
  later('a row for somebody without an account', [
    "INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('%', 'wall\\\\_b', 'ghost', 'Y')",
    'FLUSH PRIVILEGES',
  ]),
  later('a row that is not read yet', ["INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('%', 'wall\\\\_b', 'web', 'Y')"]),
];

/** Rows that the server looks at, from a host for which there is no account. */
const strays: readonly Mutation[] = ['web', 'wall_lens_user', 'watch', 'wall_gone_user'].flatMap((user) => [
  one(`a row of mysql.db of ${user} from here`, [
    `INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('127.0.0.1', 'wall\\\\_b', '${user}', 'Y')`,
    ...(user === 'wall_gone_user' ? ["ALTER USER 'wall_gone_user'@'%' IDENTIFIED BY 'judge' ACCOUNT UNLOCK"] : []),
    'FLUSH PRIVILEGES',
  ]),
  one(`a row of mysql.db of ${user} for the server, from here`, [
    `INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('127.0.0.1', 'mysql', '${user}', 'Y')`,
    'FLUSH PRIVILEGES',
  ]),
  one(`a row of columns_priv of ${user} from here`, [
    `INSERT INTO mysql.columns_priv (Host, Db, User, Table_name, Column_name, Column_priv) VALUES ('127.0.0.1', 'wall_b', '${user}', 'orders', 'note', 'Select')`,
    `INSERT INTO mysql.tables_priv (Host, Db, User, Table_name, Table_priv, Column_priv) VALUES ('127.0.0.1', 'wall_b', '${user}', 'orders', '', 'Select')`,
    'FLUSH PRIVILEGES',
  ]),
]);

const carried = (
  name: string,
  privilege: string,
  on: string,
  make: readonly string[],
  flavor?: Mutation['flavor'],
): readonly Mutation[] => [
  one(`${name} for a stranger`, [...make, `GRANT ${privilege} ON ${on} TO ${WEB}`], flavor),
  one(
    `${name} by a role`,
    [...make, "CREATE ROLE 'wall_role'", `GRANT ${privilege} ON ${on} TO 'wall_role'`, `GRANT 'wall_role' TO ${WEB}`],
    flavor,
  ),
  ...(flavor === 'mysql' ? [] : [one(`${name} for all`, [...make, `GRANT ${privilege} ON ${on} TO PUBLIC`], 'mariadb')]),
  ...(flavor === 'mariadb'
    ? []
    : [
        one(
          `${name} by a mandatory role`,
          [...make, "CREATE ROLE 'wall_role'", `GRANT ${privilege} ON ${on} TO 'wall_role'`, "SET GLOBAL mandatory_roles = 'wall_role'"],
          'mysql',
        ),
      ]),
  one(`${name} for an anonymous account`, [...make, "CREATE USER ''@'%'", `GRANT ${privilege} ON ${on} TO ''@'%'`], flavor),
];

const TOLD = 'RETURNS VARCHAR(40) READS SQL DATA RETURN (SELECT MAX(note) FROM wall_b.orders)';
const carriers: readonly Mutation[] = [
  ...carried('a view', 'SELECT', 'ops.shown', [VIEW]),
  ...carried('a view of another app’s view', 'SELECT', 'ops.shown', [
    'CREATE DEFINER = <admin> VIEW ops.shown AS SELECT * FROM wall_b.notes',
  ]),
  ...carried('a view that calls', 'SELECT', 'ops.shown', [
    `CREATE DEFINER = <admin> FUNCTION ops.told() ${TOLD}`,
    'CREATE DEFINER = <admin> VIEW ops.shown AS SELECT ops.told() AS note',
  ]),
  ...carried('a procedure that calls', 'EXECUTE', 'PROCEDURE ops.asks', [
    'CREATE DEFINER = <admin> PROCEDURE ops.told() SELECT * FROM wall_b.orders',
    'CREATE DEFINER = <admin> PROCEDURE ops.asks() CALL ops.told()',
  ]),
  ...carried('a function in sys', 'EXECUTE', 'FUNCTION sys.told', [`CREATE DEFINER = <admin> FUNCTION sys.told() ${TOLD}`]),
  ...carried('a view in sys', 'SELECT', 'sys.shown', ['CREATE DEFINER = <admin> VIEW sys.shown AS SELECT * FROM wall_b.orders']),
  ...carried('a procedure in mysql', 'EXECUTE', 'PROCEDURE mysql.told', [
    'CREATE DEFINER = <admin> PROCEDURE mysql.told() SELECT * FROM wall_b.orders',
  ]),
  ...carried('a view with a retired app', 'SELECT', 'wall_gone.shown', [
    'CREATE DEFINER = <admin> VIEW wall_gone.shown AS SELECT * FROM wall_b.orders',
  ]),
  ...carried('a view of a retired app', 'SELECT', 'ops.shown', [
    'CREATE DEFINER = <admin> VIEW ops.shown AS SELECT * FROM wall_gone.orders',
  ]),
  ...carried('a procedure that writes its statement itself', 'EXECUTE', 'PROCEDURE ops.told', [
    "CREATE DEFINER = <admin> PROCEDURE ops.told() BEGIN SET @q = CONCAT('SELECT * FROM wall', '_b.orders'); PREPARE s FROM @q; EXECUTE s; END",
  ]),
  ...carried(
    'a package',
    'EXECUTE',
    'PACKAGE ops.told',
    [
      "SET SESSION sql_mode = 'ORACLE'",
      'CREATE DEFINER = <admin> PACKAGE ops.told AS PROCEDURE run; END',
      'CREATE DEFINER = <admin> PACKAGE BODY ops.told AS PROCEDURE run AS BEGIN SELECT * FROM wall_b.orders; END; END',
      'SET SESSION sql_mode = DEFAULT',
    ],
    'mariadb',
  ).map((it) => ({ ...it })),
  ...carried(
    'a duality view',
    'SELECT',
    'ops.shown',
    [
      "CREATE DEFINER = <admin> JSON RELATIONAL DUALITY VIEW ops.shown AS SELECT JSON_DUALITY_OBJECT('_id': id, 'note': note) FROM wall_b.orders",
    ],
    'mysql',
  ),
  ...carried('a table that an event fills', 'SELECT', 'ops.copied', [
    'CREATE TABLE ops.copied (id INT, note VARCHAR(40))',
    "CREATE DEFINER = <admin> EVENT ops.fills ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO INSERT INTO ops.copied SELECT * FROM wall_b.orders",
    'INSERT INTO ops.copied SELECT * FROM wall_b.orders',
  ]),
  ...carried('a table with a trigger', 'SELECT, INSERT', 'ops.asked', [
    'CREATE TABLE ops.asked (id INT, note VARCHAR(40))',
    'CREATE DEFINER = <admin> TRIGGER ops.told BEFORE INSERT ON ops.asked FOR EACH ROW SET NEW.note = (SELECT MAX(note) FROM wall_b.orders)',
  ]),
  ...carried('a table whose trigger calls', 'INSERT', 'ops.asked', [
    'CREATE TABLE ops.asked (id INT)',
    'CREATE DEFINER = <admin> PROCEDURE ops.emptied() DELETE FROM wall_b.orders',
    'CREATE DEFINER = <admin> TRIGGER ops.told BEFORE INSERT ON ops.asked FOR EACH ROW CALL ops.emptied()',
  ]),
  one('a trigger of the operator on a table of an app', [
    'CREATE TABLE ops.copied (id INT, note VARCHAR(40))',
    'CREATE DEFINER = <admin> TRIGGER wall_b.told AFTER INSERT ON wall_b.orders FOR EACH ROW INSERT INTO ops.copied VALUES (NEW.id, NEW.note)',
    `GRANT SELECT ON ops.copied TO ${WEB}`,
  ]),
  one('what every session runs, of an app', ["SET GLOBAL init_connect = 'INSERT INTO wall_a.spare SELECT id FROM orders'"]),
  one('what every session runs, for a stranger', ["SET GLOBAL init_connect = 'CALL ops.told()'"]),
];

/** Somebody is somebody else, and that one has it. */
const chains: readonly Mutation[] = [
  ...[A, WEB, LENS].flatMap((who) => [
    one(`${who} may act as a stranger who reads`, [MADE, `GRANT SELECT ON wall_b.* TO ${FRESH}`, `GRANT PROXY ON ${FRESH} TO ${who}`]),
    one(`${who} may act as anybody`, [`GRANT PROXY ON ''@'' TO ${who}`]),
    one(`${who} may act as anybody and let others`, [`GRANT PROXY ON ''@'' TO ${who} WITH GRANT OPTION`]),
    one(`${who} has a role with a view`, [
      VIEW,
      "CREATE ROLE 'wall_role'",
      "GRANT SELECT ON ops.shown TO 'wall_role'",
      `GRANT 'wall_role' TO ${who}`,
    ]),
    one(`${who} may give a role away that reads`, [...ROLE, `GRANT 'wall_role' TO ${who} WITH ADMIN OPTION`]),
    one(`${who} has a role of three`, [
      ...ROLE,
      "CREATE ROLE 'wall_outer'",
      "CREATE ROLE 'wall_most'",
      "GRANT 'wall_role' TO 'wall_outer'",
      "GRANT 'wall_outer' TO 'wall_most'",
      `GRANT 'wall_most' TO ${who}`,
    ]),
    one(`${who} has a stranger as a role`, [MADE, `GRANT SELECT ON wall_b.* TO ${FRESH}`, `GRANT ${FRESH} TO ${who}`], 'mysql'),
  ]),
  one('an anonymous account may act as an app', ["CREATE USER ''@'%'", `GRANT PROXY ON ${B} TO ''@'%'`]),
  one('a role that everybody has', [...ROLE, "GRANT 'wall_role' TO PUBLIC"], 'mariadb'),
  one('wrong passwords lock an app out', ["ALTER USER 'wall_b_user'@'%' FAILED_LOGIN_ATTEMPTS 1 PASSWORD_LOCK_TIME UNBOUNDED"], 'mysql'),
  one(
    'a stranger who lost part of everything',
    ['SET GLOBAL partial_revokes = ON', `GRANT SELECT ON *.* TO ${WEB}`, `REVOKE SELECT ON wall_a.* FROM ${WEB}`],
    'mysql',
  ),
];

const session = (
  id: string,
  user: string,
  more: Omit<NonNullable<Mutation['held']>, 'user' | 'database'>,
  sql: readonly string[],
): Mutation => ({
  id,
  sql,
  held: { user, database: 'wall_b', ...more },
});
const grant = (user: string, what: string, on = '`wall\\_b`.*'): readonly string[] => [`GRANT ${what} ON ${on} TO '${user}'@'%'`];
const revoke = (user: string, what: string, on = '`wall\\_b`.*'): readonly string[] => [`REVOKE ${what} ON ${on} FROM '${user}'@'%'`];

/** Begun while they might. */
const begun: readonly Mutation[] = ['wall_a_user', 'web'].flatMap((user) => [
  session(
    `a HANDLER of ${user}`,
    user,
    { begin: ['HANDLER wall_b.orders OPEN AS h'], after: revoke(user, 'SELECT'), asks: 'HANDLER h READ FIRST' },
    grant(user, 'SELECT'),
  ),
  session(
    `a lock of ${user}`,
    user,
    {
      begin: ['LOCK TABLES wall_b.spare WRITE'],
      after: revoke(user, 'SELECT, LOCK TABLES'),
      asks: 'SELECT 1 FROM wall_b.orders',
      stops: 'INSERT INTO wall_b.spare VALUES (9)',
    },
    grant(user, 'SELECT, LOCK TABLES'),
  ),
  session(
    `a lock on rows of ${user}`,
    user,
    {
      begin: ['START TRANSACTION', "UPDATE wall_b.orders SET note = 'taken'"],
      after: revoke(user, 'SELECT, UPDATE'),
      asks: 'SELECT 1 FROM wall_b.orders',
      stops: 'UPDATE wall_b.orders SET note = note WHERE id = 1',
    },
    grant(user, 'SELECT, UPDATE'),
  ),
  session(
    `a prepared statement of ${user}`,
    user,
    { begin: ["PREPARE s FROM 'SELECT * FROM wall_b.orders'"], after: revoke(user, 'SELECT'), asks: 'EXECUTE s' },
    grant(user, 'SELECT'),
  ),
  session(
    `rights on everything of ${user}`,
    user,
    { begin: ['SELECT 1'], after: revoke(user, 'SELECT', '*.*'), asks: 'SELECT * FROM wall_b.orders' },
    grant(user, 'SELECT', '*.*'),
  ),
  session(
    `a role that ${user} had on`,
    user,
    { begin: ["SET ROLE 'wall_role'"], after: [`REVOKE 'wall_role' FROM '${user}'@'%'`], asks: 'SELECT * FROM wall_b.orders' },
    [...ROLE, `GRANT 'wall_role' TO '${user}'@'%'`],
  ),
  session(
    `a role that ${user} had on and that is gone`,
    user,
    { begin: ["SET ROLE 'wall_role'"], after: ["DROP ROLE 'wall_role'"], asks: 'SELECT * FROM wall_b.orders' },
    [...ROLE, `GRANT 'wall_role' TO '${user}'@'%'`],
  ),
]);

/** Two at a time: who holds it, and what carries it. */
export const pairs: readonly Mutation[] = [...latent, ...strays, ...carriers, ...chains].map((it) => ({
  ...it,
  id: `pair: ${it.id}`,
}));

/** Sessions that began something while they might. */
export const sessions: readonly Mutation[] = begun.map((it) => ({ ...it, id: `begun: ${it.id}` }));
