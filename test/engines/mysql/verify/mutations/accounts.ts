import { type Mutation, mutation } from './mutation.ts';

const A = "'m_a_user'@'%'";
const my = { flavor: 'mysql' } as const;
const maria = { flavor: 'mariadb' } as const;

/** Accounts, roles, what everybody has, what runs as somebody else, and the server. */
export const accountMutations: readonly Mutation[] = [
  mutation('no limit', `ALTER USER ${A} WITH MAX_USER_CONNECTIONS 0`, 'Y13'),
  ...['MAX_CONNECTIONS_PER_HOUR', 'MAX_QUERIES_PER_HOUR', 'MAX_UPDATES_PER_HOUR'].map((name) =>
    mutation(`a limit by the hour: ${name}`, `ALTER USER ${A} WITH ${name} 4000`, 'Y13'),
  ),
  mutation('wrong passwords lock it out', `ALTER USER ${A} FAILED_LOGIN_ATTEMPTS 3 PASSWORD_LOCK_TIME 2`, 'Y13', {
    ...my,
    undo: [`ALTER USER ${A} FAILED_LOGIN_ATTEMPTS 0 PASSWORD_LOCK_TIME 0`],
  }),
  mutation('a higher limit', `ALTER USER ${A} WITH MAX_USER_CONNECTIONS 500`, 'Y13'),
  mutation('no password', `ALTER USER ${A} IDENTIFIED BY ''`, 'H1'),
  mutation('a known password', `ALTER USER ${A} IDENTIFIED BY 'known'`, 'ID'),
  mutation('locked', `ALTER USER ${A} ACCOUNT LOCK`, 'ID'),
  mutation('the waiting login open', "ALTER USER 'm_a_user_2'@'%' ACCOUNT UNLOCK", 'H1'),
  mutation('a second password', `ALTER USER ${A} IDENTIFIED BY 'second' RETAIN CURRENT PASSWORD`, 'H1 ID', my),
  mutation('a second way in', `ALTER USER ${A} IDENTIFIED VIA mysql_native_password USING PASSWORD('x') OR unix_socket`, 'H1 ID', maria),
  mutation('another account of the name', "CREATE USER 'm_a_user'@'127.0.0.1' IDENTIFIED BY 'known'", 'Y24', {
    undo: ["DROP USER 'm_a_user'@'127.0.0.1'"],
  }),
  mutation('a role', `CREATE ROLE ops; GRANT SELECT ON plain.* TO ops; GRANT ops TO ${A}`, 'Y21', { undo: ['DROP ROLE ops'] }),
  mutation(
    'a role of a role',
    `CREATE ROLE inner_; CREATE ROLE outer_; GRANT SELECT ON plain.* TO inner_; GRANT inner_ TO outer_; GRANT outer_ TO ${A}`,
    'Y01',
    {
      undo: ['DROP ROLE inner_', 'DROP ROLE outer_'],
    },
  ),
  mutation('the login of another as a role', `GRANT 'plain_user'@'%' TO ${A}`, 'Y21', my),
  ...(
    [
      ['mandatory_roles', "'root'"],
      ['activate_all_roles_on_login', 'ON'],
      ['local_infile', 'ON'],
      ['partial_revokes', 'ON'],
      ['init_connect', "'SELECT 1'"],
    ] as const
  ).map(([name, value]) =>
    mutation(`a restart brings ${name}`, `SET PERSIST_ONLY ${name} = ${value}`, 'Y35', { ...my, undo: [`RESET PERSIST ${name}`] }),
  ),
  mutation('a role for all', "CREATE ROLE everyone; GRANT SELECT ON plain.* TO everyone; SET GLOBAL mandatory_roles = 'everyone'", 'Y21', {
    ...my,
    undo: ["SET GLOBAL mandatory_roles = ''", 'DROP ROLE everyone'],
  }),
  mutation('acting as another', `GRANT PROXY ON 'plain_user'@'%' TO ${A}`, 'Y21'),
  mutation('PUBLIC reads an app', 'GRANT SELECT ON plain.* TO PUBLIC', 'Y21', { ...maria, since: 101100 }),
  mutation('PUBLIC reads all', 'GRANT SELECT ON *.* TO PUBLIC', 'Y21', { ...maria, since: 101100 }),
  mutation('test for all', 'CREATE DATABASE test; GRANT ALL ON `test`.* TO PUBLIC', 'Y02', { ...maria, undo: ['DROP DATABASE test'] }),
  mutation('test names for all', 'GRANT ALL ON `test\\_%`.* TO PUBLIC', 'Y02', maria),
  mutation('test for one app', `CREATE DATABASE IF NOT EXISTS test; GRANT SELECT ON test.* TO ${A}`, 'Y02', {
    undo: ['DROP DATABASE test'],
  }),
  mutation('test for one app by a pattern', `GRANT SELECT ON \`te%\`.* TO ${A}`, 'Y02'),
  mutation('events everywhere', `GRANT EVENT ON *.* TO ${A}`, 'Y19'),
  mutation('an anonymous account', "CREATE USER ''@'127.0.0.1'", 'Y02'),
  mutation('an anonymous account anywhere', "CREATE USER ''@'%'", 'Y02'),
  mutation(
    'a row without a user',
    "INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('%', 'plain', '', 'Y'); FLUSH PRIVILEGES",
    'Y21',
  ),
  mutation(
    'somebody else has a login as a role',
    "CREATE USER 'stranger'@'%' IDENTIFIED BY 'known'; GRANT 'plain_user'@'%' TO 'stranger'@'%'",
    'Y23',
    {
      ...my,
      undo: ["DROP USER 'stranger'@'%'"],
    },
  ),
  mutation(
    'somebody else acts as a login',
    "CREATE USER 'stranger'@'%' IDENTIFIED BY 'known'; GRANT PROXY ON 'plain_user'@'%' TO 'stranger'@'%'",
    'Y23',
    {
      undo: ["DROP USER 'stranger'@'%'"],
    },
  ),
  mutation('somebody else reads', "CREATE USER 'stranger'@'%' IDENTIFIED BY 'known'; GRANT SELECT ON plain.* TO 'stranger'@'%'", 'Y23', {
    undo: ["DROP USER 'stranger'@'%'"],
  }),
  mutation(
    'somebody else reads by a pattern',
    "CREATE USER 'stranger'@'%' IDENTIFIED BY 'known'; GRANT SELECT ON `pla%`.* TO 'stranger'@'%'",
    'Y23',
    {
      undo: ["DROP USER 'stranger'@'%'"],
    },
  ),
  mutation('the same password', `ALTER USER ${A} IDENTIFIED BY 'one'; ALTER USER 'plain_user'@'%' IDENTIFIED BY 'one'`, 'H2', maria),
  mutation('a routine of the operator', 'CREATE PROCEDURE m_a.leak() SELECT * FROM plain.orders', 'Y10', {
    undo: ['DROP PROCEDURE m_a.leak'],
  }),
  mutation('a view of the operator', 'CREATE VIEW m_a.leak AS SELECT * FROM plain.orders', 'Y10', { undo: ['DROP VIEW m_a.leak'] }),
  mutation('a trigger of the operator', 'CREATE TRIGGER m_a.leak BEFORE UPDATE ON m_a.orders FOR EACH ROW SET @a = 1', 'Y10', {
    undo: ['DROP TRIGGER m_a.leak'],
  }),
  mutation('an event of the operator', 'CREATE EVENT m_a.leak ON SCHEDULE EVERY 1 DAY DO SELECT 1', 'Y10', {
    undo: ['DROP EVENT m_a.leak'],
  }),
  mutation("a view of another's login", "CREATE DEFINER = 'plain_user'@'%' VIEW m_a.leak AS SELECT * FROM plain.orders", 'Y10', {
    undo: ['DROP VIEW m_a.leak'],
  }),
  mutation(
    "a routine that runs as its caller, of another's login",
    "CREATE DEFINER = 'plain_user'@'%' PROCEDURE m_a.leak() SQL SECURITY INVOKER SELECT 1",
    'Y10',
    {
      undo: ['DROP PROCEDURE m_a.leak'],
    },
  ),
  mutation(
    'a view whose maker is gone',
    "CREATE USER 'old'@'%' IDENTIFIED BY 'x'; CREATE DEFINER = 'old'@'%' SQL SECURITY DEFINER VIEW m_a.leak AS SELECT 1 AS one; DROP USER 'old'@'%'",
    'Y11',
    { undo: ['DROP VIEW m_a.leak'] },
  ),
  mutation(
    'a maker that came back',
    "CREATE USER 'old'@'%' IDENTIFIED BY 'x'; CREATE DEFINER = 'old'@'%' PROCEDURE m_a.leak() SELECT * FROM plain.orders; DROP USER 'old'@'%'; CREATE USER 'old'@'%' IDENTIFIED BY 'y'; GRANT SELECT ON plain.* TO 'old'@'%'",
    'Y10',
    { undo: ['DROP PROCEDURE m_a.leak', "DROP USER 'old'@'%'"] },
  ),
  mutation('names taken literally', "GRANT SELECT ON m_b.* TO 'plain_user'@'%'; SET GLOBAL partial_revokes = ON", 'Y01', {
    ...my,
    undo: ['SET GLOBAL partial_revokes = OFF'],
  }),
  mutation(
    'a row for a login from a host without an account',
    "INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('127.0.0.2', 'plain', 'm_a_user', 'Y'); FLUSH PRIVILEGES",
    'Y28',
  ),
  mutation(
    'a row on a table for a login from a host without an account',
    "INSERT INTO mysql.tables_priv (Host, Db, User, Table_name, Table_priv) VALUES ('127.0.0.%', 'plain', 'm_a_user', 'orders', 'Select'); FLUSH PRIVILEGES",
    'Y28',
  ),
  mutation(
    'a MERGE table over rows of another',
    'CREATE TABLE plain.my (x INT) ENGINE = MyISAM; CREATE TABLE m_a.merged (x INT) ENGINE = MERGE UNION = (plain.my)',
    'Y29',
    { undo: ['DROP TABLE m_a.merged', 'DROP TABLE plain.my'] },
  ),
  mutation(
    'a server that everybody can use',
    "CREATE SERVER back FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1', DATABASE 'plain')",
    'Y29',
    { undo: ['DROP SERVER back'] },
  ),
  mutation('a foreign key into another', 'CREATE TABLE m_a.fk (id INT, FOREIGN KEY (id) REFERENCES plain.orders (id))', 'Y30', {
    undo: ['DROP TABLE m_a.fk'],
  }),
  mutation(
    'an event of an app that may have none',
    "CREATE DEFINER = 'm_a_user'@'%' EVENT m_a.tick ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO SELECT 1",
    'Y19',
    { undo: ['DROP EVENT m_a.tick'] },
  ),
  mutation(
    'somebody else reads everything',
    "CREATE USER 'stranger'@'%' IDENTIFIED BY 'known'; GRANT SELECT ON *.* TO 'stranger'@'%'",
    'Y31',
    {
      undo: ["DROP USER 'stranger'@'%'"],
    },
  ),
  mutation(
    'somebody else administers by a role',
    "CREATE USER 'stranger'@'%' IDENTIFIED BY 'known'; CREATE ROLE ops; GRANT CREATE USER ON *.* TO ops; GRANT ops TO 'stranger'@'%'",
    'Y31',
    { undo: ["DROP USER 'stranger'@'%'", 'DROP ROLE ops'] },
  ),
  mutation(
    'a name like one of the server',
    "CREATE USER 'mysql.backdoor'@'%' IDENTIFIED BY 'known'; GRANT ALL ON mysql.* TO 'mysql.backdoor'@'%'",
    'Y31',
    { undo: ["DROP USER 'mysql.backdoor'@'%'"] },
  ),
  mutation('somebody else without a password', "CREATE USER 'stranger'@'%' IDENTIFIED BY ''", 'H1', { undo: ["DROP USER 'stranger'@'%'"] }),
  mutation('somebody else whose name is the password', "CREATE USER 'stranger'@'%' IDENTIFIED BY 'stranger'", 'H1', {
    undo: ["DROP USER 'stranger'@'%'"],
  }),
  mutation(
    'a view of the operator for somebody else',
    "CREATE DATABASE desk; CREATE VIEW desk.shown AS SELECT * FROM plain.orders; CREATE USER 'stranger'@'%' IDENTIFIED BY 'known'; GRANT SELECT ON desk.shown TO 'stranger'@'%'",
    'Y32',
    { undo: ["DROP USER 'stranger'@'%'", 'DROP DATABASE desk'] },
  ),
  mutation(
    'a procedure of the operator for somebody else',
    "CREATE DATABASE desk; CREATE PROCEDURE desk.told() SELECT * FROM plain.orders; CREATE USER 'stranger'@'%' IDENTIFIED BY 'known'; GRANT EXECUTE ON desk.* TO 'stranger'@'%'",
    'Y32',
    { undo: ["DROP USER 'stranger'@'%'", 'DROP DATABASE desk'] },
  ),
];
