import type { ProbeInfo } from '../../../engine/index.ts';
import { probe } from './probe.ts';

/** The server itself, the way in, and limits. */
export const serverProbes: readonly ProbeInfo[] = [
  probe('Y08', 'analysis', 'STARVE', {
    title: 'Tables outside of the data folder',
    attack: 'An app gives a folder for the files of a table.',
    example: "CREATE TABLE x (i INT) ENGINE = MyISAM DATA DIRECTORY = '/tmp'",
    why: 'Without FILE, an app writes wherever the server may, and fills file systems that nobody watches for it.',
    hardening: 'Start the server with --skip-symbolic-links (have_symlink is DISABLED then).',
  }),
  probe('Y12', 'both', 'STARVE', {
    title: 'An app’s own limits',
    attack: 'An app lifts the limit of its own account.',
    example: 'ALTER USER CURRENT_USER() WITH MAX_USER_CONNECTIONS 0',
    why: 'A limit that its owner can lift is none.',
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
    attack: 'A login opens as many sessions as it may, and one more.',
    example: 'MAX_USER_CONNECTIONS + 1 sessions',
    why: 'A limit that does not hold is none.',
    hardening: 'As for MY-Y13.',
    destructive: true,
  }),
  probe('Y17', 'both', 'BREACH', {
    title: 'Powers over the server',
    attack: 'An app ends sessions, changes settings, loads code, drops accounts, or makes things that run as somebody else.',
    example: 'SET GLOBAL max_connections = 1; DROP USER root; INSTALL PLUGIN …',
    why: 'Each of these ends the isolation of all apps, or the server.',
    hardening: 'No global privilege, static or dynamic, at any account of an app.',
  }),
  probe('Y19', 'both', 'STARVE', {
    title: 'Events',
    attack: 'An app plans work that the server does on its own.',
    example: 'CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO …',
    why: 'It runs when no session of the app is open, counts for no limit, and goes on when the app is suspended.',
    hardening: 'No EVENT; `relax: { events: true }` opens it for one app, and the report says so.',
  }),
  probe('Y20', 'attack', 'LEAK', {
    title: 'Accounts of others',
    attack: 'An app asks what another app’s account looks like.',
    example: "SHOW CREATE USER 'app_b_user'@'%'",
    why: 'It shows the hash of a password, from where logins come, and what they may.',
    hardening: 'No SELECT on `mysql`, and no CREATE USER.',
  }),
  probe('Y22', 'both', 'BREACH', {
    title: 'Passing rights on',
    attack: 'An app grants what it has to an account of its choice.',
    example: "GRANT SELECT ON `app_a`.* TO 'friend'@'%'",
    why: 'Walls that their owner can open hold nobody back who got in there.',
    hardening: 'Never WITH GRANT OPTION.',
  }),
  probe('Y24', 'analysis', 'BREACH', {
    title: 'A second account under an app’s name',
    attack: 'Somebody makes an account with an app’s user name for another host.',
    example: "CREATE USER 'app_a_user'@'10.0.0.5'",
    why: 'The server takes the account whose host fits best: other rights, other limits and another password stand before the app’s own.',
    hardening: 'The accounts of an app are those of `hosts` in the manifest, and no more.',
  }),
  probe('H1', 'analysis', 'BREACH', {
    title: 'Logins without a proof',
    attack: 'An account has no password, a second way in, or a plugin that asks the machine instead; or the server looks at no grants.',
    example: "ALTER USER app_a IDENTIFIED BY ''",
    why: 'Everybody who reaches the port is whoever they say they are.',
    hardening: 'A password of 256 bits, kept by the server as a hash; no second password once a rotation is over; never skip_grant_tables.',
  }),
  probe('H1a', 'attack', 'BREACH', {
    title: 'A wrong password',
    attack: 'A login with a password that is not its own.',
    example: 'mysql --user=app_b_user --password=wrong',
    why: 'The server does not ask, or asks and does not care.',
    hardening: 'As for MY-H1.',
  }),
  probe('H2', 'analysis', 'BREACH', {
    title: 'One password for two',
    attack: 'Two apps have the same password.',
    example: "ALTER USER app_a IDENTIFIED BY '<the password of app_b>'",
    why: 'Whoever has the one has the other.',
    hardening: 'Each login gets a password of its own from the secret store.',
  }),
  probe('H3', 'both', 'LEAK', {
    title: 'TLS that is asked for',
    attack: 'A login comes without TLS although the manifest says `requireSsl`.',
    example: 'mysql --ssl-mode=DISABLED',
    why: 'What it reads and writes can be read on the way.',
    hardening: 'ALTER USER app_a REQUIRE SSL.',
  }),
];
