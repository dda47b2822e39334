import { z } from 'zod';
import { secretInput } from '../engine/index.ts';
import { isCron } from './cron.ts';
import { recipeNames } from '../recipes/index.ts';
import { migrationsSchema, requiresSchema } from './migrations-schema.ts';

/** Placeholders for the parts that engines own; the JSON Schema puts their schemas in. */
const instancePart = z.looseObject({ engine: z.string().meta({ description: 'The engine of the server.' }) }).meta({ id: 'instance' });
const placementPart = z.looseObject({}).meta({ id: 'placement' });
const defaultsPart = z.record(z.string(), z.looseObject({})).meta({ id: 'defaults' });

const appName = z.string().meta({ description: 'Name of an app.' });
const loop = z
  .record(z.string(), z.array(z.union([z.string().min(1), z.number()])).min(1))
  .meta({ description: 'One app for each value. {variable} is replaced in the key and in every string below it.' });

const envValue = z
  .union([
    z.string(),
    z.number(),
    z.boolean(),
    z.strictObject({ value: z.union([z.string(), z.number(), z.boolean()]).meta({ description: 'A text that stands for itself.' }) }),
  ])
  .meta({
    description:
      'A part of the app (`database`), a part of one instance (`main.host`) or a variable that the app has anyway (`DATABASE_URL`), or a text with such words in braces.',
  });

const appFields = {
  recipe: z.enum(recipeNames).optional().meta({
    description:
      'The application that it is: its names of variables, relaxations and extensions. What stands here besides it counts first.',
  }),
  after: z.array(appName).optional().meta({ description: 'Apps that are deployed before this one.' }),
  uses: z
    .record(z.string(), placementPart)
    .meta({ mayBeEmpty: true, description: 'The instances that the app uses, with its placement on each.' }),
  env: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a variable: letters, digits and _, not starting with a digit'),
      envValue,
    )
    .optional()
    .meta({ description: 'Variables by the names that the app wants them under, for `cotenant env`.' }),
  migrations: migrationsSchema.optional(),
  requires: requiresSchema.optional(),
} as const;

const appSchema = z.strictObject({ for: loop.optional(), ...appFields });
const teamSchema = z.strictObject({ for: loop, ...appFields });

const readerSchema = z.strictObject({
  reads: z.array(appName).min(1).meta({ description: 'Apps whose data the reader may see.' }),
  connections: z.int().min(1).max(10_000).optional().meta({ description: 'How many connections it may have open at the same time.' }),
});

const shareSchema = z.strictObject({
  from: appName.meta({ description: 'App that owns the tables.' }),
  to: appName.meta({ description: 'App that may read them.' }),
  tables: z
    .array(z.string().min(1))
    .min(1)
    .meta({ description: 'Tables or views of `from` that `to` may read. Those that do not exist yet are shared once they do.' }),
  columns: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .meta({ description: 'Only these columns of each table. Default: all, including future ones.' }),
  via: z.enum(['grant', 'api']).meta({ description: 'grant: a read privilege on the server, and nothing else. api: not used yet.' }),
});

const operatorSchema = z.strictObject({
  may: z.array(z.string().min(1)).min(1).meta({ description: 'What it may do, in words that the engine defines.' }),
  instances: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .meta({ description: 'On these instances. Default: all whose engine knows the words.' }),
});

const knownSchema = z.strictObject({
  user: z.string().min(1).meta({ description: 'The login’s name on the server.' }),
  on: z.string().min(1).optional().meta({ description: 'The instance. Default: all.' }),
  why: z.string().min(1).meta({ description: 'Why it is accepted. Every report shows it.' }),
});

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

const cron = z.string().refine(isCron, 'five fields as cron has them, such as "0 3 * * *"');

const count = (of: string): z.ZodOptional<z.ZodInt> =>
  z
    .int()
    .min(1)
    .optional()
    .meta({ description: `How many of the newest ${of} keep a backup.` });

