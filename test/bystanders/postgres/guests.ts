import { act, asOwner, type Builder, createLogin, digest, from, letIn, type Line, nameOf, nobody, tableOf } from './world.ts';

/** People who work inside the database of an app, with things of their own there, and what runs by itself. */

/** A colleague who is a member of the role that owns the app's table: with its rights at once, after SET ROLE, or with the right to pass it on. */
const deputy: Builder = (piece) => {
  const { id, how, databases } = piece;
  const option = how === 'admin' ? ' WITH ADMIN OPTION' : '';
  // From 16 on each membership says for itself whether it is inherited.
  const apart = `DO $a$ BEGIN IF current_setting('server_version_num')::int >= 160000 AND '${how}' = 'later' THEN EXECUTE coalesce((SELECT string_agg(format('GRANT %s TO ${id} WITH INHERIT FALSE', roleid::regrole), '; ') FROM pg_auth_members WHERE member = '${id}'::regrole), 'SELECT 1'); END IF; END $a$`;
  const told = [nameOf(piece), 'rights of role', 'SET ROLE'];
  const acts = `SELECT set_config('role', o.rolname, true) FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner WHERE c.oid = '${tableOf(piece)}'::regclass AND pg_has_role(o.oid, 'MEMBER')`;
  return {
    ...nobody,
    script: [
      ['postgres', createLogin(id, how === 'noinherit' ? 'NOINHERIT' : '')],
      ...letIn(piece),
      ...databases.map((database): Line => [database, asOwner(piece, `GRANT %1$I TO ${id}${option}`)]),
      ['postgres', apart],
    ],
    acts: databases.flatMap((database) => [
      act(id, database, 'reads a table', `SELECT count(*)::int AS n FROM ${tableOf(piece)}`, ...told),
      act(id, database, 'changes a table', `ALTER TABLE ${tableOf(piece)} ADD COLUMN more_of_it int; SELECT 1 AS done`, ...told),
      act(id, database, 'acts as the owner', `${acts}; SELECT count(*)::int AS n FROM ${tableOf(piece)}`, ...told),
    ]),
    sessions: databases.map((database) => [id, database] as const),
  };
};

/** Somebody who keeps tables in order, sets parameters of the server and may end sessions. */
const caretaker: Builder = (piece) => {
  const { id, databases } = piece;
  return {
    ...nobody,
    script: [
      ['postgres', `${createLogin(id)}; GRANT pg_signal_backend, pg_read_all_settings TO ${id}`],
      ['postgres', from(15, `GRANT SET ON PARAMETER log_min_duration_statement TO ${id}`)],
      ...letIn(piece),
      ...databases.map((database): Line => [database, from(17, `GRANT MAINTAIN ON ${tableOf(piece)} TO ${id}`)]),
    ],
    acts: databases.flatMap((database) => [
      act(
        id,
        database,
        'maintains a table',
        `LOCK TABLE ${tableOf(piece)} IN SHARE UPDATE EXCLUSIVE MODE; SELECT 1 AS done`,
        nameOf(piece),
      ),
      act(id, database, 'sets a parameter', `SET log_min_duration_statement = 1000; SELECT 1 AS done`, 'log_min_duration_statement'),
      act(id, database, 'reads settings', 'SHOW data_directory_mode'),
    ]),
    sessions: databases.map((database) => [id, database] as const),
  };
};

/** A queue of its own beside the app's tables: a trigger that notifies, a large object, locks, temporary tables. */
const queue: Builder = (piece) => {
  const { id, databases } = piece;
  return {
    ...nobody,
    script: [
      ['postgres', createLogin(id)],
      ...letIn(piece),
      ...databases.flatMap((database): readonly Line[] => [
        [database, `CREATE SCHEMA ${id} AUTHORIZATION ${id}`],
        [
          database,
          `CREATE TYPE ${id}.state AS ENUM ('new', 'done'); CREATE TABLE ${id}.q (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s ${id}.state DEFAULT 'new');
           INSERT INTO ${id}.q DEFAULT VALUES; COMMENT ON TABLE ${id}.q IS 'jobs'; SELECT lo_from_bytea(4712, 'x');
           CREATE FUNCTION ${id}.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NOTIFY jobs; RETURN NEW; END $$; CREATE TRIGGER tell AFTER INSERT ON ${id}.q FOR EACH ROW EXECUTE FUNCTION ${id}.tell();
           CREATE STATISTICS ${id}.st (ndistinct) ON id, s FROM ${id}.q; CREATE SEQUENCE ${id}.seq`,
          id,
        ],
      ]),
    ],
    acts: databases.flatMap((database) => [
      act(
        id,
        database,
        'queues a job',
        `LISTEN jobs; INSERT INTO ${id}.q DEFAULT VALUES; SELECT nextval('${id}.seq') > 0 AS done`,
        '"q"',
        `"${id}"`,
      ),
      act(id, database, 'takes an advisory lock', 'SELECT pg_try_advisory_xact_lock(4711) AS taken', 'advisory'),
      act(id, database, 'makes a temporary table', 'CREATE TEMP TABLE t (id int); SELECT 1 AS done', 'temporary'),
      act(id, database, 'reads its large object', "SELECT encode(lo_get(4712), 'hex') AS data"),
    ]),
    things: databases.flatMap((database) => [
      { database, kind: 'schema', name: id, who: id } as const,
      { database, kind: 'relation', name: `${id}.q`, who: id } as const,
      { database, kind: 'routine', name: `${id}.tell()`, who: id } as const,
      { database, kind: 'type', name: `${id}.state`, who: id } as const,
      { database, kind: 'large object', name: '4712', who: id } as const,
    ]),
    sessions: databases.map((database) => [id, database] as const),
  };
};

