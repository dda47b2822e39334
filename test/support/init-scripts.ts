/** A statement with the database that it runs in, and the login that runs it; the server's own where none is named. */
export type Line = readonly [database: string, sql: string, login?: readonly [name: string, password: string]];

/** An app as it runs today, on a server that somebody set up by hand. */
export interface RunningApp {
  readonly login: string;
  readonly password: string;
  readonly database: string;
  /** What it does all the time; must work before, while and after it is adopted. */
  readonly does: readonly string[];
  /** What it can do once it is adopted, the making of tables included. */
  readonly makes: string;
  readonly app: string;
}

/** One usual way to set up a server by hand. */
export interface InitScript {
  readonly name: string;
  readonly lines: readonly Line[];
  readonly running: readonly RunningApp[];
  /** `uses` of each app in the manifest that the import writes. */
  readonly apps: Readonly<Record<string, unknown>>;
  /** Adopted while the app works all the time, where time is short: on the newest version, or on the oldest too. Others only piece by piece. */
  readonly racing?: 'ends' | 'newest';
  /** An admin without superuser rights can have written it. */
  readonly managed?: true;
  /** The server takes passwords by MD5 too. */
  readonly md5?: true;
  /** Parts of warnings that the import gives. */
  readonly warnings?: readonly string[];
}

const writes = ["INSERT INTO notes (text) VALUES ('x')", 'SELECT count(*) FROM notes', "UPDATE notes SET text = 'y' WHERE id = 1"];

function app(login: string, database: string, name: string, more: Partial<RunningApp> = {}): RunningApp {
  return {
    login,
    password: `old-${login}`,
    database,
    does: writes,
    makes: 'CREATE TABLE made (id serial PRIMARY KEY); INSERT INTO made DEFAULT VALUES',
    app: name,
    ...more,
  };
}

const notes = 'CREATE TABLE notes (id serial PRIMARY KEY, text text)';
const own = (login: string): readonly [string, string] => [login, `old-${login}`];
const login = (name: string, more = ''): string => `CREATE USER "${name}" WITH PASSWORD 'old-${name}' ${more}`;

