import { z } from 'zod';
import type { Connections, Pressure, TopInstance, TopReport, TopRow, Wait, Work } from '../../model/index.ts';
import { type Fields, list, writer } from './document.ts';
import { diagnostic } from './parts.ts';

const connections = z
  .strictObject({ active: z.int(), idle: z.int(), idleInTransaction: z.int(), waiting: z.int() } satisfies Fields<Connections>)
  .meta({ id: 'connections', description: 'Open connections by what they do. Each is counted once; `waiting`: for a lock.' });

const rate = z.number().exactOptional();
const rates = z
  .strictObject({
    seconds: rate,
    calls: rate,
    rows: rate,
    blocksRead: rate,
    walBytes: rate,
    tempBytes: rate,
    bytesIn: rate,
    bytesOut: rate,
    denied: rate,
  } satisfies Fields<Work>)
  .meta({ id: 'rates', description: 'What an app did, by second. Absent: its server does not tell.' });

const pressure = z
  .strictObject({
    metric: z.string(),
    title: z.string(),
    of: z.string().exactOptional().meta({ description: 'Whose, where a server has several.' }),
    value: z.number(),
    unit: z.enum(['bytes', 'transactions', 'seconds', 'count']),
    limit: z.number().nullable().meta({ description: 'null: nothing sets an end.' }),
    state: z.string().exactOptional(),
  } satisfies Fields<Pressure>)
  .meta({ id: 'pressure', description: 'Something by which a server ends for all its apps.' });

const wait = {
  waiting: z.string().nullable().meta({ description: 'null: no app.' }),
  holding: z.string().nullable(),
  sessions: z.int(),
  seconds: z.number().nullable().meta({ description: 'The longest.' }),
} satisfies Fields<Wait>;

const topRow = z
  .strictObject({
    app: z.string(),
    kind: z.enum(['app', 'reader']),
    instance: z.string(),
    engine: z.string(),
    connections: connections.nullable().meta({ description: 'null: lost in this round.' }),
    connectionLimit: z.int().nullable().meta({ description: 'null: none, or not known.' }),
    share: z.number().nullable().meta({ description: 'Its part of the work of this instance, from 0 to 1; null: not known.' }),
    rates,
    blocked: z.int().nullable().meta({ description: 'Sessions that wait for a lock.' }),
    blocking: z.int().meta({ description: 'Sessions of others that wait for one of its locks.' }),
    oldestTransaction: z.number().nullable().meta({ description: 'Seconds.' }),
    size: z.number().nullable().meta({ description: 'Bytes.' }),
    sizeIsExact: z.boolean().meta({ description: 'False: an estimate from a sample.' }),
  } satisfies Fields<TopRow>)
  .meta({ id: 'top-row', description: 'One app on one instance.' });

export const topDocument = z.strictObject({
  format: z.literal(1),
  at: z.iso.datetime(),
  seconds: z.number().meta({ description: 'Between the two rounds that are compared.' }),
  instances: list(
    z.strictObject({
      name: z.string(),
      engine: z.string(),
      up: z.boolean(),
      version: z.string(),
      open: z.int().nullable(),
      max: z.int().nullable(),
      reserved: z.int().meta({ description: 'Kept for the operator.' }),
      others: connections.nullable().meta({ description: 'Those of no app.' }),
      pressures: list(pressure),
      lost: list(z.string()).meta({ description: 'What it did not tell in this round, and why.' }),
      untold: list(z.string()).meta({ description: 'What it never tells as it is set up, and what would have it tell.' }),
    } satisfies Fields<TopInstance>),
  ),
  rows: list(topRow).meta({ description: 'Who does most comes first.' }),
  waits: list(z.strictObject({ ...wait, instance: z.string() })),
  diagnostics: list(diagnostic),
  exitCode: z.number(),
} satisfies Fields<TopReport & { readonly exitCode: number }>);

export const writeTop = writer(topDocument);
