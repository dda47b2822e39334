import { z } from 'zod';
import { adminAccess, localVersion, loginLevel, loginsWith, serverRules } from '../../engine/index.ts';
import { urlForm } from './connect/url-form.ts';
import { RELAXATIONS, RELAXATION_NAMES, type RelaxationName } from './compile/relaxations.ts';

const name = z.string().min(1);

export const instanceSchema = z
  .strictObject({
    ...adminAccess({ url: 'redis://user@host:port of the admin, without a password; rediss:// with TLS', publicUrl: 'redis://host:port' }),
    product: z
      .enum(['valkey', 'redis'])
      .optional()
      .meta({ description: 'A local server of this product. Default: Valkey where this machine has it.' }),
    version: localVersion,
    tlsVerify: z.boolean().optional().meta({
      description:
        'rediss://: whether the certificate must be one that this machine trusts. `false` is the same as `tls: { mode: require }`.',
    }),
    defaultUser: z.enum(['close', 'keep']).default('close').meta({
      description: 'The user `default`, as whom everybody is connected who does not log in: switched off, or left as it is.',
    }),
    eviction: z.enum(['refuse', 'allow']).default('refuse').meta({
      description: 'Whether the server may throw keys away when its memory is full. It asks nobody whose they are.',
    }),
    unsavedAcl: z.boolean().default(false).meta({
      description: 'Accept a server that keeps its users in memory only: a restart forgets every wall.',
    }),
  })
  .superRefine(serverRules(urlForm));

export type Config = z.infer<typeof instanceSchema>;

const relaxed = z.strictObject(
  Object.fromEntries(
    RELAXATION_NAMES.map((one) => [
      one,
      z
        .boolean()
        .optional()
        .meta({ description: `Opens: ${RELAXATIONS[one].opens}.` }),
    ]),
  ) as Record<RelaxationName, z.ZodOptional<z.ZodBoolean>>,
);
const relax = relaxed.default({});

const loginFields = z.strictObject({
  as: loginLevel.meta({ description: 'What the login may do with the keys of the app: read and write them, or read them.' }),
  user: name.optional().meta({ description: '<app>_<login> unless set.' }),
  relax: relaxed.optional().meta({ description: 'What is opened for this login. Unless set: as in the placement; for `read` nothing.' }),
});

export type LoginFields = z.infer<typeof loginFields>;

const logins = loginsWith(loginFields);

const isolation = z
  .enum(['prefix', 'database', 'instance'])
  .meta({ description: 'Keys that begin with a prefix, a database number of its own, or the whole server.' });
const separator = z
  .string()
  .regex(/^[^\s\p{Cc}]+$/u, 'at least one character, and no white space')
  .meta({ description: 'What stands between prefix and name of a key.' });

export const placementSchema = z.strictObject({
  isolation: isolation.default('prefix'),
  prefix: name.optional().meta({ description: "What keys and channels begin with. The app's name unless set." }),
  separator: separator.default(':'),
  database: z.int().min(0).optional().meta({
    description: 'Number of the database. Level database: the lowest above 0 that is free unless set; the other levels: 0.',
  }),
  unenforced: z.boolean().default(false).meta({
    description: 'Level database: accept a server whose databases are no walls.',
  }),
  user: name.optional().meta({ description: "Name of the user. The app's name unless set." }),
  logins: logins.optional().meta({ description: 'Logins of the app and what each may do. Unless set: one, `app`.' }),
  channels: z
    .array(z.string().regex(/^[^\s\p{Cc}]*[^\s\p{Cc})]$/u, 'a pattern without white space that does not end with a parenthesis'))
    .default([])
    .meta({
      description:
        'Patterns to which the app subscribes with PSUBSCRIBE, without the prefix, which stands in front of each; {database} is the number of its database. The server compares such patterns letter by letter.',
    }),
  keyspaceEvents: z.boolean().default(false).meta({
    description: 'Level prefix: the app may subscribe to the keyspace events of its own keys.',
  }),
  adopt: z.boolean().default(false).meta({ description: 'Take over a user of that name that already exists, with its passwords.' }),
  relax,
});

export type Placement = z.infer<typeof placementSchema>;

/** `defaults.redis`: the fields that can sensibly be the same for every app. */
export const defaultsSchema = z
  .strictObject({
    isolation,
    separator,
    unenforced: z.boolean(),
    keyspaceEvents: z.boolean(),
    relax,
  })
  .partial();
