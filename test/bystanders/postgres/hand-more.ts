import { creates, mayNot, reads, ROWS, type Shape, simple, TABLE, table, writes } from './hand-kit.ts';
import { createLogin, passwordOf, quoted } from './world.ts';

/** Apps whose walls, helpers or data are of an uncommon kind. */
export const moreShapes: Readonly<Record<string, Shape>> = {
  /** Two logins, and each sees its own rows. */
  bylogin: (database, login) => {
    const other = `${login}_b`;
    const rows = `INSERT INTO notes VALUES (1, 1, '${login}'), (2, 1, '${login}'), (3, 2, '${other}')`;
    return {
      script: [
        ['postgres', `${createLogin(login)}; ${createLogin(other)}`],
        ['postgres', `CREATE DATABASE ${quoted(database)}`],
        [
          database,
          `${TABLE}; ${rows}; ALTER TABLE notes ENABLE ROW LEVEL SECURITY; ALTER TABLE notes FORCE ROW LEVEL SECURITY;
           CREATE POLICY own ON notes USING (body = current_user); GRANT SELECT, UPDATE ON notes TO ${login}, ${other}`,
        ],
      ],
      acts: [login, other].flatMap((one) => [
        reads(one, database),
        { login: one, database, does: 'changes its rows', sql: 'UPDATE notes SET tenant = 9; SELECT 1 AS done', said: [['"notes"']] },
      ]),
      things: [],
      tables: [table(database, login)],
      sessions: [
        [login, database],
        [other, database],
      ],
    };
  },
  /** Its sessions act as a group, by a setting of the login. */
  team: (database, login) => {
    const group = `${login}_team`;
    const other = `${login}_b`;
    return {
      script: [
        ['postgres', `CREATE ROLE ${group} NOLOGIN; ${createLogin(login)}; ${createLogin(other)}; GRANT ${group} TO ${login}, ${other}`],
        ['postgres', `ALTER ROLE ${login} SET role = '${group}'`],
        ['postgres', `CREATE DATABASE ${quoted(database)} OWNER ${group}`],
        [database, `SET ROLE ${group}; ${TABLE}; ${ROWS}; GRANT CREATE ON SCHEMA public TO ${group}`],
      ],
      acts: [
        reads(login, database),
        writes(login, database),
        { login, database, does: 'acts as its team', sql: 'SELECT current_user' },
        creates(login, database),
        reads(other, database),
        writes(other, database),
      ],
      things: [],
      tables: [table(database, login)],
      sessions: [[login, database]],
    };
  },
  /** Reads a table of another database of its own with the password in a user mapping. */
  mapped: (database, login) => {
    const far = `${database}_far`;
    return {
      ...simple(
        database,
        login,
        [
          ['postgres', `${createLogin(login)}; ${createLogin(`${login}_far`)}`],
          ['postgres', `CREATE DATABASE ${quoted(far)} OWNER ${login}_far`],
          ['postgres', `CREATE DATABASE ${quoted(database)} OWNER ${login}`],
          [far, `${TABLE}; ${ROWS}`, `${login}_far`],
          [database, `CREATE EXTENSION postgres_fdw; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO ${login}`],
          [
            database,
            `${TABLE}; ${ROWS}; DO $$ BEGIN EXECUTE format('CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host %L, port %L, dbname %L)', '127.0.0.1', current_setting('port'), '${far}'); END $$;
             CREATE USER MAPPING FOR ${login} SERVER far OPTIONS (user '${login}_far', password '${passwordOf(`${login}_far`)}');
             CREATE FOREIGN TABLE far_notes (id int, body text) SERVER far OPTIONS (schema_name 'public', table_name 'notes')`,
            login,
          ],
        ],
        [
          reads(login, database),
          writes(login, database),
          { ...reads(login, database, 'far_notes'), through: `${login}_far connects to "${far}"` },
          reads(`${login}_far`, far),
        ],
      ),
      tables: [table(database, login), table(far, `${login}_far`)],
    };
  },
  /** Its password is kept as MD5, from before the server knew better. */
  md5: (database, login) =>
    simple(
      database,
      login,
      [
        [
          'postgres',
          `DO $do$ BEGIN EXECUTE format('COPY (SELECT ''host all all 127.0.0.1/32 md5'' UNION ALL SELECT ''host replication all 127.0.0.1/32 md5'') TO %L', current_setting('hba_file')); END $do$;
           SELECT pg_reload_conf(), pg_sleep(0.2)`,
        ],
        ['postgres', `SET password_encryption = md5; ${createLogin(login)}`],
        ['postgres', `CREATE DATABASE ${quoted(database)} OWNER ${login}`],
        [database, `${TABLE}; ${ROWS}`, login],
      ],
      [reads(login, database), writes(login, database), creates(login, database)],
    ),
  /** Columns, not tables, and a function that does the rest. */
  columns: (database, login) =>
    simple(
      database,
      login,
      [
        ['postgres', createLogin(login)],
        ['postgres', `CREATE DATABASE ${quoted(database)}`],
        [
          database,
          `${TABLE}; ${ROWS}; GRANT SELECT (id, body), UPDATE (body) ON notes TO ${login}; CREATE SEQUENCE ids; GRANT USAGE ON SEQUENCE ids TO ${login};
           CREATE FUNCTION how_many() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM notes'; REVOKE ALL ON FUNCTION how_many() FROM PUBLIC; GRANT EXECUTE ON FUNCTION how_many() TO ${login}`,
        ],
      ],
      [
        { login, database, does: 'reads columns', sql: 'SELECT id, body FROM notes ORDER BY id', said: [['"notes"']] },
        {
          login,
          database,
          does: 'changes a column',
          sql: "UPDATE notes SET body = 'x' WHERE id = 1; SELECT 1 AS done",
          said: [['"notes"']],
        },
        { login, database, does: 'counts', sql: 'SELECT how_many()::int AS n', said: [['how_many']] },
        { login, database, does: 'takes a number', sql: "SELECT nextval('ids') > 0 AS taken", said: [['"ids"']] },
        mayNot(login, database, 'reads all columns', 'SELECT * FROM notes'),
        mayNot(login, database, 'deletes from "notes"', 'DELETE FROM notes'),
      ],
    ),
  /** A schema of its own beside public, found by its search_path; partitions, an identity, a trigger, a publication. */
  spread: (database, login) => {
    const schema = `${login}_data`;
    return {
      ...simple(
        database,
        login,
        [
          ['postgres', `${createLogin(login)}; ALTER ROLE ${login} SET search_path = ${schema}, public`],
          ['postgres', `CREATE DATABASE ${quoted(database)} OWNER ${login}`],
          [database, `CREATE SCHEMA ${schema} AUTHORIZATION ${login}`],
          [
            database,
            `CREATE TABLE public.notes (id int PRIMARY KEY, tenant int DEFAULT 1, body text); INSERT INTO public.notes VALUES (1, 1, 'one');
             CREATE TABLE ${schema}.events (id int GENERATED ALWAYS AS IDENTITY, at int NOT NULL, what text) PARTITION BY RANGE (at);
             CREATE TABLE ${schema}.events_1 PARTITION OF ${schema}.events FOR VALUES FROM (0) TO (10); INSERT INTO ${schema}.events (at, what) VALUES (1, 'a'), (2, 'b');
             CREATE FUNCTION ${schema}.stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.what := coalesce(NEW.what, 'none'); RETURN NEW; END $$;
             CREATE TRIGGER stamp BEFORE INSERT ON ${schema}.events FOR EACH ROW EXECUTE FUNCTION ${schema}.stamp(); CREATE PUBLICATION ${login}_pub FOR TABLE ${schema}.events;
             COMMENT ON TABLE ${schema}.events IS 'what happened'`,
            login,
          ],
        ],
        [
          reads(login, database, 'events'),
          { login, database, does: 'adds an event', sql: 'INSERT INTO events (at) VALUES (3) RETURNING what', said: [['"events"']] },
          {
            login,
            database,
            does: 'makes a partition',
            sql: `CREATE TABLE ${schema}.events_2 PARTITION OF events FOR VALUES FROM (10) TO (20); SELECT 1 AS done`,
          },
          reads(login, database, 'public.notes'),
        ],
      ),
      tables: [table(database, login), table(database, login, 'events', schema)],
    };
  },
};