export const initScripts: readonly InitScript[] = [
  {
    name: 'a database and a user with all privileges on it, tables made by the user',
    racing: 'ends',
    managed: true,
    lines: [
      ['postgres', 'CREATE DATABASE shop'],
      ['postgres', login('shop_user')],
      ['postgres', 'GRANT ALL PRIVILEGES ON DATABASE shop TO shop_user'],
      ['shop', 'GRANT ALL ON SCHEMA public TO shop_user'],
      ['shop', notes, own('shop_user')],
      [
        'shop',
        "CREATE VIEW seen AS SELECT * FROM notes; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; CREATE TYPE mood AS ENUM ('ok')",
        own('shop_user'),
      ],
      ['shop', 'CREATE MATERIALIZED VIEW kept AS SELECT * FROM notes; CREATE SCHEMA extra; CREATE TABLE extra.t (n int)', own('shop_user')],
      ['shop', "SELECT lo_from_bytea(4711, 'x'); CREATE TEXT SEARCH CONFIGURATION public.words (COPY = simple)", own('shop_user')],
    ],
    running: [
      app('shop_user', 'shop', 'shop', {
        does: [...writes, 'SELECT * FROM seen, extra.t', 'SELECT f()', 'REFRESH MATERIALIZED VIEW kept', 'SELECT lo_get(4711)'],
      }),
    ],
    apps: { shop: { adopt: true, connections: 20 } },
  },
  {
    name: 'a database and a user with all privileges on it, tables made by the operator',
    lines: [
      ['postgres', 'CREATE DATABASE shop'],
      ['postgres', login('shop_user')],
      ['postgres', 'GRANT ALL PRIVILEGES ON DATABASE shop TO shop_user'],
      ['shop', `${notes}; GRANT ALL ON ALL TABLES IN SCHEMA public TO shop_user; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO shop_user`],
    ],
    running: [app('shop_user', 'shop', 'shop')],
    apps: { shop: { adopt: true, connections: 20 } },
  },
  {
    name: 'a database that its user owns, of the same name, with an extension',
    managed: true,
    lines: [
      ['postgres', login('blog')],
      ['postgres', 'CREATE DATABASE blog OWNER blog'],
      ['blog', 'CREATE EXTENSION pgcrypto'],
      ['blog', notes, own('blog')],
    ],
    running: [app('blog', 'blog', 'blog', { does: [...writes, "SELECT digest('x', 'sha256')"] })],
    apps: { blog: { adopt: true, names: { login: 'blog' }, extensions: ['pgcrypto'], connections: 20 } },
  },
  {
    name: 'names that need quotes and are no names of apps',
    lines: [
      ['postgres', login('Web User-1')],
      ['postgres', `CREATE DATABASE "7 Web 'Shop'" OWNER "Web User-1"`],
      ["7 Web 'Shop'", notes, own('Web User-1')],
    ],
    running: [app('Web User-1', "7 Web 'Shop'", 'Web_Shop')],
    apps: { Web_Shop: { adopt: true, database: "7 Web 'Shop'", names: { login: 'Web User-1' }, connections: 20 } },
  },
  {
    name: 'one database with a schema for each service',
    racing: 'ends',
    managed: true,
    lines: [
      ['postgres', `${login('madansara', 'CONNECTION LIMIT 7')}; ${login('sankore_svc')}; ${login('onside')}`],
      ['postgres', 'CREATE DATABASE engarde'],
      [
        'engarde',
        'CREATE SCHEMA madansara AUTHORIZATION madansara; CREATE SCHEMA sankore AUTHORIZATION sankore_svc; CREATE SCHEMA "on-side" AUTHORIZATION onside',
      ],
      [
        'postgres',
        'ALTER ROLE sankore_svc SET search_path = sankore, public; ALTER ROLE onside IN DATABASE engarde SET search_path = "on-side"',
      ],
      ['postgres', "ALTER ROLE sankore_svc SET statement_timeout = 30000; ALTER DATABASE engarde SET timezone = 'UTC'"],
      ['engarde', notes, own('madansara')],
      ['engarde', notes, own('sankore_svc')],
      ['engarde', notes, own('onside')],
    ],
    running: [app('madansara', 'engarde', 'madansara'), app('sankore_svc', 'engarde', 'sankore'), app('onside', 'engarde', 'on-side')],
    apps: {
      madansara: {
        adopt: true,
        isolation: 'schema',
        database: 'engarde',
        names: { login: 'madansara' },
        connections: 7,
        settings: { timezone: 'UTC' },
      },
      'on-side': {
        adopt: true,
        isolation: 'schema',
        database: 'engarde',
        schema: 'on-side',
        searchPath: ['on-side'],
        names: { login: 'onside' },
        connections: 20,
        settings: { timezone: 'UTC' },
      },
      sankore: {
        adopt: true,
        isolation: 'schema',
        database: 'engarde',
        names: { login: 'sankore_svc' },
        connections: 20,
        statementTimeout: '30000ms',
        settings: { timezone: 'UTC' },
      },
    },
  },
  {
    name: 'services that may create schemas and temporary tables in the shared database',
    racing: 'newest',
    lines: [
      ['postgres', `${login('a_user')}; ${login('b_user')}`],
      ['postgres', 'CREATE DATABASE hub'],
      ['postgres', 'GRANT ALL PRIVILEGES ON DATABASE hub TO a_user; GRANT CONNECT ON DATABASE hub TO b_user'],
      ['hub', 'CREATE SCHEMA a; GRANT ALL ON SCHEMA a TO a_user; CREATE SCHEMA b AUTHORIZATION b_user'],
      ['postgres', 'ALTER ROLE a_user SET search_path = a; ALTER ROLE b_user SET search_path = b'],
      ['hub', notes, own('a_user')],
      ['hub', notes, own('b_user')],
    ],
    running: [
      app('a_user', 'hub', 'a', { does: [...writes, 'CREATE SCHEMA IF NOT EXISTS a', 'CREATE TEMPORARY TABLE IF NOT EXISTS tmp (n int)'] }),
      app('b_user', 'hub', 'b'),
    ],
    apps: {
      a: {
        adopt: true,
        isolation: 'schema',
        database: 'hub',
        searchPath: ['a'],
        connections: 20,
        relax: { createOnDatabase: true, temporary: true },
      },
      b: { adopt: true, isolation: 'schema', database: 'hub', searchPath: ['b'], connections: 20 },
    },
  },
  {
    name: 'a schema of the app in a database of its own, found through $user',
    lines: [
      ['postgres', login('crm')],
      ['postgres', 'CREATE DATABASE crm_prod OWNER crm'],
      ['crm_prod', 'CREATE SCHEMA crm', own('crm')],
      ['crm_prod', notes, own('crm')],
    ],
    running: [app('crm', 'crm_prod', 'crm_prod')],
    apps: { crm_prod: { adopt: true, schema: 'crm', names: { login: 'crm' }, connections: 20 } },
  },
  {
    name: 'a search path over several schemas',
    lines: [
      ['postgres', login('app')],
      ['postgres', 'CREATE DATABASE app OWNER app'],
      ['app', 'CREATE SCHEMA core; CREATE SCHEMA ext; CREATE TABLE ext.looked (n int)', own('app')],
      ['postgres', 'ALTER DATABASE app SET search_path = core, ext, public'],
      ['app', notes, own('app')],
    ],
    running: [app('app', 'app', 'app', { does: [...writes, 'SELECT * FROM looked'] })],
    apps: {
      app: { adopt: true, schema: 'core', searchPath: ['core', 'ext', 'public'], names: { login: 'app' }, connections: 20 },
    },
  },
  {
    name: 'an owner role without login, and the app as its member',
    lines: [
      ['postgres', `CREATE ROLE billing_owner; ${login('billing_app', 'IN ROLE billing_owner')}`],
      ['postgres', 'CREATE DATABASE billing OWNER billing_owner'],
      ['billing', `GRANT ALL ON SCHEMA public TO billing_owner; SET ROLE billing_owner; ${notes}`],
    ],
    running: [app('billing_app', 'billing', 'billing')],
    apps: { billing: { adopt: true, names: { login: 'billing_app' }, connections: 20 } },
  },
  {
    name: 'roles of the names that cotenant would take',
    lines: [
      ['postgres', `CREATE ROLE shop_owner; CREATE ROLE shop_rw; CREATE ROLE shop_ro; CREATE ROLE shop_user_2; ${login('shop_user')}`],
      ['postgres', 'CREATE DATABASE shop OWNER shop_user'],
      ['shop', notes, own('shop_user')],
    ],
    running: [app('shop_user', 'shop', 'shop')],
    apps: {
      shop: {
        adopt: true,
        names: { owner: 'shop_owner_new', readWrite: 'shop_rw_new', readOnly: 'shop_ro_new', standbyLogin: 'shop_user_2_new' },
        connections: 20,
      },
    },
  },
  {
    name: 'a password that is kept as MD5',
    racing: 'newest',
    md5: true,
    lines: [
      ['postgres', `SET password_encryption = 'md5'; ${login('shop_user')}`],
      ['postgres', 'CREATE DATABASE shop OWNER shop_user'],
      ['shop', notes, own('shop_user')],
    ],
    running: [app('shop_user', 'shop', 'shop')],
    apps: { shop: { adopt: true, connections: 20 } },
  },
  {
    name: 'an app that is a superuser',
    racing: 'newest',
    lines: [
      ['postgres', login('boss', 'SUPERUSER')],
      ['postgres', 'CREATE DATABASE office OWNER boss'],
      ['office', notes, own('boss')],
    ],
    running: [app('boss', 'office', 'office')],
    apps: { office: { adopt: true, names: { login: 'boss' }, connections: 20 } },
    warnings: ['login "boss" is a superuser'],
  },
  {
    name: 'limits of its own',
    lines: [
      ['postgres', login('shop_user', 'CONNECTION LIMIT 3')],
      ['postgres', 'CREATE DATABASE shop OWNER shop_user'],
      [
        'postgres',
        "ALTER ROLE shop_user SET statement_timeout = '5 s'; ALTER ROLE shop_user SET lock_timeout = '2s'; ALTER ROLE shop_user SET temp_file_limit = '512MB'",
      ],
      ['postgres', "ALTER ROLE shop_user SET idle_in_transaction_session_timeout = '1min'; ALTER ROLE shop_user SET work_mem = '8MB'"],
      ['postgres', "ALTER ROLE shop_user SET app.price = '$5 ${x}'; ALTER ROLE shop_user SET app.jwt_secret = 'hush'"],
      ['shop', notes, own('shop_user')],
    ],
    running: [
      app('shop_user', 'shop', 'shop', {
        does: [
          ...writes,
          "SELECT 1 / (current_setting('app.price') = '$5 ${x}')::int",
          "SELECT 1 / (current_setting('app.jwt_secret') = 'hush')::int",
        ],
      }),
    ],
    apps: {
      shop: {
        adopt: true,
        connections: 3,
        idleInTransactionTimeout: '1min',
        lockTimeout: '2s',
        statementTimeout: '5s',
        tempFileLimit: '512MB',
        settings: { 'app.jwt_secret': '${SHOP_APP_JWT_SECRET}', 'app.price': '$$5 $${x}', work_mem: '8MB' },
      },
    },
    warnings: ['the setting app.jwt_secret looks like a secret'],
  },
];
