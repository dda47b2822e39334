import type { ProbeInfo } from '../../../../engine/index.ts';
import { probe } from '../probe.ts';

/** From one database to another. */
export const databaseProbes: readonly ProbeInfo[] = [
  probe('P01', 'both', 'BREACH', {
    title: 'Connect to another app’s database',
    attack:
      'A login opens a session in another app’s database, in a shared database where it has no schema, in `postgres` or in `template1`.',
    example: 'psql -d app_b -c "SELECT 1"',
    why: 'Every other attack on the database begins with a session in it; its catalogs can be read from the first moment.',
    hardening: 'REVOKE ALL ON DATABASE app_b FROM PUBLIC; CONNECT is granted to the app’s own groups and to nobody else.',
  }),
  probe('P01b', 'analysis', 'BREACH', {
    title: 'Rights inside another app’s database',
    attack:
      'PUBLIC or a role of another app has a right on a schema, table, view, column or sequence there, whether or not CONNECT still stops it.',
    example: 'SELECT * FROM orders  -- in app_b',
    why: 'With CONNECT granted by mistake, the data is read at once: two walls have become one.',
    hardening: 'REVOKE ALL ON SCHEMA public FROM PUBLIC in every database; rights are granted to the app’s own groups.',
    levels: ['database'],
  }),
  probe('P02', 'both', 'STARVE', {
    title: 'Temporary tables in another app’s database',
    attack: 'A login creates temporary tables in a database of others; only the disk limits them.',
    example: 'CREATE TEMPORARY TABLE z AS SELECT generate_series(1, 1000)',
    why: 'The volume is shared by all: a full disk stops the server for everybody.',
    hardening: 'REVOKE TEMPORARY ON DATABASE … FROM PUBLIC; granted to the app’s own groups only.',
  }),
  probe('P03', 'both', 'BREACH', {
    title: 'Create objects in another app’s schema',
    attack: 'A login plants a table, a function or an operator in a schema where others look for theirs: `public` above all.',
    example: 'CREATE TABLE public.planted(x int)',
    why: 'A planted object that others find first runs with their privileges and sees their data.',
    hardening:
      'REVOKE CREATE ON SCHEMA public FROM PUBLIC in every database, whatever the version: a restored database keeps its old access list.',
  }),
  probe('P04', 'both', 'LEAK', {
    title: 'Catalogs of another database',
    attack: 'With a session in the database, a login reads function source, view definitions, comments, row counts and sizes.',
    example: 'SELECT prosrc FROM pg_proc; SELECT relname, reltuples FROM pg_class  -- in app_b',
    why: 'Definitions hold literals and logic, statistics hold the size of the business.',
    hardening: 'No CONNECT for others: privileges on the catalogs themselves would not protect them.',
  }),
  probe('P04b', 'analysis', 'BREACH', {
    title: 'Functions that others may execute',
    attack: 'A login calls a function of another app, because PUBLIC may execute functions unless that is revoked.',
    example: 'SELECT public.fb()  -- in app_b',
    why: 'The function’s effects happen; one with SECURITY DEFINER happens with its owner’s rights.',
    hardening:
      'ALTER DEFAULT PRIVILEGES FOR ROLE app_b_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC (the form without a schema: the other one does nothing), and REVOKE on the functions that are there.',
  }),
  probe('P04f', 'analysis', 'LATENT', {
    title: 'Default privileges that open future objects',
    attack: 'A default privilege grants PUBLIC or another app access to objects that do not exist yet.',
    example: 'ALTER DEFAULT PRIVILEGES FOR ROLE app_b_owner GRANT SELECT ON TABLES TO PUBLIC',
    why: 'Nothing is open today; the next migration opens it silently.',
    hardening:
      'Revoke the default privilege; the built-in EXECUTE for PUBLIC on functions is revoked for every role that can create functions.',
  }),
  probe('P05e', 'both', 'LEAK', {
    title: 'Other logins’ queries',
    attack: 'A login reads the text of other logins’ statements in pg_stat_activity.',
    example: "SELECT query FROM pg_stat_activity WHERE usename <> current_user AND query NOT LIKE '<insufficient%'",
    why: 'Statements hold literals: names, mail addresses, tokens.',
    hardening: 'No membership in pg_read_all_stats or pg_monitor for an app.',
  }),
  probe('P06', 'analysis', 'LEAK', {
    title: 'Statement statistics of the whole server',
    attack: 'pg_stat_statements is installed in a database that apps can reach: calls, rows and times of every database are readable.',
    example: 'SELECT dbid, query, calls, rows FROM pg_stat_statements',
    why: 'It shows the other apps’ workload, and one app can flush everybody’s entries.',
    hardening: 'Install the extension in an operator’s database that apps cannot connect to.',
  }),
  probe('P07', 'both', 'LEAK', {
    title: 'Size of another database',
    attack: 'A login asks how large another database is.',
    example: "SELECT pg_database_size('app_b')",
    why: 'The size of the data shows how the other app is doing.',
    hardening: 'No CONNECT for others, no pg_read_all_stats.',
  }),
  probe('P09', 'both', 'LEAK', {
    title: 'Protected server settings',
    attack: 'A login reads settings that only members of pg_read_all_settings see: data folder, configuration files, replication source.',
    example: 'SHOW data_directory',
    why: 'They tell where to attack next and may hold connection strings.',
    hardening: 'No membership in pg_read_all_settings or pg_monitor for an app.',
  }),
  probe('P09s', 'analysis', 'BREACH', {
    title: 'Secrets in archive and recovery commands',
    attack: 'Every login reads archive_command, restore_command and their relatives.',
    example: 'SHOW archive_command',
    why: 'The credentials of the backup storage open every app’s data at once.',
    hardening: 'Put the secret into a file that only the server’s user reads, and name the file in the command.',
  }),
  probe('P11', 'analysis', 'BREACH', {
    title: 'Settings that hold secrets',
    attack:
      'Every login reads pg_db_role_setting, where ALTER ROLE … SET and ALTER DATABASE … SET leave their values, and what a file of the server sets under a name of its own.',
    example: 'SELECT setconfig FROM pg_db_role_setting',
    why: 'A key that is kept as `app.jwt_secret` is readable by every other app.',
    hardening: 'Reset the setting and give the secret to the app through its environment.',
  }),
  probe('P11f', 'analysis', 'LEAK', {
    title: 'Comments on shared objects that hold secrets',
    attack: 'Every login reads the comments on databases, roles and tablespaces.',
    example: 'SELECT description FROM pg_shdescription',
    why: 'A password that was noted there is known to all apps.',
    hardening: 'COMMENT ON … IS NULL, and change the password.',
  }),
  probe('P16', 'analysis', 'BREACH', {
    title: 'Extensions that reach out of the database',
    attack:
      'dblink, postgres_fdw, file_fdw, adminpack or an inspection extension is installed where an app lives, and the manifest does not ask for it.',
    example: "SELECT * FROM dblink('host=127.0.0.1 dbname=app_b user=postgres', 'SELECT 1') AS t(x int)",
    why: 'Connections start from the server’s own address: a port scanner and a password tester inside the network, or a reader of the server’s files.',
    hardening: 'DROP EXTENSION; the operator installs from the manifest’s list and from nothing else.',
  }),
  probe('P16h', 'analysis', 'LEAK', {
    title: 'Foreign servers in an app’s database',
    attack: 'A login reads host, database and options of foreign servers.',
    example: 'SELECT srvname, srvoptions FROM pg_foreign_server',
    why: 'It shows the topology, and USAGE on the server lets a login create its own mapping.',
    hardening: 'DROP SERVER, or REVOKE USAGE ON FOREIGN SERVER … FROM PUBLIC.',
  }),
  probe('P16m', 'analysis', 'BREACH', {
    title: 'User mappings that lend another’s credentials',
    attack: 'A user mapping for PUBLIC or for an app’s role holds credentials of somebody else.',
    example: "CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (user 'app_b_user', password '…')",
    why: 'Anybody who may use the server acts as the user of the mapping.',
    hardening: 'DROP USER MAPPING FOR PUBLIC SERVER s',
  }),
  probe('P17', 'analysis', 'BREACH', {
    title: 'Large objects of others',
    attack: 'A login reads large objects that it does not own, because of a grant or of lo_compat_privileges.',
    example: 'SELECT lo_get(oid) FROM pg_largeobject_metadata',
    why: 'Files of another app are read or overwritten.',
    hardening: 'lo_compat_privileges stays off everywhere; REVOKE ALL ON LARGE OBJECT … FROM PUBLIC.',
  }),
  probe('P20', 'both', 'STARVE', {
    title: 'Forged messages in the replication stream',
    attack: 'A login writes logical messages that subscribers and outbox readers cannot tell from real ones.',
    example: "SELECT pg_logical_emit_message(true, 'outbox', 'forged')",
    why: 'Forged events, and write-ahead log in any amount.',
    hardening:
      'REVOKE EXECUTE ON FUNCTION pg_logical_emit_message(…) FROM PUBLIC in each database; `relax.logicalMessages` keeps it open on purpose.',
  }),
  probe('P23', 'analysis', 'BREACH', {
    title: 'Objects planted in template1',
    attack: 'Something that is not the server’s own lies in template1, or a login may create there.',
    example: 'CREATE FUNCTION public.lower(varchar) …  -- in template1',
    why: 'CREATE DATABASE copies it into every future database.',
    hardening: 'REVOKE ALL ON DATABASE template1 FROM PUBLIC; CREATE DATABASE … TEMPLATE template0.',
  }),
  probe('P24', 'both', 'STARVE', {
    title: 'Hold a session in template1',
    attack: 'A login stays connected to template1, so that CREATE DATABASE fails for the operator.',
    example: 'psql -d template1',
    why: 'No new databases can be created meanwhile.',
    hardening: 'As for P23.',
  }),
  probe('P25a', 'both', 'BREACH', {
    title: 'An app that owns its database',
    attack: 'The owner lifts the connection limit, plants a search_path for the operator, drops or opens the database.',
    example: 'ALTER DATABASE app_a CONNECTION LIMIT -1',
    why: 'The owner can remove every wall around the database.',
    hardening: 'ALTER DATABASE app_a OWNER TO the operator; the app gets CONNECT, and CREATE and TEMPORARY where it needs them.',
  }),
  probe('P25c', 'attack', 'BREACH', {
    title: 'Other powers of a database’s owner',
    attack: 'The owner marks the database as a template, drops it from another database, or writes its comment.',
    example: "COMMENT ON DATABASE app_a IS 'x'",
    why: 'The database is gone, or no longer known to be cotenant’s.',
    hardening: 'As for P25a.',
  }),
  probe('P25b', 'analysis', 'BREACH', {
    title: 'Privileges that can be granted to others',
    attack: 'An app holds a right WITH GRANT OPTION, or a group WITH ADMIN OPTION, and grants it to another app.',
    example: 'GRANT CONNECT ON DATABASE app_a TO app_b',
    why: 'Then an app decides who has access, not the manifest.',
    hardening: 'REVOKE GRANT OPTION FOR … / REVOKE ADMIN OPTION FOR …',
  }),
];
