import type { ProbeInfo } from '../../../../engine/index.ts';
import { probe } from '../probe.ts';

/** Limits, the way in, and the server itself. */
export const serverProbes: readonly ProbeInfo[] = [
  probe('D1', 'analysis', 'STARVE', {
    title: 'Connections',
    attack: 'A login without a connection limit, or with one that is too high, takes all connections of the server.',
    example: '32 sessions of one login where max_connections is 30',
    why: 'Nobody else can log in.',
    hardening: 'ALTER ROLE app_a CONNECTION LIMIT 20; the limits of all together fit into max_connections.',
  }),
  probe('D1c', 'attack', 'STARVE', {
    title: 'One connection more than the limit',
    attack: 'A login opens as many sessions as it may, plus one.',
    example: 'CONNECTION LIMIT + 1 sessions',
    why: 'A limit that is not enforced is no limit.',
    hardening: 'As for D1.',
    destructive: true,
  }),
  probe('D3', 'both', 'STARVE', {
    title: 'Advisory locks without number',
    attack: 'A login takes a million advisory locks and fills the lock table that all databases share.',
    example: 'SELECT pg_try_advisory_xact_lock(1)',
    why: 'Nobody can log in any more, superusers included.',
    hardening: '`advisoryLocks: deny` takes EXECUTE on the pg_advisory functions from PUBLIC; migration tools that use them then fail.',
  }),
  probe('D6', 'analysis', 'STARVE', {
    title: 'Temporary files',
    attack: 'Sorts and hashes of one query fill the disk.',
    example: 'SELECT count(*) FROM (SELECT random() FROM generate_series(1, 1e9) ORDER BY 1) x',
    why: 'A full disk stops the server for everybody.',
    hardening: "ALTER ROLE app_a SET temp_file_limit = '2GB': a login cannot lift it.",
  }),
  probe('H1', 'analysis', 'BREACH', {
    title: 'Logins without authentication, or with a password in clear',
    attack: 'A line of pg_hba.conf lets logins in by `trust`, or asks for the password in clear without TLS.',
    example: 'host all all 0.0.0.0/0 trust',
    why: 'Anybody who can reach the port can log in as anybody.',
    hardening: 'scram-sha-256 on every line.',
  }),
  probe('H1a', 'attack', 'BREACH', {
    title: 'A wrong password',
    attack: 'A login with a password that is not its own.',
    example: 'psql "user=app_b_user password=wrong"',
    why: 'The server does not check the password.',
    hardening: 'As for H1.',
  }),
  probe('H2', 'analysis', 'LEAK', {
    title: 'MD5 passwords',
    attack: 'password_encryption is md5, a line of pg_hba.conf asks for md5, or a role has an MD5 verifier.',
    example: "ALTER SYSTEM SET password_encryption = 'md5'",
    why: 'An MD5 verifier is as good as the password: whoever reads one (a backup, a replica) logs in with it.',
    hardening: 'password_encryption = scram-sha-256, new passwords, and scram-sha-256 in pg_hba.conf.',
  }),
  probe('H3', 'analysis', 'BREACH', {
    title: 'Replication connections',
    attack: 'pg_hba.conf lets an app’s login, or everybody from everywhere, open a replication connection.',
    example: 'host replication all 0.0.0.0/0 scram-sha-256',
    why: 'A base backup copies the whole cluster.',
    hardening: 'A `replication` line names the replication login and its address.',
  }),
  probe('H4', 'analysis', 'BREACH', {
    title: 'A password that everybody can guess',
    attack:
      'A login of the operator, of a stranger who comes to an app, or one that was adopted, has its own name as its password, that of the app or the database, or one of the words that are tried first.',
    example: "ALTER ROLE reporting PASSWORD 'reporting'",
    why: 'Whoever reaches the port has what that login has.',
    hardening:
      'Another password (\\password in psql sends only the verifier). Verifiers are compared here without a login; where this admin may not read pg_authid, nothing is checked, and PG-H2 says so.',
  }),
  probe('P38', 'analysis', 'LEAK', {
    title: 'pg_hba.conf as the second wall',
    attack: 'A line lets every login try every database from every address.',
    example: 'host all all all scram-sha-256',
    why: 'A CONNECT that is granted by mistake is then the only wall, and passwords can be guessed from anywhere.',
    hardening: 'Lines that name database, login and network of each app.',
  }),
  probe('ID', 'attack', 'BREACH', {
    title: 'Credentials of another app',
    attack: 'The credentials that are kept for an app lead to another login.',
    example: 'SELECT session_user, current_user',
    why: 'The app works in another app’s data without knowing.',
    hardening: 'cotenant env gives each app its own credentials; rotate those that were mixed up.',
  }),
  probe('V1', 'analysis', 'BREACH', {
    title: 'Versions with known holes',
    attack: 'The server is older than the release that closed a hole in what the walls stand on.',
    example: 'SHOW server_version',
    why: 'Statistics leak rows, dumps run code, CREATE on a database gives the server away, depending on the release.',
    hardening: 'The latest minor release: 18.2, 17.8, 16.12, 15.16 or 14.21 at least.',
  }),
];
