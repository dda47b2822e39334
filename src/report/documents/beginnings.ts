import { z } from 'zod';
import { list, writer } from './document.ts';
import { diagnostic } from './parts.ts';

const next = z.string().meta({ description: 'The command that people may want now.' });

export const initDocument = z.strictObject({
  format: z.literal(1),
  file: z.string().meta({ description: 'The manifest that was written, relative to the working directory.' }),
  apps: list(z.string()),
  found: list(z.strictObject({ instance: z.string(), title: z.string(), from: z.string() })).meta({
    description: 'Servers that the folder or the environment names, each with the instance that it became.',
  }),
  toSet: list(z.strictObject({ variable: z.string(), from: z.string() })).meta({
    description: 'Variables that the next command needs, each with where its value stands; empty: nobody knows.',
  }),
  notes: list(z.string()),
  next,
});

export const addedDocument = z.strictObject({
  format: z.literal(1),
  file: z.string().meta({ description: 'The manifest that was changed.' }),
  app: z.string(),
  instances: list(z.string()),
  next,
});

export const importedDocument = z.strictObject({
  format: z.literal(1),
  file: z.string().nullable().meta({ description: 'What `--out` says; null: nothing was written.' }),
  manifest: z.string().meta({ description: 'The text of the manifest.' }),
  diagnostics: list(diagnostic),
});

export const writeInit = writer(initDocument);
export const writeAdded = writer(addedDocument);
export const writeImported = writer(importedDocument);
