import type { ProbeInfo } from '../../../../engine/index.ts';
import { probe } from '../probe.ts';

/** Roles, attributes, and traps for the operator’s own sessions. */
export const operatorProbes: readonly ProbeInfo[] = [
  probe('E1', 'analysis', 'BREACH', {
    title: 'A database-wide search_path',
    attack: 'ALTER DATABASE … SET search_path puts a schema of the app in front of pg_catalog for whoever connects, the operator included.',
    example: 'ALTER DATABASE app_a SET search_path = evil, pg_catalog, public',
    why: 'A superuser who calls a function by its bare name runs the app’s function instead: the server is taken over.',
    hardening:
      'ALTER DATABASE app_a RESET search_path; apps own no database; the operator’s sessions start with -c search_path=pg_catalog.',
  }),
  probe('E1b', 'analysis', 'BREACH', {
    title: 'Functions that wait for the operator',
    attack: 'A function of an app has the name of a function of the server, and its body changes roles or rights.',
    example: 'CREATE FUNCTION public.lower(varchar) RETURNS text … ALTER ROLE app_a SUPERUSER …',
    why: 'An operator with the default search_path calls it without knowing.',
    hardening: 'DROP FUNCTION; the operator’s sessions start with -c search_path=pg_catalog and qualify every name.',
  }),
  probe('E2', 'analysis', 'BREACH', {
    title: 'A view that acts for whoever reads it',
    attack: 'A view or rule of an app calls a function that changes roles or rights; it waits for a superuser to read the view.',
    example: 'CREATE VIEW customers AS SELECT evil.trojan()',
    why: 'One SELECT by a superuser hands over the server.',
    hardening: 'DROP VIEW; operators read an app’s objects with the app’s own login only.',
  }),
  probe('E2b', 'analysis', 'BREACH', {
    title: 'A trigger that acts for whoever writes',
    attack: 'A trigger of an app calls a function that changes roles or rights; it waits for a superuser to write to the table.',
    example: 'CREATE TRIGGER t BEFORE INSERT ON mig EXECUTE FUNCTION evil.trojan()',
    why: 'A migration that a superuser runs hands over the server.',
    hardening: 'DROP TRIGGER; migrations run with the app’s own login.',
  }),
  probe('E3', 'analysis', 'BREACH', {
    title: 'A trap for SET ROLE',
    attack: 'A function or view of an app resets the role or the session authorization of whoever calls it.',
    example: 'CREATE VIEW v AS SELECT f()  -- f runs RESET ROLE',
    why: 'An operator who plays the app by SET ROLE becomes a superuser again inside the app’s code.',
    hardening: 'DROP FUNCTION; never play an app by SET ROLE: log in as it.',
  }),
  probe('E4', 'analysis', 'BREACH', {
    title: 'SECURITY DEFINER functions of others',
    attack:
      'A function that runs with the rights of the operator or of another role can be called by an app, with or without a search_path of its own.',
    example: 'CREATE FUNCTION ops.is_admin() … SECURITY DEFINER  -- no SET search_path',
    why: 'The app can do what the definer may do. Without a pinned search_path it can also substitute its own tables and functions.',
    hardening: 'ALTER FUNCTION … SET search_path = pg_catalog, pg_temp; REVOKE EXECUTE ON FUNCTION … FROM PUBLIC.',
  }),
  probe('E5', 'analysis', 'BREACH', {
    title: 'CREATEROLE',
    attack: 'A login makes roles; before PostgreSQL 16 it also joins any group and sets any password.',
    example: 'CREATE ROLE cotenant_probe',
    why: 'Before 16 this amounts to superuser; since then it allows any number of connections.',
    hardening: 'ALTER ROLE app_a NOCREATEROLE',
  }),
  probe('E6', 'analysis', 'BREACH', {
    title: 'CREATEDB',
    attack: 'A login makes databases, as copies of any database that is marked as a template.',
    example: 'CREATE DATABASE stolen TEMPLATE app_b',
    why: 'Databases without walls, owned by an app.',
    hardening: 'ALTER ROLE app_a NOCREATEDB',
  }),
  probe('E6t', 'analysis', 'BREACH', {
    title: 'A database of an app is a template',
    attack: 'Every role with CREATEDB may copy the database.',
    example: 'CREATE DATABASE stolen TEMPLATE app_b',
    why: 'The copy belongs to its creator, with its catalogs and everything that is open to PUBLIC.',
    hardening: 'ALTER DATABASE app_b IS_TEMPLATE false',
  }),
  probe('E7', 'analysis', 'BREACH', {
    title: 'Membership in a role of another app or of the server',
    attack: 'A login reaches, through any chain of memberships, a role that is not its own.',
    example: 'GRANT app_b_owner TO app_a_user',
    why: 'It has all that the role has: data, sessions, files.',
    hardening: 'REVOKE app_b_owner FROM app_a_user CASCADE',
  }),
  probe('E8', 'analysis', 'BREACH', {
    title: 'REPLICATION, and replication slots of apps',
    attack:
      'A login with the attribute copies the whole cluster, drops others’ slots, and makes slots that keep the write-ahead log for ever.',
    example: "SELECT pg_create_physical_replication_slot('evil', true)",
    why: 'All data of all apps at once, or a full disk.',
    hardening: 'ALTER ROLE app_a NOREPLICATION; no `replication` line for it in pg_hba.conf',
  }),
  probe('E9', 'analysis', 'BREACH', {
    title: 'Operators’ objects in the hands of apps',
    attack:
      'An app owns or controls an event trigger, a publication of all tables, a subscription, a language, a tablespace or a cast; or a function of the server that is kept from PUBLIC is granted to it.',
    example: 'GRANT EXECUTE ON FUNCTION pg_read_file(text) TO app_a',
    why: 'Each of these reaches beyond the app’s own objects.',
    hardening: 'REVOKE the right, or give the object to the operator.',
  }),
  probe('E10', 'analysis', 'STARVE', {
    title: 'Settings of an app that the manifest does not ask for',
    attack: 'A login changes its own settings, which outlive the session, or an operator left one behind.',
    example: 'ALTER ROLE app_a SET statement_timeout = 0',
    why: 'Timeouts are advice: an app may lift its own. Settings that change what a session sees or is are more than advice.',
    hardening: 'ALTER ROLE app_a RESET …; a watchdog ends what runs for too long.',
  }),
  probe('E11', 'analysis', 'BREACH', {
    title: 'SUPERUSER',
    attack: 'An app’s login is, or can become, a superuser.',
    example: 'ALTER ROLE app_a SUPERUSER',
    why: 'There is no wall for a superuser.',
    hardening: 'ALTER ROLE app_a NOSUPERUSER',
  }),
  probe('E12', 'analysis', 'BREACH', {
    title: 'Rights on server parameters',
    attack: 'An app may set a parameter that is reserved for superusers.',
    example: 'GRANT SET ON PARAMETER session_replication_role TO app_a',
    why: 'Triggers and foreign keys are switched off, limits lifted, libraries loaded.',
    hardening: 'REVOKE ALL ON PARAMETER … FROM app_a',
  }),
  probe('P13', 'analysis', 'STARVE', {
    title: 'End another app’s sessions',
    attack: 'A login cancels statements or ends sessions of another app.',
    example: "SELECT pg_has_role('app_b_user', 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE')",
    why: 'The other app can be kept offline at will.',
    hardening: 'No membership in pg_signal_backend or in another app’s roles.',
  }),
  probe('P14', 'both', 'BREACH', {
    title: 'Files, programs and libraries of the server',
    attack: 'A login reads or writes files of the server, runs programs or loads code.',
    example: "SELECT pg_read_file('PG_VERSION'); COPY (SELECT 1) TO PROGRAM 'true'; LOAD 'x'",
    why: 'It is the server’s own user: all data of all apps.',
    hardening:
      'REVOKE pg_read_server_files, pg_write_server_files, pg_execute_server_program FROM …; of a language: UPDATE pg_language SET lanpltrusted = false WHERE lanname = ….',
  }),
  probe('P14l', 'analysis', 'BREACH', {
    title: 'Procedural languages',
    attack: 'An untrusted language can be used in an app’s database, or a language was marked as trusted by hand.',
    example: "UPDATE pg_language SET lanpltrusted = true WHERE lanname = 'c'",
    why: 'Functions in such a language act as the server’s own user. Trusted ones have had flaws that did the same.',
    hardening: 'DROP EXTENSION plpython3u; UPDATE pg_language SET lanpltrusted = false …',
  }),
  probe('P15', 'attack', 'BREACH', {
    title: 'Install an extension that needs a superuser',
    attack: 'A login installs dblink, file_fdw or an untrusted language.',
    example: 'CREATE EXTENSION dblink',
    why: 'As for P16.',
    hardening: 'The operator installs extensions, from the manifest’s list.',
  }),
  probe('Z1', 'analysis', 'BREACH', {
    title: 'Sessions from before a wall was built',
    attack:
      'A session that was open when its privilege was revoked continues, and so does a role that it became, a cursor, a prepared transaction: REVOKE, NOLOGIN and a new password do not end them.',
    example: 'SELECT * FROM secrets  -- in a session that is older than the REVOKE',
    why: 'The data can be read as before, for as long as the session lives.',
    hardening: 'SELECT pg_terminate_backend(pid) …',
  }),
  probe('Z2', 'analysis', 'LATENT', {
    title: 'What a reload or a restart brings',
    attack: 'The files of the server say something else than the server has: ALTER SYSTEM, or an edit, that nobody has loaded yet.',
    example: "ALTER SYSTEM SET shared_preload_libraries = 'theirs'  -- and no restart",
    why: 'The next reload or restart opens it, whoever asks for that.',
    hardening: 'ALTER SYSTEM RESET …, or correct the file; SELECT name, setting, sourcefile FROM pg_file_settings says where it stands.',
  }),
  probe('Z3', 'analysis', 'STARVE', {
    title: 'Replication slots that nobody reads',
    attack: 'Somebody made a slot once, and no replica or consumer reads it any more, or never did.',
    example: "SELECT pg_create_physical_replication_slot('mine', true)",
    why: 'The server keeps all that every app writes from then on, until the disk is full; a logical slot also keeps dead rows of catalogs.',
    hardening: 'SELECT pg_drop_replication_slot(…); max_slot_wal_keep_size.',
  }),
  probe('T1', 'analysis', 'BREACH', {
    title: 'Retired apps that are not fully closed',
    attack:
      'A role of an app that left the manifest can log in or connect, belongs to a group of another app, or holds something outside its own place.',
    example: 'ALTER ROLE app_c_user__gone_20260101 LOGIN',
    why: 'Somebody still has the credentials of a retired app, and nobody watches it any more.',
    hardening: 'ALTER ROLE … NOLOGIN; REVOKE what is left.',
  }),
  probe('G1', 'analysis', 'LATENT', {
    title: 'Dormant privileges',
    attack: 'A right on an app’s place stands with a role that no login reaches today: a group without members, the waiting login slot.',
    example: 'GRANT CONNECT ON DATABASE app_b TO app_a_ro',
    why: 'It is used as soon as somebody joins the group or the slots are changed.',
    hardening: 'REVOKE the right.',
  }),
  probe('E13', 'analysis', 'BREACH', {
    title: 'Roles that should not be able to log in',
    attack: 'An owner, read-write or read-only role has LOGIN, or the login slot that waits for the next rotation.',
    example: 'ALTER ROLE app_b_owner LOGIN',
    why: 'It is a second way in, with more rights than the app’s login and no limit.',
    hardening: 'ALTER ROLE … NOLOGIN',
  }),
  probe('F1', 'analysis', 'BREACH', {
    title: 'Roles outside the manifest',
    attack:
      'A role that is neither the operator’s nor an app’s holds rights or objects where an app lives, or may do something to the whole server: an attribute, a role of the server’s own, a table of passwords, a function that runs as a superuser.',
    example: 'GRANT SELECT ON ALL TABLES IN SCHEMA app TO reporting',
    why: 'It is a way to the data that the manifest does not know of.',
    hardening: 'REVOKE, or name it in the manifest: a reader, an operator, a known login.',
  }),
  probe('F2', 'analysis', 'BREACH', {
    title: 'Operators with more privileges than declared',
    attack:
      'A login that the manifest names under `operators` holds rights, objects, memberships or attributes beyond what `may` says, or lacks some of it.',
    example: 'GRANT app_a_rw TO datadog',
    why: 'A monitor or a backup that could write is a way to every app, and nobody counts it among them.',
    hardening: 'REVOKE it, or say it in `may`. cotenant takes nothing from an operator.',
  }),
];
