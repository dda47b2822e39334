import { z } from 'zod';
import { list, writer } from './document.ts';

const entry = z
  .strictObject({ term: z.string(), what: z.string() })
  .meta({ id: 'manual-entry', description: 'A word as it is typed, and what it means.' });
const entries = list(entry);

/** The command line, as a program reads it. */
export const manualDocument = z.strictObject({
  format: z.literal(1),
  version: z.string(),
  description: z.string(),
  options: entries.meta({ description: 'Of every command.' }),
  commands: list(
    z.strictObject({
      name: z.string(),
      usage: z.string(),
      summary: z.string(),
      description: z.string(),
      arguments: entries,
      options: entries,
    }),
  ),
  exitCodes: list(z.strictObject({ code: z.int(), meaning: z.string() })),
  environment: entries,
  files: entries,
});
export type Manual = z.infer<typeof manualDocument>;

export const completionDocument = z.strictObject({ format: z.literal(1), shell: z.string(), script: z.string() });

export const unitDocument = z.strictObject({ format: z.literal(1), unit: z.string() });

const line = { instance: z.string(), line: z.string() };
export const logsDocument = z.strictObject({ format: z.literal(1), lines: list(z.strictObject(line)) });
export const logLineDocument = z.strictObject({ format: z.literal(1), ...line });

export const checkedDocument = z.strictObject({
  format: z.literal(1),
  whole: z.literal(true).meta({ description: 'One that is not whole ends the command without a result.' }),
  readData: z.string().nullable().meta({ description: 'How much of the data was read as well; null: none.' }),
});

export const writeManual = writer(manualDocument);
export const writeCompletion = writer(completionDocument);
export const writeUnit = writer(unitDocument);
export const writeLogs = writer(logsDocument);
export const writeLogLine = writer(logLineDocument);
export const writeChecked = writer(checkedDocument);
