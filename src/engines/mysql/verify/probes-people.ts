import type { ProbeInfo } from '../../../engine/index.ts';
import { probe } from './probe.ts';

/** Whoever is no tenant, and ways that no grant guards. */
export const peopleProbes: readonly ProbeInfo[] = [
  probe('Y26', 'analysis', 'BREACH', {
    title: 'An operator’s login with more privileges than declared',
    attack: 'A login under `operators` has privileges beyond the words of its `may`.',
    example: "GRANT INSERT ON *.* TO 'backup'@'%'",
    why: 'A backup that can write is a way into every app.',
    hardening: 'cotenant revokes nothing from an operator: revoke it by hand, or add the word that stands for it.',
  }),
  probe('Y27', 'analysis', 'BREACH', {
    title: 'A retired app that is open',
    attack: 'Somebody unlocks an account of a retired app, or grants it something.',
    example: "ALTER USER 'old_user'@'%' ACCOUNT UNLOCK",
    why: 'Its former users still have its credentials, and nobody watches it any more.',
    hardening: 'The next apply locks it and revokes its privileges; use `restore-app` to bring it back.',
  }),
  probe('Y28', 'analysis', 'BREACH', {
    title: 'Grants without an account',
    attack: 'A row of mysql.db names a login of an app and a host for which there is no account.',
    example: "INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('10.0.0.7', 'app_b', 'app_a_user', 'Y')",
    why: 'The server compares the name and host of the session with each row: the login has the privilege when it connects from there.',
    hardening: 'Remove accounts with DROP USER, never with DELETE; an apply removes such rows.',
  }),
  probe('Y29', 'analysis', 'BREACH', {
    title: 'Loadable functions, servers, and tables that show others’ rows',
    attack: 'An app calls a loadable function, makes a FEDERATED table over a server that the operator named, or reads a MERGE table.',
    example: 'CREATE TABLE t (…) ENGINE = MERGE UNION = (app_b.orders)',
    why: 'Functions in mysql.func and entries in mysql.servers need no privilege; a MERGE table keeps the access of its creation.',
    hardening: 'DROP FUNCTION …, DROP SERVER …, DROP TABLE …: none of them on a server that several apps share.',
  }),
  probe('Y30', 'analysis', 'LEAK', {
    title: 'A foreign key into another app',
    attack: 'A table of one app refers to a table of another.',
    example: 'ALTER TABLE app_a.t ADD FOREIGN KEY (id) REFERENCES app_b.orders (id)',
    why: 'It shows which keys exist there and stops the other app from deleting them, even after the privilege to create it was revoked.',
    hardening: 'ALTER TABLE app_a.t DROP FOREIGN KEY …',
  }),
  probe('Y31', 'analysis', 'BREACH', {
    title: 'Power over the whole server that no manifest names',
    attack: 'A login that the manifest does not name has a privilege on everything, or on the databases of the server or of cotenant.',
    example: "GRANT SELECT ON *.* TO 'backup'@'%'",
    why: 'It reaches every app on the server: their data, their accounts, or their sessions.',
    hardening: 'Name it in the manifest, under `operators` or `known`, or revoke the privilege. No fix takes it.',
  }),
  probe('Y32', 'analysis', 'BREACH', {
    title: 'Views and routines outside of the apps that show their rows',
    attack:
      'Somebody uses a view, a routine or a table with a trigger in a database of the operator, which runs with the rights of whoever made it.',
    example: 'CREATE VIEW ops.latest AS SELECT * FROM app_b.orders; GRANT SELECT ON ops.latest TO …',
    why: 'It shows or changes rows of an app to somebody who has no right in that app.',
    hardening: 'Drop it, revoke the right to use it, or name whoever has it under `operators` or `known`.',
  }),
  probe('Y33', 'analysis', 'BREACH', {
    title: 'Sessions that keep what was taken',
    attack: 'A login enters a database that it may use, somebody revokes the right, and the session goes on.',
    example: 'USE app_b; -- then, as the operator: REVOKE ALL ON `app_b`.* FROM app_a; -- and in the session: SELECT * FROM orders',
    why: 'The server looks at rights on a database when a session enters it, and at an account when it comes in.',
    hardening: 'End the session: KILL. An apply ends the sessions of whom it takes something from.',
  }),
  probe('Y34', 'analysis', 'BREACH', {
    title: 'Rights that only the running server has',
    attack:
      'Somebody deletes rows of the tables of grants, or an account, by hand; until FLUSH PRIVILEGES the server gives what they said.',
    example: "DELETE FROM mysql.db WHERE User = 'app_a_user' AND Db = 'app_b'",
    why: 'The tables say that the right is gone, and the login has it: whoever reads the tables alone takes the wall for closed.',
    hardening: 'REVOKE and DROP USER instead of DELETE; FLUSH PRIVILEGES has the server read its tables anew.',
  }),
  probe('Y35', 'analysis', 'LATENT', {
    title: 'What a restart brings',
    attack: 'A setting that a wall stands on is written down for the next start of the server and not in force yet.',
    example: "SET PERSIST_ONLY mandatory_roles = 'reader'",
    why: 'The next start opens it, whoever asks for that.',
    hardening: 'RESET PERSIST …, or SET PERSIST to what is meant.',
  }),
];