const keepSchema = z
  .strictObject({
    last: z.int().min(1).optional().meta({ description: 'How many of the newest backups are kept.' }),
    hourly: count('hours'),
    daily: count('days'),
    weekly: count('weeks'),
    monthly: count('months'),
    yearly: count('years'),
  })
  .refine((keep) => Object.values(keep).some((n) => n !== undefined), {
    message: 'at least one of last, hourly, daily, weekly, monthly, yearly',
  });

const backupSchema = z.strictObject({
  repository: z
    .union([z.string().min(1), secretInput])
    .optional()
    .meta({
      description: 'Where backups are kept, as restic writes it. A folder is relative to the manifest. Default: RESTIC_REPOSITORY.',
    }),
  password: secretInput.optional().meta({ description: 'What encrypts the repository. Default: RESTIC_PASSWORD or RESTIC_PASSWORD_FILE.' }),
  credentials: z
    .record(z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'the name of a variable in capitals'), secretInput)
    .optional()
    .meta({ description: 'Variables that restic needs to reach the repository, such as AWS_SECRET_ACCESS_KEY.' }),
  exclude: z.array(z.string().min(1)).optional().meta({ description: 'Instances of which nothing is saved.' }),
  schedule: cron.optional().meta({ description: 'When apps are saved, as cron has it: `0 3 * * *`. cron itself runs it.' }),
  timezone: z
    .string()
    .refine(isTimeZone, 'a time zone by its name, such as Europe/Berlin')
    .optional()
    .meta({ description: 'In which days begin, such as Europe/Berlin. Default: that of the process.' }),
  keep: keepSchema.optional().meta({
    description:
      'Which backups of each app `cotenant backup prune` keeps. The newest one, and the newest that a drill has proved, always are.',
  }),
  drill: z
    .union([z.enum(['daily', 'weekly', 'monthly']), cron])
    .optional()
    .meta({ description: 'How often drills are run: daily, weekly, monthly, or as cron has it. cron itself runs them.' }),
});

export type BackupDecl = z.infer<typeof backupSchema>;
export type KeepDecl = z.infer<typeof keepSchema>;

/** The whole file but for what engines own. Names and references are checked apart, after `for` is expanded. */
export const manifestSchema = z.strictObject({
  cotenant: z.literal(1).meta({ description: 'Version of the manifest format.' }),
  project: z.string().meta({ description: 'Name of the project. cotenant marks what it creates on a server with it.' }),
  instances: z.record(z.string(), instancePart).meta({ mayBeEmpty: true, description: 'The servers, by the name that apps refer to.' }),
  defaults: defaultsPart.optional().meta({ description: 'Default values for placements, by engine.' }),
  apps: z.record(z.string(), appSchema).meta({ mayBeEmpty: true, description: 'The apps.' }).optional(),
  teams: z
    .record(z.string(), teamSchema)
    .meta({ mayBeEmpty: true, description: 'Many similar apps: one for each value of `for`.' })
    .optional(),
  readers: z
    .record(z.string(), readerSchema)
    .meta({ mayBeEmpty: true, description: 'Read-only logins for the data of several apps.' })
    .optional(),
  shares: z.array(shareSchema).meta({ mayBeEmpty: true, description: 'Walls that are opened on purpose.' }).optional(),
  operators: z
    .record(z.string().min(1), operatorSchema)
    .meta({
      mayBeEmpty: true,
      description: 'Logins of the operator, such as a backup or a monitor: they have the privileges named here, and keep them.',
    })
    .optional(),
  known: z
    .array(knownSchema)
    .meta({ mayBeEmpty: true, description: 'Logins that this manifest does not manage and accepts unchanged.' })
    .optional(),
  backup: backupSchema.optional().meta({ description: 'Where and how apps are backed up.' }),
  removal: z
    .enum(['retain', 'delete'])
    .default('retain')
    .meta({ description: 'What happens to an app that is removed from the file: retained without logins, or deleted after confirmation.' }),
});

export type ManifestShape = z.infer<typeof manifestSchema>;
