import { z } from 'zod';
import { adminAccess, atMost, connectionBudget, loginLevel, localVersion, loginsWith, serverRules, sslMode } from '../../engine/index.ts';
import { urlForm } from './connect/url-form.ts';

const name = z.string().min(1);
const duration = z
  .string()
  .regex(/^\d+(ms|s|min|h)$/, 'a duration such as 500ms, 30s or 5min')
  // A year, which is all that MariaDB takes.
  .refine(...atMost({ ms: 0.001, s: 1, min: 60, h: 3600 }, 31_536_000, '8760h'))
  .meta({ description: 'A duration: a number with ms, s, min or h.' });
const charset = z.string().regex(/^[a-z0-9_]+$/, 'the name of a character set or collation, as utf8mb4');

/** As it stands after the `@` of an account: a name, an address, with `%` and `_` as wildcards, or a net. */
const host = z
  .string()
  .regex(/^[A-Za-z0-9._%:/-]{1,255}$/, 'a host pattern such as %, 10.0.0.% or 10.0.0.0/255.255.255.0')
  .transform((text) => text.toLowerCase());
const hosts = z.array(host).min(1).meta({ description: 'Where the logins may come from: one account for each pattern.' });

export const instanceSchema = z
  .strictObject({
    ...adminAccess({ url: 'mysql://user@host:port of the admin, without a password', publicUrl: 'mysql://host:port' }),
    product: z
      .enum(['mariadb', 'mysql'])
      .optional()
      .meta({ description: 'A local server of this product. Default: what this machine has, MySQL last among the system’s packages.' }),
    version: localVersion,
    sslmode: sslMode,
    requireSsl: z.boolean().default(false).meta({ description: 'Accounts are refused without TLS (REQUIRE SSL).' }),
    hosts: hosts.default(['%']),
    connections: connectionBudget,
    perimeter: z.enum(['close', 'warn']).default('close').meta({
      description: 'What to do about anonymous accounts and grants that every login has, as those on `test`: end them, or say so.',
    }),
  })
  .superRefine(serverRules(urlForm));

export type Config = z.infer<typeof instanceSchema>;

const relax = z
  .strictObject({
    events: z
      .boolean()
      .optional()
      .meta({ description: 'The app may create events: work that the server does on its own, when no session of the app is open.' }),
  })
  .default({});

const loginFields = z.strictObject({
  as: loginLevel.meta({ description: 'What the login may do: everything in the database, read and write the data, or read it.' }),
  login: name.optional().meta({ description: '<app>_<login> unless set.' }),
  standbyLogin: name.optional(),
  hosts: hosts.optional(),
  connections: z.int().min(1).optional().meta({ description: 'MAX_USER_CONNECTIONS of each account of this login.' }),
  statementTimeout: duration.optional(),
});
export type LoginFields = z.infer<typeof loginFields>;

const logins = loginsWith(loginFields);

/** Sessions of each account, where the manifest says nothing. Twenty apps fit into a server as it comes, with its 151 connections. */
export const USUAL_CONNECTIONS = 6;

export const placementSchema = z.strictObject({
  isolation: z.literal('database').default('database').meta({ description: 'A database of its own.' }),
  database: name.optional().meta({ description: "Name of the database. The app's name unless set." }),
  names: z
    .strictObject({ login: name.optional(), standbyLogin: name.optional() })
    .default({})
    .meta({ description: 'Names of the accounts, where an existing server has its own.' }),
  logins: logins.optional().meta({
    description: 'Logins of the app and what each may do. Unless set: one, `app`, which acts as the owner.',
  }),
  hosts: hosts.optional(),
  connections: z.int().min(1).optional().meta({
    description: 'MAX_USER_CONNECTIONS of each account of the login. Unless set: 6; of an adopted account its own, if it has one.',
  }),
  statementTimeout: duration.optional().meta({ description: 'MAX_STATEMENT_TIME of the accounts. MariaDB only.' }),
  charset: charset
    .optional()
    .meta({ description: 'Character set of the database, for tables made from then on. utf8mb4 unless set; of an adopted one as it is.' }),
  collation: charset.optional().meta({ description: "Collation of the database. The character set's own unless set." }),
  adopt: z.boolean().default(false).meta({ description: 'Take over a database and accounts of that name that already exist.' }),
  relax,
});
export type Placement = z.infer<typeof placementSchema>;

/** `defaults.mysql`: the fields that can sensibly be the same for every app. */
export const defaultsSchema = z
  .strictObject({
    isolation: z.literal('database'),
    hosts,
    connections: z.int().min(1),
    statementTimeout: duration,
    charset,
    collation: charset,
    relax: z.strictObject({ events: z.boolean().optional() }),
  })
  .partial();
