import { type Mutation, one } from './mutation.ts';

const A = "'wall_a_user'@'%'";

/** Ways in, and rows of the tables of grants that no GRANT writes. */
export const doors: readonly Mutation[] = [
  one('no password', [`ALTER USER ${A} IDENTIFIED BY ''`]),
  one('a guessable password', [`ALTER USER ${A} IDENTIFIED BY 'judge'`]),
  one('a second password', ["ALTER USER 'wall_a_user'@'%' IDENTIFIED BY 'judge' RETAIN CURRENT PASSWORD"], 'mysql'),
  one('a second way in', [`ALTER USER ${A} IDENTIFIED VIA mysql_native_password USING PASSWORD('judge') OR unix_socket`], 'mariadb'),
  one('an operator without a password', ["ALTER USER 'watch'@'%' IDENTIFIED BY ''"]),
  one('an administrator from elsewhere', ["CREATE USER 'root'@'127.0.0.1' IDENTIFIED BY ''", "GRANT ALL ON *.* TO 'root'@'127.0.0.1'"]),
  one('a stranger without a password', ["ALTER USER 'web'@'%' IDENTIFIED BY ''"]),
  one('a fresh one without anything', ["CREATE USER 'fresh'@'%' IDENTIFIED BY ''"]),
  one('a fresh administrator', ["CREATE USER 'fresh'@'%' IDENTIFIED BY ''", "GRANT ALL ON *.* TO 'fresh'@'%' WITH GRANT OPTION"]),
  one('an anonymous account', ["CREATE USER ''@'%'"]),
  one('an anonymous account from here', ["CREATE USER ''@'127.0.0.1'"]),
  one('a retired app opened', ["ALTER USER 'wall_gone_user'@'%' ACCOUNT UNLOCK"]),
  one('a retired app opened, with a password', ["ALTER USER 'wall_gone_user'@'%' IDENTIFIED BY 'judge' ACCOUNT UNLOCK"]),
  one('a retired app with its database', [
    "ALTER USER 'wall_gone_user'@'%' IDENTIFIED BY 'judge' ACCOUNT UNLOCK",
    "GRANT ALL ON `wall\\_gone`.* TO 'wall_gone_user'@'%'",
  ]),
  one('the waiting login opened', ["ALTER USER 'wall_a_user_2'@'%' IDENTIFIED BY 'judge' ACCOUNT UNLOCK"]),
  one('the same password', ["ALTER USER 'wall_a_user'@'%' IDENTIFIED BY 'judge'", "ALTER USER 'wall_b_user'@'%' IDENTIFIED BY 'judge'"]),
  ...['127.0.0.1', '127.0.0.%', 'localhost'].flatMap((host) => [
    one(`a second account from ${host}`, [`CREATE USER 'wall_a_user'@'${host}' IDENTIFIED BY 'judge'`]),
    one(`a second account from ${host} with a right`, [
      `CREATE USER 'wall_a_user'@'${host}' IDENTIFIED BY 'judge'`,
      `GRANT SELECT ON wall_b.* TO 'wall_a_user'@'${host}'`,
    ]),
    one(`a row of mysql.db from ${host}`, [
      `INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('${host}', 'wall_b', 'wall_a_user', 'Y')`,
      'FLUSH PRIVILEGES',
    ]),
    one(`a row of tables_priv from ${host}`, [
      `INSERT INTO mysql.tables_priv (Host, Db, User, Table_name, Table_priv) VALUES ('${host}', 'wall_b', 'wall_a_user', 'orders', 'Select')`,
      'FLUSH PRIVILEGES',
    ]),
    one(`a row of procs_priv from ${host}`, [
      `INSERT INTO mysql.procs_priv (Host, Db, User, Routine_name, Routine_type, Proc_priv, Grantor) VALUES ('${host}', 'wall_b', 'wall_a_user', 'answer', 'FUNCTION', 'Execute', '')`,
      'FLUSH PRIVILEGES',
    ]),
  ]),
  one('a row of mysql.db for all', [
    "INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('%', 'wall\\\\_b', '', 'Y')",
    'FLUSH PRIVILEGES',
  ]),
  one('a row of tables_priv for all', [
    "INSERT INTO mysql.tables_priv (Host, Db, User, Table_name, Table_priv) VALUES ('%', 'wall_b', '', 'orders', 'Select')",
    'FLUSH PRIVILEGES',
  ]),
  ...['wall_a_user', 'web', 'wall_lens_user'].flatMap((user) => [
    one(`a row of mysql.db of ${user} that was deleted by hand`, [
      `GRANT SELECT, INSERT ON wall_b.* TO '${user}'@'%'`,
      `DELETE FROM mysql.db WHERE User = '${user}' AND Db IN ('wall_b', 'wall\\_b')`,
    ]),
    one(`a row of tables_priv of ${user} that was deleted by hand`, [
      `GRANT SELECT ON wall_b.orders TO '${user}'@'%'`,
      `DELETE FROM mysql.tables_priv WHERE User = '${user}'`,
    ]),
  ]),
  one(
    'an account that was deleted by hand',
    [
      "CREATE USER 'fresh'@'%' IDENTIFIED BY 'judge'",
      "GRANT SELECT ON wall_b.* TO 'fresh'@'%'",
      "DELETE FROM mysql.db WHERE User = 'fresh'",
      "DELETE FROM mysql.user WHERE User = 'fresh'",
    ],
    'mysql',
  ),
  one(
    'an account that was deleted by hand',
    [
      "CREATE USER 'fresh'@'%' IDENTIFIED BY 'judge'",
      "GRANT SELECT ON wall_b.* TO 'fresh'@'%'",
      "DELETE FROM mysql.db WHERE User = 'fresh'",
      "DELETE FROM mysql.global_priv WHERE User = 'fresh'",
    ],
    'mariadb',
  ),
  ...["'wall_a_user'@'%'", "'web'@'%'", "'wall_gone_user'@'%'"].flatMap((who) => [
    one(`${who} may act as wall_b`, [`GRANT PROXY ON 'wall_b_user'@'%' TO ${who}`]),
    one(`${who} may act as root`, [`GRANT PROXY ON <admin> TO ${who}`]),
    one(`${who} has wall_b as a role`, [`GRANT 'wall_b_user'@'%' TO ${who}`], 'mysql'),
    one(`${who} has root as a role`, [`GRANT <admin> TO ${who}`], 'mysql'),
    one(`${who} may give a role away`, [
      "CREATE ROLE 'wall_role'",
      "GRANT SELECT ON wall_b.* TO 'wall_role'",
      `GRANT 'wall_role' TO ${who} WITH ADMIN OPTION`,
    ]),
  ]),
  one(
    'a role whose administrator an app is',
    ["CREATE ROLE 'wall_role' WITH ADMIN 'wall_a_user'@'%'", "GRANT SELECT ON wall_b.* TO 'wall_role'"],
    'mariadb',
  ),
  one('names taken literally', ["GRANT SELECT ON wall_b.* TO 'wall_c_user'@'%'", 'SET GLOBAL partial_revokes = ON'], 'mysql'),
  one(
    'a role that anybody may be',
    [
      "CREATE ROLE 'wall_role'",
      "GRANT SELECT ON wall_b.* TO 'wall_role'",
      "ALTER USER 'wall_role'@'%' IDENTIFIED BY 'judge' ACCOUNT UNLOCK",
    ],
    'mysql',
  ),
  one('test for all', ['CREATE DATABASE test', 'GRANT ALL ON test.* TO PUBLIC'], 'mariadb'),
  one('a view for all', ['CREATE VIEW ops.shown AS SELECT * FROM wall_b.orders', 'GRANT SELECT ON ops.shown TO PUBLIC'], 'mariadb'),
];
