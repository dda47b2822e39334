import type { ProbeInfo } from '../../../engine/index.ts';
import { probe } from './probe.ts';

/** Ways to somebody else's data. */
export const dataProbes: readonly ProbeInfo[] = [
  probe('ID', 'attack', 'BREACH', {
    title: 'The login is the app’s own',
    attack: 'cotenant logs in with the credentials that it stores for an app, and asks the server who is connected.',
    example: 'SELECT CURRENT_USER(), DATABASE()',
    why: 'With somebody else’s credentials, or through another account of the same name, the wrong walls would be verified.',
    hardening: 'One account for each login and host pattern, and no anonymous account that matches first.',
  }),
  probe('Y01', 'both', 'BREACH', {
    title: 'Data of another app',
    attack: 'An app reads, writes, creates or drops something in a database that is not its own.',
    example: 'GRANT ALL ON digi_core.* TO digi; SELECT * FROM digiXcore.t',
    why: 'In the name of a database in GRANT, `_` and `%` are wildcards: a grant on digi_core is one on every digi?core.',
    hardening: 'Every name in a grant is escaped, as `digi\\_core`; with partial_revokes names are literal, and it is not.',
  }),
  probe('Y02', 'both', 'BREACH', {
    title: 'Anonymous accounts, and the database test',
    attack: 'Somebody logs in under any name without a password, or uses `test`, which older installations open to everybody.',
    example: 'mariadb --user=nobody; CREATE TABLE test.loot (x TEXT)',
    why: 'Anybody who can reach the port can log in, and an anonymous account for a host can take precedence over the real one.',
    hardening: "DROP USER ''@'localhost'; REVOKE ALL PRIVILEGES ON `test`.* FROM PUBLIC; `perimeter: close` does both.",
  }),
  probe('Y03', 'both', 'LEAK', {
    title: 'Names of other databases',
    attack: 'An app lists the databases of the server.',
    example: 'SHOW DATABASES',
    why: 'The names of the other apps are confidential, and they are the first step of every other attack.',
    hardening: 'No global privileges: each of them shows every name.',
  }),
  probe('Y04', 'both', 'LEAK', {
    title: 'Sessions and statements of others',
    attack: 'An app reads the process list or the tables of the storage engine.',
    example: 'SELECT info FROM information_schema.PROCESSLIST',
    why: 'Statements contain data, and table names show what others do.',
    hardening: 'Never PROCESS.',
  }),
  probe('Y06', 'both', 'BREACH', {
    title: 'The server’s own databases, and cotenant’s',
    attack: 'An app reads `mysql`, `sys`, `performance_schema` or `cotenant`.',
    example: 'SELECT * FROM mysql.user',
    why: 'They contain the hashes of all passwords and the statements of all apps; anybody who can write there is root.',
    hardening: 'No grants on them, and none on `%`.*, which includes them.',
  }),
  probe('Y07', 'both', 'BREACH', {
    title: 'Files of the machine',
    attack: 'An app reads or writes files through the server.',
    example: "SELECT LOAD_FILE('/etc/passwd')",
    why: 'The server reads whatever its user may read: in some installations, files of other apps.',
    hardening: 'Never grant FILE; set secure_file_priv=NULL, or an empty folder, in case somebody does.',
  }),
  probe('Y10', 'analysis', 'BREACH', {
    title: 'Views and routines that run as somebody else',
    attack:
      'A view, routine, trigger or event in an app’s database was created by the operator or another app, and runs with their privileges.',
    example: 'CREATE DEFINER = root@localhost PROCEDURE digi_core.p() SELECT * FROM app_b.t',
    why: 'Anybody who may call it has the privileges of its definer.',
    hardening: 'Only objects created by the app’s own accounts in its database; migrations run as the app.',
  }),
  probe('Y11', 'analysis', 'LATENT', {
    title: 'Views and routines whose definer is gone',
    attack: 'An account is dropped, but its objects stay; somebody creates an account of that name again.',
    example: 'DROP USER old; CREATE USER old; GRANT SELECT ON app_b.* TO old',
    why: 'The orphaned objects run with the privileges of the new account.',
    hardening: 'Retired accounts are locked and keep their names; orphaned objects are dropped or recreated.',
  }),
  probe('Y21', 'analysis', 'BREACH', {
    title: 'Roles, PUBLIC and proxies',
    attack: 'An app has a role, acts as somebody else through PROXY, or gets what PUBLIC or mandatory_roles gives to all.',
    example: 'GRANT SELECT ON app_b.* TO PUBLIC',
    why: 'Privileges that do not come from an account of the app are missed when only its accounts are reviewed.',
    hardening: 'Accounts of apps have no roles; PUBLIC and mandatory_roles have nothing.',
  }),
  probe('Y23', 'analysis', 'BREACH', {
    title: 'Accounts outside the manifest',
    attack: 'An account that cotenant does not know has rights on an app’s database.',
    example: "GRANT ALL ON `shop`.* TO 'old_admin'@'%'",
    why: 'Nobody knows who has its password, and nobody rotates it.',
    hardening: 'Every access to an app’s data is declared in the manifest, as a reader or a share.',
  }),
];
