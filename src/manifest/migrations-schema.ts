import { z } from 'zod';
import { migrationTools } from '../model/index.ts';

const name = z.string().min(1);
/** `30s`, `5m`, `2h`. */
const duration = z.string().regex(/^[1-9]\d{0,5}[smh]$/, 'a duration such as 30s, 5m or 2h');

const ledger = z
  .strictObject({
    schema: name.optional().meta({ description: 'The schema in which the table lies. Default: any of the app.' }),
    table: name.optional().meta({ description: 'The table. Default: the tool’s own.' }),
    column: name.optional().meta({ description: 'The column with the revision, for a tool without an adapter.' }),
  })
  .meta({ description: 'Where the tool keeps what it has done, where its configuration has changed that.' });

/** What its users expect of it, two versions of a table alive at the same time, is not built: it is refused, not passed over. */
const online = z
  .any()
  .refine((said) => said === undefined, {
    message: 'nothing here keeps the old and the new form of a table alive side by side while code of both runs',
    params: {
      code: 'CT4125',
      hint: 'Remove `online`, and write each change as several revisions; cotenant migrate lint says which statements stop the app, and how else.',
    },
  })
  .meta({ description: 'Not built: changes of a table while old and new code run are written as several revisions.', not: {} });

export const migrationsSchema = z
  .strictObject({
    tool: z.enum(migrationTools).meta({ description: 'Migration tool of the app.' }),
    directory: name.meta({ description: 'Folder of the tool’s configuration, or of the migrations. Relative to the manifest.' }),
    command: z.array(name).min(1).optional().meta({ description: 'How the tool is called. Default: its usual name.' }),
    env: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a variable'), z.string())
      .optional()
      .meta({ description: 'Variables that the tool gets besides those of `cotenant env`.' }),
    placement: name.optional().meta({ description: 'The instance on which they run, where the app is on several.' }),
    ledger: ledger.optional(),
    online: online.optional(),
    deadline: duration.optional().meta({ description: 'How long one run of the tool may take. Default: 1h.' }),
  })
  .meta({ description: 'How the app’s tables are brought up to date: `cotenant migrate`.' });

export const requiresSchema = z
  .strictObject({
    tables: z.array(name).optional().meta({ description: 'Tables or views, in the app’s place or as schema.table.' }),
    columns: z.record(z.string(), z.array(name).min(1)).optional().meta({ description: 'Columns, by table.' }),
    extensions: z.array(name).optional().meta({ description: 'Extensions of the server.' }),
    revision: name.optional().meta({ description: 'A revision that must have been applied. Default: the newest of `migrations`.' }),
  })
  .meta({ description: 'What the app has to find before it starts: `cotenant ready`.' });
