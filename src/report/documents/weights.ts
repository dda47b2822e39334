import { z } from 'zod';
import type { AppSize, SizesReport, SlowReport, SlowStatement, TableSize, VacuumedTable, VacuumReport } from '../../model/index.ts';
import { type Fields, list, writer } from './document.ts';
import { diagnostic } from './parts.ts';

const where = { instance: z.string(), engine: z.string() };
const untold = list(z.strictObject({ instance: z.string(), what: z.string() })).meta({
  description: 'What servers do not tell, and what would have them tell.',
});
const end = { untold, diagnostics: list(diagnostic), exitCode: z.number() };
const app = z.string().nullable().meta({ description: 'null: all.' });

const statement = z
  .strictObject({
    app: z.string().nullable().meta({ description: 'null: the server does not tell whose it is.' }),
    text: z.string().meta({ description: 'Without texts, numbers and comments, and cut where it is long.' }),
    calls: z.number(),
    seconds: z.number().meta({ description: 'Of all calls together.' }),
    longest: z.number().meta({ description: 'Seconds.' }),
    rows: z.number().nullable().meta({ description: 'That it gave or changed; null: not known.' }),
    ...where,
  } satisfies Fields<SlowStatement & { readonly instance: string; readonly engine: string }>)
  .meta({ id: 'slow-statement', description: 'What one kind of statement has cost since the server began to count.' });

export const slowDocument = z.strictObject({
  format: z.literal(1),
  app,
  statements: list(statement).meta({ description: 'Those that took most come first.' }),
  ...end,
} satisfies Fields<SlowReport & { readonly exitCode: number }>);

const size = z
  .strictObject({
    app: z.string(),
    ...where,
    bytes: z.number().nullable().meta({ description: 'null: not known, or shared with others.' }),
    exact: z.boolean().meta({ description: 'False: an estimate from a sample.' }),
  } satisfies Fields<AppSize>)
  .meta({ id: 'app-size', description: 'How big one app is on one instance.' });

const table = z
  .strictObject({
    app: z.string().nullable().meta({ description: 'null: several share it.' }),
    table: z.string(),
    bytes: z.number().meta({ description: 'With its indexes.' }),
    indexBytes: z.number().nullable(),
    rows: z.number().nullable().meta({ description: 'About so many; null: not known.' }),
    ...where,
  } satisfies Fields<TableSize & { readonly instance: string; readonly engine: string }>)
  .meta({ id: 'table-size', description: 'One table.' });

export const sizesDocument = z.strictObject({
  format: z.literal(1),
  app,
  apps: list(size).meta({ description: 'The biggest comes first.' }),
  tables: list(table).exactOptional().meta({ description: 'With `--tables`: the biggest comes first.' }),
  ...end,
} satisfies Fields<SizesReport & { readonly exitCode: number }>);

const vacuumed = z
  .strictObject({
    app: z.string(),
    ...where,
    table: z.string(),
    state: z.enum(['done', 'skipped', 'failed']).meta({ description: '`skipped`: somebody holds a lock on it.' }),
    why: z.string().exactOptional(),
    seconds: z.number(),
  } satisfies Fields<VacuumedTable>)
  .meta({ id: 'vacuumed-table', description: 'What became of one table.' });

export const vacuumDocument = z.strictObject({
  format: z.literal(1),
  app,
  tables: list(vacuumed),
  diagnostics: list(diagnostic),
  exitCode: z.number(),
} satisfies Fields<VacuumReport & { readonly exitCode: number }>);

export const writeSlow = writer(slowDocument);
export const writeSizes = writer(sizesDocument);
export const writeVacuum = writer(vacuumDocument);