/** Cases of a help desk, of which each login sees its own. */
const desk: Builder = (piece) => {
  const { id, databases } = piece;
  const logins = [id, `${id}_b`];
  return {
    ...nobody,
    script: [
      ['postgres', logins.map((one) => createLogin(one)).join('; ')],
      ...logins.flatMap((one) => letIn(piece, one)),
      ...databases.map(
        (database): Line => [
          database,
          `CREATE SCHEMA ${id}; CREATE TABLE ${id}.cases (id int PRIMARY KEY, whose text); INSERT INTO ${id}.cases VALUES (1, '${id}'), (2, '${id}'), (3, '${id}_b');
           ALTER TABLE ${id}.cases ENABLE ROW LEVEL SECURITY; ALTER TABLE ${id}.cases FORCE ROW LEVEL SECURITY;
           CREATE POLICY own ON ${id}.cases USING (whose = current_user); CREATE POLICY b ON ${id}.cases FOR SELECT TO ${id}_b USING (id = 1);
           GRANT USAGE ON SCHEMA ${id} TO ${logins.join(', ')}; GRANT SELECT, UPDATE (whose) ON ${id}.cases TO ${logins.join(', ')}`,
        ],
      ),
    ],
    acts: databases.flatMap((database) =>
      logins.flatMap((one) => [
        act(one, database, 'sees its cases', digest(`${id}.cases`), '"cases"', `"${id}"`),
        act(one, database, 'hands one over', `UPDATE ${id}.cases SET whose = current_user; SELECT 1 AS done`, '"cases"', `"${id}"`),
      ]),
    ),
    things: databases.flatMap((database) => [
      { database, kind: 'relation', name: `${id}.cases`, who: id } as const,
      { database, kind: 'schema', name: id, who: id } as const,
    ]),
    sessions: databases.map((database) => [id, database] as const),
  };
};

/** A transaction that a manager of transactions has prepared and not ended. */
const prepared: Builder = (piece) => {
  const { id, databases } = piece;
  return {
    ...nobody,
    script: [
      ['postgres', createLogin(id)],
      ...letIn(piece),
      ...databases.flatMap((database): readonly Line[] => [
        [
          database,
          `CREATE SCHEMA ${id}; CREATE TABLE ${id}.votes (id int); GRANT USAGE ON SCHEMA ${id} TO ${id}; GRANT INSERT ON ${id}.votes TO ${id}`,
        ],
        [database, `BEGIN; INSERT INTO ${id}.votes VALUES (1); PREPARE TRANSACTION '${id}_${database}'`, id],
      ]),
    ],
    things: databases.flatMap((database) => [
      { database, kind: 'prepared transaction', name: `${id}_${database}`, who: id } as const,
      { database, kind: 'relation', name: `${id}.votes`, who: id } as const,
    ]),
  };
};

/** Takes changes from somewhere else into the app's database, or from it into one of its own; switched off at the moment. */
const subscriber: Builder = (piece) => {
  const { id, how, databases } = piece;
  const places = how === 'inside' ? databases : [`${id}_copy`];
  return {
    ...nobody,
    script: [
      ['postgres', createLogin(id, 'REPLICATION')],
      ...(how === 'inside' ? letIn(piece) : [['postgres', `CREATE DATABASE ${id}_copy OWNER ${id}`] as const]),
      ...places.map(
        (database): Line => [
          database,
          `CREATE SUBSCRIPTION ${id}_${database} CONNECTION 'host=127.0.0.1 port=1 dbname=${databases[0] ?? ''} user=${id}' PUBLICATION p WITH (connect = false, enabled = false, create_slot = false, slot_name = NONE)`,
        ],
      ),
    ],
    things: places.map((database) => ({ database, kind: 'subscription', name: `${id}_${database}`, who: 'postgres' }) as const),
  };
};

export const guests: Readonly<Record<string, Builder>> = { deputy, caretaker, queue, desk, prepared, subscriber };
