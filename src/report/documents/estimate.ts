import { z } from 'zod';
import type { Assumption, Cost, EstimateRow } from '../../model/index.ts';
import { type Fields, list, writer } from './document.ts';

const cost = z
  .strictObject({
    containers: z.int(),
    memory: z.number().meta({ description: 'Bytes.' }),
    backups: z.int().meta({ description: 'Schedules to set up and to watch.' }),
    price: z.number().nullable().meta({ description: 'A month; null: no price was given.' }),
  } satisfies Fields<Cost>)
  .meta({ id: 'cost', description: 'What one way of running the apps takes.' });

const part = z.strictObject({ servers: z.int(), memory: z.number().meta({ description: 'Bytes of all of them.' }) });

const row = z
  .strictObject({
    instance: z.string(),
    engine: z.string(),
    apps: z.int(),
    connections: z.int().nullable().meta({ description: 'What all may open together; null: the server has no such limit.' }),
    shared: part,
    isolated: part,
  } satisfies Fields<EstimateRow>)
  .meta({ id: 'estimate-row', description: 'One instance, shared and as a server for each app.' });

const assumption = z
  .strictObject({ what: z.string(), value: z.string(), option: z.string() } satisfies Fields<Assumption>)
  .meta({ id: 'assumption', description: 'A figure that nobody measured, and the option that changes it.' });

export const estimateDocument = z.strictObject({
  format: z.literal(1),
  apps: z.int(),
  rows: list(row),
  shared: cost,
  isolated: cost,
  assumptions: list(assumption),
});

export const writeEstimate = writer(estimateDocument);
