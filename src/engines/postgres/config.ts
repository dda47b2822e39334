import { z } from 'zod';
import { addressForApps, adminAccess, atMost, connectionBudget, loginLevel, loginsWith, serverRules, sslMode } from '../../engine/index.ts';
import { SERVICE_WORD_NAMES } from './service/words.ts';
import { urlForm } from './connect/url-form.ts';

/** What the server's settings hold, in milliseconds and kilobytes. */
const MOST = 2 ** 31 - 1;

/** Text such as `30s`, `5min`, `2GB`, as PostgreSQL's own settings take it. */
const duration = z
  .string()
  .regex(/^\d+(us|ms|s|min|h|d)$/, 'a duration such as 500ms, 30s or 5min')
  .refine(...atMost({ us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 }, MOST, '24d'))
  .meta({ description: 'A duration: a number with us, ms, s, min, h or d.' });
const size = z
  .string()
  .regex(/^\d+(kB|MB|GB|TB)$/, 'a size such as 512MB or 2GB')
  .refine(...atMost({ kB: 1, MB: 1024, GB: 1024 ** 2, TB: 1024 ** 3 }, MOST, '2047GB'))
  .meta({ description: 'A size: a number with kB, MB, GB or TB.' });
const name = z.string().min(1);

const pooler = z
  .strictObject({
    url: z
      .string()
      .superRefine(addressForApps(urlForm, 'an address such as postgres://host:6432, without a user or a database'))
      .meta({ description: 'postgres://host:port of the pooler, as the apps reach it.' }),
    mode: z
      .enum(['session', 'transaction', 'statement'])
      .default('transaction')
      .meta({ description: 'What a client gets a session of the server for.' }),
    sslmode: sslMode.meta({ description: 'TLS towards the pooler, where that differs from `sslmode` of the instance.' }),
  })
  .meta({ description: 'A pooler in front of the server: where the apps go. cotenant itself never does.' });

const service = z
  .strictObject({
    keeps: z
      .array(z.union([z.enum(SERVICE_WORD_NAMES), z.string().regex(/^[a-z_][a-z0-9_.]*$/, 'a word of the list, or the name of a setting')]))
      .default([])
      .meta({ description: 'What the service does not let its admin close, by name; a setting by its own. `cotenant plan` says which.' }),
    databases: z.array(name).default([]).meta({ description: 'Databases of the service itself that every login can connect to.' }),
    roles: z.array(name).default([]).meta({ description: 'Groups of the service: what they hold is its affair.' }),
  })
  .meta({ description: 'A managed service: what it keeps for itself is accepted, listed in every report, and no finding of `verify`.' });

export const instanceSchema = z
  .strictObject({
    ...adminAccess({ url: 'postgres://user@host:port/database of the admin, without a password', publicUrl: 'postgres://host:port' }),
    version: z
      .enum(['14', '15', '16', '17', '18'])
      .optional()
      .meta({ description: 'A local server of this major version. Default: the newest that this machine has.' }),
    sslmode: sslMode,
    connections: connectionBudget,
    loopback: z
      .strictObject({
        host: z.string().min(1).optional().meta({ description: '127.0.0.1 unless set, or the first address that the server listens on.' }),
        port: z.int().min(1).max(65_535).optional().meta({ description: 'The port that the server itself listens on, unless set.' }),
      })
      .default({})
      .meta({ description: 'Where the server reaches itself, for shares from one of its databases to another.' }),
    service: service.optional(),
    pooler: pooler.optional(),
    perimeter: z.enum(['close', 'warn']).default('close').meta({
      description:
        'What to do about what every login may do on the databases `postgres` and `template1`: take it from PUBLIC, or leave it and say so.',
    }),
    foreignDatabases: z.enum(['warn', 'close']).default('warn').meta({
      description:
        'What to do about databases that are not in this file and that every login can connect to: say so, or take CONNECT and TEMPORARY from PUBLIC.',
    }),
  })
  .superRefine(serverRules(urlForm));

export type Config = z.infer<typeof instanceSchema>;

const relax = z
  .strictObject({
    createOnDatabase: z
      .boolean()
      .optional()
      .meta({ description: 'Level schema: the app may create schemas (and trusted extensions) in the shared database.' }),
    temporary: z.boolean().optional().meta({ description: 'Level schema and rows: the app may create temporary tables.' }),
    logicalMessages: z.boolean().optional().meta({ description: 'PUBLIC keeps pg_logical_emit_message in the database.' }),
    unlimitedTempFiles: z.boolean().optional().meta({ description: 'No temp_file_limit.' }),
    truncate: z.boolean().optional().meta({ description: 'Logins at rw may empty tables and set sequences.' }),
  })
  .default({});

const settings = z.record(z.string().regex(/^[a-z_][a-z0-9_.]*$/i, 'the name of a setting'), z.string());
const searchPath = z.array(name).min(1);

