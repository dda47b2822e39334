import type { ProbeInfo } from '../../../engine/index.ts';
import { probe } from './probe.ts';

/** Ways to somebody else's data. */
export const dataProbes: readonly ProbeInfo[] = [
  probe('ID', 'attack', 'BREACH', {
    title: 'The login is the app’s own',
    attack: 'The credentials that cotenant holds for an app are used, and the server is asked who came.',
    example: 'SELECT CURRENT_USER(), DATABASE()',
    why: 'With somebody else’s credentials, or through another account of the same name, the wrong walls would be proved.',
    hardening: 'One account for each login and host pattern, and none without a name before it.',
  }),
  probe('Y01', 'both', 'BREACH', {
    title: 'Data of another app',
    attack: 'An app reads, writes, makes or drops something in a database that is not its own.',
    example: 'GRANT ALL ON digi_core.* TO digi; SELECT * FROM digiXcore.t',
    why: 'In the name of a database in GRANT, `_` and `%` are wildcards: a grant on digi_core is one on every digi?core.',
    hardening: 'Every name in a grant is escaped, as `digi\\_core`; with partial_revokes names are literal, and it is not.',
  }),
  probe('Y02', 'both', 'BREACH', {
    title: 'Accounts without a name, and the database test',
    attack: 'Somebody without a password logs in under any name, or works in `test`, which older set-ups open to all.',
    example: 'mariadb --user=nobody; CREATE TABLE test.loot (x TEXT)',
    why: 'Everybody who reaches the port is inside, and an account without a name on one host stands before the real one.',
    hardening: "DROP USER ''@'localhost'; REVOKE ALL PRIVILEGES ON `test`.* FROM PUBLIC; `perimeter: close` does both.",
  }),
  probe('Y03', 'both', 'LEAK', {
    title: 'Names of other databases',
    attack: 'An app lists the databases of the server.',
    example: 'SHOW DATABASES',
    why: 'Who else lives here is nobody’s business, and the names are the first step of every other attack.',
    hardening: 'No global privilege of any kind: each of them shows every name.',
  }),
  probe('Y04', 'both', 'LEAK', {
    title: 'Sessions and statements of others',
    attack: 'An app reads the process list or the tables of the storage engine.',
    example: 'SELECT info FROM information_schema.PROCESSLIST',
    why: 'Statements hold data, and the names of tables say what others do.',
    hardening: 'Never PROCESS.',
  }),
  probe('Y06', 'both', 'BREACH', {
    title: 'The server’s own databases, and cotenant’s',
    attack: 'An app reads `mysql`, `sys`, `performance_schema` or `cotenant`.',
    example: 'SELECT * FROM mysql.user',
    why: 'Hashes of all passwords and statements of all apps stand there; whoever writes there is root.',
    hardening: 'No grant on them, and none on `%`.*, which means them too.',
  }),
  probe('Y07', 'both', 'BREACH', {
    title: 'Files of the machine',
    attack: 'An app reads or writes files through the server.',
    example: "SELECT LOAD_FILE('/etc/passwd')",
    why: 'The server reads whatever its user may read, on some set-ups files of other apps.',
    hardening: 'Never FILE; secure_file_priv=NULL, or an empty folder, for the day that somebody grants it.',
  }),
  probe('Y10', 'analysis', 'BREACH', {
    title: 'Views and routines that run as somebody else',
    attack:
      'A view, routine, trigger or event in an app’s database was made by the operator or by another app, and runs with those rights.',
    example: 'CREATE DEFINER = root@localhost PROCEDURE digi_core.p() SELECT * FROM app_b.t',
    why: 'Whoever may call it has the rights of whoever made it.',
    hardening: 'Nothing in an app’s database but what the app’s own accounts made; migrations run as the app.',
  }),
  probe('Y11', 'analysis', 'BREACH', {
    title: 'Views and routines whose maker is gone',
    attack: 'An account is dropped, and what it made stays; somebody makes an account of that name again.',
    example: 'DROP USER old; CREATE USER old; GRANT SELECT ON app_b.* TO old',
    why: 'What was dead comes to life with the new account’s rights.',
    hardening: 'Retired accounts are locked and keep their names; what somebody left behind is dropped or made again.',
  }),
  probe('Y21', 'analysis', 'BREACH', {
    title: 'Roles, PUBLIC and proxies',
    attack: 'An app has a role, acts as somebody else through PROXY, or gets what PUBLIC or mandatory_roles gives to all.',
    example: 'GRANT SELECT ON app_b.* TO PUBLIC',
    why: 'Rights that stand at no account of the app are missed by whoever looks at its accounts only.',
    hardening: 'Accounts of apps have no roles; PUBLIC and mandatory_roles have nothing.',
  }),
  probe('Y23', 'analysis', 'BREACH', {
    title: 'Accounts that are in no manifest',
    attack: 'An account that cotenant does not know has rights on an app’s database.',
    example: "GRANT ALL ON `shop`.* TO 'old_admin'@'%'",
    why: 'Its password is known to whoever knows it, and nobody rotates it.',
    hardening: 'Every way to an app’s data stands in the manifest: as a reader, as a share, or not at all.',
  }),
];
