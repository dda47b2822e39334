import { z } from 'zod';
import { fileStates, type FileReport } from '../../model/index.ts';
import { type Fields, list, writer } from './document.ts';

const file = z
  .strictObject({
    path: z.string().meta({ description: 'Relative to the folder.' }),
    state: z.enum(fileStates).meta({
      description:
        'How it stood before. edited: a person has changed it; foreign: it bears no mark; both stay. exposed: others could read a secret in it. left: an earlier render made it, and this one does not.',
    }),
    difference: z.string().nullable().meta({ description: 'Lines that differ; null: none that can be shown.' }),
  } satisfies Fields<FileReport>)
  .meta({ id: 'rendered-file', description: 'One file of a deployment.' });

export const renderDocument = z.strictObject({
  format: z.literal(1),
  folder: z.string(),
  written: z.boolean().meta({ description: 'false: with `--check` nothing is written.' }),
  files: list(file),
  notes: list(z.string()),
});

export const writeRender = writer(renderDocument);