const moment = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/, 'a moment such as 2027-01-31T00:00:00Z')
  .refine((text) => Number.isFinite(Date.parse(text)), 'a moment such as 2027-01-31T00:00:00Z')
  .meta({ description: 'VALID UNTIL of the login; none unless set.' });

const loginFields = z.strictObject({
  as: loginLevel.meta({ description: 'What the login may do: act as the owner, read and write the data, or read it.' }),
  login: name.optional().meta({ description: '<app>_<login> unless set.' }),
  standbyLogin: name.optional(),
  connections: z.int().min(1).optional().meta({ description: 'CONNECTION LIMIT of this login.' }),
  statementTimeout: duration.optional(),
  lockTimeout: duration.optional(),
  idleInTransactionTimeout: duration.optional(),
  tempFileLimit: size.optional(),
  settings: settings.optional(),
  searchPath: searchPath.optional(),
  validUntil: moment.optional(),
});
export type LoginFields = z.infer<typeof loginFields>;

const logins = loginsWith(loginFields);

const advisoryLocks = z.enum(['allow', 'deny']).default('allow').meta({
  description:
    'Whether PUBLIC may call the advisory lock functions in the database. Migration tools use them; whoever may call them can also fill the shared lock table.',
});

const placementFields = {
  isolation: z
    .enum(['database', 'schema', 'rows'])
    .default('database')
    .meta({ description: 'A database of its own, a schema in a shared database, or rows of shared tables.' }),
  database: name.optional().meta({ description: 'Name of the database. Levels schema and rows need it.' }),
  schema: name
    .optional()
    .meta({ description: 'Name of the schema. Level database: public unless set; level schema: the name of the app.' }),
  searchPath: searchPath.optional().meta({
    description: 'Levels database and schema: where sessions look for names, in order. Unless set: the schema, then public.',
  }),
  column: name.default('workspace').meta({ description: 'Level rows: the column that says whose row it is.' }),
  workspace: name.optional().meta({ description: "Level rows: this app's value in that column. The app's name unless set." }),
  names: z
    .strictObject({
      owner: name.optional(),
      readWrite: name.optional(),
      readOnly: name.optional(),
      login: name.optional(),
      standbyLogin: name.optional(),
    })
    .default({})
    .meta({ description: 'Role names, where an existing server has its own.' }),
  logins: logins.optional().meta({
    description: 'Logins of the app and what each may do. Unless set: one, `app`, which acts as the owner (at level rows: rw).',
  }),
  extensions: z.array(name).default([]).meta({ description: 'Extensions that cotenant installs.' }),
  connections: z
    .int()
    .min(1)
    .optional()
    .meta({ description: 'CONNECTION LIMIT of the login. Unless set: 4; of an adopted login its own, if it has one.' }),
  databaseConnections: z.int().min(1).optional().meta({
    description:
      'Level database: CONNECTION LIMIT of the database, for all logins together. Unless set: the limits of its logins, and 5; of an adopted database its own, or none.',
  }),
  statementTimeout: duration.optional(),
  lockTimeout: duration.optional(),
  idleInTransactionTimeout: duration.optional().meta({ description: 'Unless set: 10min; of an adopted login its own, if it has one.' }),
  tempFileLimit: size.optional().meta({ description: 'Unless set: 2GB; of an adopted login its own, if it has one.' }),
  settings: settings.default({}).meta({ description: 'More settings of the login, as ALTER ROLE … SET takes them.' }),
  encoding: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .optional()
    .meta({ description: 'Encoding of the database, as the server has it for good; UTF8 unless set.' }),
  locale: z
    .string()
    .regex(/^[A-Za-z0-9_.@-]+$/)
    .optional()
    .meta({ description: 'Locale of the database, as the server has it for good; the one of template0 unless set.' }),
  advisoryLocks,
  adopt: z.boolean().default(false).meta({ description: 'Take over a database, schema or login of that name that already exists.' }),
  relax,
} as const;

/** Limits of a login that the manifest does not give. Twenty apps fit into a server as it comes, with its 100 connections. */
export const USUAL = { connections: 4, idleInTransactionTimeout: '10min', tempFileLimit: '2GB' } as const;

export const placementSchema = z.strictObject(placementFields);
export type Placement = z.infer<typeof placementSchema>;

/** `defaults.postgres`: the fields that can sensibly be the same for every app. */
export const defaultsSchema = z
  .strictObject({
    isolation: z.enum(['database', 'schema', 'rows']),
    database: name,
    column: name,
    extensions: z.array(name),
    connections: z.int().min(1),
    statementTimeout: duration,
    lockTimeout: duration,
    idleInTransactionTimeout: duration,
    tempFileLimit: size,
    settings: z.record(z.string(), z.string()),
    encoding: z.string(),
    locale: z.string(),
    advisoryLocks: z.enum(['allow', 'deny']),
    relax: z.strictObject({
      createOnDatabase: z.boolean().optional(),
      temporary: z.boolean().optional(),
      logicalMessages: z.boolean().optional(),
      unlimitedTempFiles: z.boolean().optional(),
      truncate: z.boolean().optional(),
    }),
  })
  .partial();
