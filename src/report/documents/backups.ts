import { z } from 'zod';
import type { BackupRow, SavedApp, SavedObject, SavedPart } from '../../model/index.ts';
import { type Fields, list, writer } from './document.ts';

const row = z
  .strictObject({
    run: z.string().meta({ description: 'Its name. Sorts by time.' }),
    app: z.string(),
    at: z.string().meta({ description: 'ISO time.' }),
    bytes: z.number().nullable().meta({ description: 'Of its files; null: not known.' }),
    added: z.number().nullable().meta({ description: 'By which the repository has grown; null: not known.' }),
    proved: z.string().nullable().meta({ description: 'ISO time of the last drill that brought all of it back; null: none has.' }),
  } satisfies Fields<BackupRow>)
  .meta({ id: 'backup-row', description: 'One backup, as the repository lists it.' });

export const backupsDocument = z.strictObject({ format: z.literal(1), backups: list(row) });

export const prunedDocument = z.strictObject({
  format: z.literal(1),
  removed: z.boolean().meta({ description: 'false: it was only asked what would go.' }),
  gone: list(row).meta({ description: 'What the rule does not keep.' }),
  kept: list(row),
});

export const writePruned = writer(prunedDocument);

export const writeBackups = writer(backupsDocument);

const object = z
  .strictObject({
    kind: z.string(),
    name: z.string(),
    rows: z.int().nullable().meta({ description: 'null: it has none.' }),
    hash: z.string().meta({ description: 'Of its definition, and of its rows in no particular order.' }),
  } satisfies Fields<SavedObject>)
  .meta({ id: 'saved-object', description: 'One thing of an app that a backup holds.' });

const part = z
  .strictObject({
    engine: z.string(),
    instance: z.string(),
    server: z.string().meta({ description: 'The server’s version.' }),
    tool: z.string().meta({ description: 'The program that wrote it, with its version.' }),
    point: z.string().nullable().meta({ description: 'Where in the server’s history it was taken; null: it does not tell.' }),
    at: z.string().meta({ description: 'ISO time at which its view of the data was opened.' }),
    place: z.unknown().meta({ description: 'What the engine has to know to bring it back.' }),
    objects: list(object),
    left: list(z.string()).meta({ description: 'What is there and not saved.' }),
  } satisfies Fields<SavedPart>)
  .meta({ id: 'saved-part', description: 'What a backup holds of one placement.' });

export const backupDocument = z.strictObject({
  format: z.literal(1),
  run: z.string(),
  project: z.string(),
  app: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  grade: z.enum(['independent', 'ordered']).meta({ description: 'ordered: several parts, one after the other.' }),
  skew: z.int().meta({ description: 'Milliseconds between the first part and the last.' }),
  parts: list(part),
} satisfies Fields<SavedApp>);

export const writeBackup = writer(backupDocument);
