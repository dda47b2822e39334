import type { ProbeInfo } from '../../../engine/index.ts';
import { probe } from './probe.ts';

/** The server itself, the way in, and limits. */
export const serverProbes: readonly ProbeInfo[] = [
  probe('Y08', 'analysis', 'STARVE', {
    title: 'Tables outside of the data folder',
    attack: 'An app chooses a folder for the files of a table.',
    example: "CREATE TABLE x (i INT) ENGINE = MyISAM DATA DIRECTORY = '/tmp'",
    why: 'Without FILE, an app writes wherever the server may, and fills file systems that nobody watches for it.',
    hardening: 'Start the server with --skip-symbolic-links (have_symlink is DISABLED then).',
  }),
  probe('Y12', 'both', 'STARVE', {
    title: 'An app’s own limits',
    attack: 'An app lifts the limit of its own account.',
    example: 'ALTER USER CURRENT_USER() WITH MAX_USER_CONNECTIONS 0',
    why: 'A limit that its owner can lift is no limit.',
    hardening: 'Never CREATE USER, nor UPDATE on `mysql`.',
  }),
  probe('Y13', 'analysis', 'STARVE', {
    title: 'Connections',
    attack: 'An account without MAX_USER_CONNECTIONS takes all connections of the server.',
    example: 'ALTER USER app_a WITH MAX_USER_CONNECTIONS 0',
    why: 'Nobody else can log in. The limit counts for each account: a second one for another host doubles it.',
    hardening: 'ALTER USER app_a WITH MAX_USER_CONNECTIONS 20; the limits of all together fit into max_connections.',
  }),
  probe('Y13c', 'attack', 'STARVE', {
    title: 'One connection more than the limit',
    attack: 'A login opens as many sessions as it may, plus one.',
    example: 'MAX_USER_CONNECTIONS + 1 sessions',
    why: 'A limit that is not enforced is no limit.',
    hardening: 'As for MY-Y13.',
    destructive: true,
  }),
  probe('Y17', 'both', 'BREACH', {
    title: 'Powers over the server',
    attack: 'An app ends sessions, changes settings, loads code, drops accounts, or creates objects that run as somebody else.',
    example: 'SET GLOBAL max_connections = 1; DROP USER root; INSTALL PLUGIN …',
    why: 'Each of these ends the isolation of all apps, or the server.',
    hardening: 'No global privilege, static or dynamic, at any account of an app.',
  }),
  probe('Y19', 'both', 'STARVE', {
    title: 'Events',
    attack: 'An app schedules work that the server runs by itself.',
    example: 'CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO …',
    why: 'It runs while no session of the app is open, counts towards no limit, and continues when the app is suspended.',
    hardening: 'Do not grant EVENT; `relax: { events: true }` opens it for one app, and the report says so.',
  }),
  probe('Y20', 'attack', 'LEAK', {
    title: 'Accounts of others',
    attack: 'An app reads the definition of another app’s account.',
    example: "SHOW CREATE USER 'app_b_user'@'%'",
    why: 'It shows the password hash, the allowed hosts and the privileges.',
    hardening: 'No SELECT on `mysql`, and no CREATE USER.',
  }),
  probe('Y22', 'both', 'BREACH', {
    title: 'Granting privileges to others',
    attack: 'An app grants its privileges to an account of its choice.',
    example: "GRANT SELECT ON `app_a`.* TO 'friend'@'%'",
    why: 'A wall that the app itself can open does not stop an attacker who has taken over the app.',
    hardening: 'Never WITH GRANT OPTION.',
  }),
  probe('Y24', 'analysis', 'BREACH', {
    title: 'A second account under an app’s name',
    attack: 'Somebody creates an account with an app’s user name for another host.',
    example: "CREATE USER 'app_a_user'@'10.0.0.5'",
    why: 'The server uses the account whose host matches best: its privileges, limits and password take precedence over the app’s.',
    hardening: 'The accounts of an app are those of `hosts` in the manifest, and no more.',
  }),
  probe('H1', 'analysis', 'BREACH', {
    title: 'Logins without authentication',
    attack: 'An account has no password, a second password, or a plugin that trusts the machine; or the server ignores grants.',
    example: "ALTER USER app_a IDENTIFIED BY ''",
    why: 'Anybody who can reach the port can log in as anybody.',
    hardening:
      'ALTER USER … IDENTIFIED BY …: a password of 256 bits, kept by the server as a hash; no second password once a rotation is over; never skip_grant_tables.',
  }),
  probe('H1a', 'attack', 'BREACH', {
    title: 'A wrong password',
    attack: 'A login with a password that is not its own.',
    example: 'mysql --user=app_b_user --password=wrong',
    why: 'The server does not check the password.',
    hardening: 'As for MY-H1.',
  }),
  probe('H2', 'analysis', 'BREACH', {
    title: 'One password for two apps',
    attack: 'Two apps have the same password.',
    example: "ALTER USER app_a IDENTIFIED BY '<the password of app_b>'",
    why: 'Anybody who knows one can log in as the other.',
    hardening: 'Each login gets a separate password from the secret store.',
  }),
  probe('H3', 'both', 'LEAK', {
    title: 'Required TLS',
    attack: 'A login comes without TLS although the manifest says `requireSsl`.',
    example: 'mysql --ssl-mode=DISABLED',
    why: 'What it reads and writes can be read on the network.',
    hardening: 'ALTER USER app_a REQUIRE SSL.',
  }),
];
