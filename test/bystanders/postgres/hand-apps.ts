import { creates, mayNot, reads, ROWS, type Shape, simple, TABLE, table, writes } from './hand-kit.ts';
import { moreShapes } from './hand-more.ts';
import { type Builder, createLogin, type Line, quoted } from './world.ts';

/** Apps that somebody set up by hand, each in the way that `how` says. */

const shapes: Readonly<Record<string, Shape>> = {
  owner: (database, login) =>
    simple(
      database,
      login,
      [
        ['postgres', createLogin(login)],
        ['postgres', `CREATE DATABASE ${quoted(database)} OWNER ${quoted(login)}`],
        [database, `${TABLE}; ${ROWS}; CREATE VIEW seen AS SELECT id FROM notes`, login],
      ],
      [reads(login, database), writes(login, database), creates(login, database), reads(login, database, 'seen')],
    ),
  granted: (database, login) =>
    simple(
      database,
      login,
      [
        ['postgres', createLogin(login)],
        ['postgres', `CREATE DATABASE ${quoted(database)}`],
        [database, `${TABLE}; ${ROWS}; GRANT ALL ON notes TO ${quoted(login)}; GRANT ALL ON SCHEMA public TO ${quoted(login)}`],
        [database, `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO ${quoted(login)}`],
      ],
      [reads(login, database), writes(login, database), creates(login, database)],
    ),
  limited: (database, login) =>
    simple(
      database,
      login,
      [
        [
          'postgres',
          `${createLogin(login, "CONNECTION LIMIT 9 VALID UNTIL '2099-01-01'")}; ALTER ROLE ${quoted(login)} SET work_mem = '5MB'`,
        ],
        ['postgres', `CREATE DATABASE ${quoted(database)} OWNER ${quoted(login)} CONNECTION LIMIT 60`],
        [database, `${TABLE}; ${ROWS}`, login],
      ],
      [reads(login, database), writes(login, database), { login, database, does: 'has its setting', sql: 'SHOW work_mem' }],
    ),
  rls: (database, login) =>
    simple(
      database,
      login,
      [
        ['postgres', createLogin(login)],
        ['postgres', `CREATE DATABASE ${quoted(database)}`],
        [
          database,
          `${TABLE}; ${ROWS}; ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY t ON notes USING (tenant = current_setting('app.tenant', true)::int);
           GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO ${quoted(login)}`,
        ],
      ],
      [
        {
          login,
          database,
          does: 'reads "notes" of its tenant',
          sql: "SET app.tenant = '1'; SELECT count(*)::int AS n FROM notes",
          said: [['"notes"']],
        },
        mayNot(login, database, 'truncates "notes"', 'TRUNCATE notes'),
      ],
    ),
  audit: (database, login) =>
    simple(
      database,
      login,
      [
        ['postgres', createLogin(login)],
        ['postgres', `CREATE DATABASE ${quoted(database)}`],
        [database, `${TABLE}; ${ROWS}; GRANT SELECT, INSERT ON notes TO ${quoted(login)}`],
      ],
      [
        reads(login, database),
        { login, database, does: 'adds to "notes"', sql: "INSERT INTO notes VALUES (77, 1, 'new'); SELECT 1 AS done", said: [['"notes"']] },
        mayNot(login, database, 'deletes from "notes"', 'DELETE FROM notes'),
        mayNot(login, database, 'drops "notes"', 'DROP TABLE notes'),
      ],
    ),
  groups: (database, login) => {
    const [owner, writer, reader] = [`${login}_own`, `${login}_w`, `${login}_r`];
    const roles = `CREATE ROLE ${owner} NOLOGIN; ${createLogin(writer)}; ${createLogin(reader)}; CREATE ROLE ${login}_g NOLOGIN; GRANT ${login}_g TO ${reader}`;
    return {
      script: [
        ['postgres', roles],
        ['postgres', `CREATE DATABASE ${quoted(database)} OWNER ${owner}`],
        [database, `SET ROLE ${owner}; ${TABLE}; ${ROWS}; GRANT ALL ON notes TO ${writer}; GRANT SELECT ON notes TO ${login}_g`],
      ],
      acts: [
        reads(writer, database),
        writes(writer, database),
        reads(reader, database),
        mayNot(reader, database, 'writes "notes"', 'DELETE FROM notes'),
      ],
      things: [{ database, kind: 'relation', name: 'public.notes', who: writer }],
      tables: [table(database, writer)],
      sessions: [
        [writer, database],
        [reader, database],
      ],
    };
  },
  migrator: (database, login) => {
    const migrator = `${login}_migrator`;
    return {
      script: [
        ['postgres', `${createLogin(migrator)}; ${createLogin(login)}`],
        ['postgres', `CREATE DATABASE ${quoted(database)} OWNER ${migrator}`],
        [
          database,
          `${TABLE}; ${ROWS}; ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${login}; GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO ${login}`,
          migrator,
        ],
      ],
      acts: [
        reads(login, database),
        writes(login, database),
        mayNot(login, database, 'drops "notes"', 'DROP TABLE notes'),
        creates(migrator, database),
        {
          login: migrator,
          database,
          does: 'changes "notes"',
          sql: 'ALTER TABLE notes ADD COLUMN more int; SELECT 1 AS done',
          said: [['"notes"']],
        },
      ],
      things: [],
      tables: [table(database, migrator)],
      sessions: [[login, database]],
    };
  },
  anon: (database, login) => ({
    script: [
      ['postgres', `CREATE ROLE ${login}_anon NOLOGIN; ${createLogin(login, 'NOINHERIT')}; GRANT ${login}_anon TO ${login}`],
      ['postgres', `CREATE DATABASE ${quoted(database)}`],
      [database, `${TABLE}; ${ROWS}; GRANT SELECT ON notes TO ${login}_anon`],
    ],
    acts: [
      {
        login,
        database,
        does: 'reads "notes" as anon',
        sql: `SET LOCAL ROLE ${login}_anon; SELECT count(*)::int AS n FROM notes`,
        said: [['"notes"']],
      },
      mayNot(login, database, 'deletes from "notes"', 'DELETE FROM notes'),
    ],
    things: [],
    tables: [table(database, login)],
    sessions: [[login, database]],
  }),
  schemas: (database, login) => {
    const logins = [`${login}_a`, `${login}_b`];
    return {
      script: [
        ['postgres', logins.map((one) => createLogin(one)).join('; ')],
        ['postgres', `CREATE DATABASE ${quoted(database)}`],
        [database, logins.map((one) => `CREATE SCHEMA ${one} AUTHORIZATION ${one}`).join('; ')],
        ...logins.map((one): Line => [database, `${TABLE}; ${ROWS}`, one]),
      ],
      acts: logins.flatMap((one) => [reads(one, database), writes(one, database), creates(one, database)]),
      things: [],
      tables: logins.map((one) => table(database, one, 'notes', one)),
      sessions: logins.map((one) => [one, database] as const),
    };
  },
  crossed: (database, login) => {
    const [crm, lens] = [`${login}_crm`, `${login}_lens`];
    return {
      script: [
        ['postgres', `${createLogin(crm)}; ${createLogin(lens)}`],
        ['postgres', `CREATE DATABASE ${quoted(database)}`],
        [database, `CREATE SCHEMA ${crm} AUTHORIZATION ${crm}; CREATE SCHEMA ${lens} AUTHORIZATION ${lens}`],
        [database, `${TABLE}; ${ROWS}; GRANT USAGE ON SCHEMA ${crm} TO ${lens}; GRANT SELECT ON notes TO ${lens}`, crm],
      ],
      acts: [reads(crm, database), writes(crm, database), reads(lens, database, `${crm}.notes`), creates(lens, database)],
      things: [],
      tables: [table(database, crm, 'notes', crm)],
      sessions: [
        [crm, database],
        [lens, database],
      ],
    };
  },
  maintenance: (_database, login) => ({
    script: [
      ['postgres', createLogin(login)],
      [
        'postgres',
        `CREATE TABLE ${login}_pages (id int PRIMARY KEY, tenant int DEFAULT 1, body text); ALTER TABLE ${login}_pages OWNER TO ${login}; INSERT INTO ${login}_pages VALUES (1, 1, 'x')`,
      ],
    ],
    acts: [reads(login, 'postgres', `${login}_pages`), writes(login, 'postgres', `${login}_pages`)],
    things: [{ database: 'postgres', kind: 'relation', name: `public.${login}_pages`, who: login }],
    tables: [table('postgres', login, `${login}_pages`)],
    sessions: [[login, 'postgres']],
  }),
  twice: (database, login) => {
    const other = `${database}_too`;
    return {
      script: [
        ['postgres', createLogin(login)],
        ['postgres', `CREATE DATABASE ${quoted(database)} OWNER ${login}`],
        ['postgres', `CREATE DATABASE ${quoted(other)} OWNER ${login}`],
        [database, `${TABLE}; ${ROWS}`, login],
        [other, `${TABLE}; ${ROWS}`, login],
      ],
      acts: [reads(login, database), reads(login, other), writes(login, other), creates(login, database)],
      things: [],
      tables: [table(database, login), table(other, login)],
      sessions: [
        [login, database],
        [login, other],
      ],
    };
  },
};

const all: Readonly<Record<string, Shape>> = { ...shapes, ...moreShapes };

export const handShapes: readonly string[] = Object.keys(all);

export const handApp: Builder = ({ id, how, databases: [database = id] }) => {
  const shape = all[how];
  if (!shape) throw new Error(`no app is set up ${how}`);
  return shape(database, `${id}_app`);
};
