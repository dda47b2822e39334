import { z } from 'zod';
import { type LintFinding, type MigrationReport, type MigrationRow, migrationTools, type RenderedMigration } from '../../model/index.ts';
import { type Fields, list, writer } from './document.ts';
import { diagnostic } from './parts.ts';

const row = z
  .strictObject({
    app: z.string(),
    instance: z.string(),
    engine: z.string(),
    place: z.string().meta({ description: 'Where they run: those in one place run one after the other.' }),
    tool: z.enum(migrationTools),
    state: z.enum(['current', 'behind', 'drifted', 'running', 'unknown']),
    current: list(z.string()).meta({ description: 'What the ledger says was applied last.' }),
    head: list(z.string()).meta({ description: 'Where the files lead to.' }),
    pending: list(z.string()).meta({ description: 'Revisions that are not applied, in their order.' }),
    drift: list(z.string()).meta({ description: 'Where files and ledger contradict each other.' }),
    last: z
      .strictObject({ at: z.string(), by: z.string(), ending: z.string() })
      .nullable()
      .meta({ description: 'The last run from this folder; null: none.' }),
  } satisfies Fields<MigrationRow>)
  .meta({ id: 'migrations', description: 'How the migrations of one app stand.' });

export const migrationStatusDocument = z.strictObject({
  format: z.literal(1),
  rows: list(row),
  diagnostics: list(diagnostic),
  unreached: list(z.string()).meta({ description: 'Instances.' }),
} satisfies Fields<MigrationReport & { format: 1 }>);

const rendered = z
  .strictObject({
    app: z.string(),
    revision: z.string(),
    file: z.string(),
    transaction: z.boolean().meta({ description: 'Whether the tool runs it inside a transaction.' }),
    sql: z.string(),
  } satisfies Fields<RenderedMigration>)
  .meta({ id: 'rendered', description: 'The SQL of one revision.' });

const finding = z
  .strictObject({
    rule: z.string().meta({ description: 'As in docs/migrations-lint.md.' }),
    severity: z.enum(['error', 'warning']).meta({ description: 'error: it harms others, or fails.' }),
    app: z.string(),
    revision: z.string(),
    file: z.string(),
    line: z.int().meta({ description: 'In the rendered SQL, from 1.' }),
    statement: z.string().meta({ description: 'Its first line.' }),
    message: z.string(),
    instead: z.string().meta({ description: 'The safe way.' }),
  } satisfies Fields<LintFinding>)
  .meta({ id: 'lint-finding', description: 'What a rule finds in a migration before it runs.' });

export const renderedDocument = z.strictObject({
  format: z.literal(1),
  migrations: list(rendered),
  revisions: z.int().meta({ description: 'How many of them the rules have looked at.' }),
  findings: list(finding),
  diagnostics: list(diagnostic),
});

export const lintDocument = z.strictObject({
  format: z.literal(1),
  revisions: z.int(),
  findings: list(finding),
  diagnostics: list(diagnostic),
});

export const adoptedDocument = z.strictObject({
  format: z.literal(1),
  app: z.string(),
  adopted: z.boolean(),
  current: list(z.string()),
  pending: list(z.string()),
  wrong: list(z.string()).meta({ description: 'What is in the way.' }),
});

export const readyDocument = z.strictObject({
  format: z.literal(1),
  app: z.string(),
  ready: z.boolean(),
  missing: list(z.strictObject({ what: z.string(), command: z.string().meta({ description: 'What brings it about.' }) })),
  diagnostics: list(diagnostic).meta({ description: 'Why it could not be asked.' }),
});

export const writeMigrationStatus = writer(migrationStatusDocument);
export const writeRendered = writer(renderedDocument);
export const writeLint = writer(lintDocument);
export const writeAdopted = writer(adoptedDocument);
export const writeReady = writer(readyDocument);
