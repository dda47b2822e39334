import { z } from 'zod';
import { verdicts } from '../../model/index.ts';
import { list, writer } from './document.ts';
import { diagnostic, outcome } from './parts.ts';

const base = { format: z.literal(1), ending: z.string(), exitCode: z.number() };

export const endedDocument = z.strictObject({ ...base, steps: list(outcome) });
export const failedDocument = z.strictObject({ ...base, ending: z.enum(['failed', 'interrupted']), diagnostics: list(diagnostic) });
export const failedRoundDocument = z.strictObject({ time: z.iso.datetime(), ...failedDocument.shape });

const skipped = z.strictObject({ way: z.string(), why: z.string(), get: z.string().exactOptional() });

export const upDocument = z.strictObject({
  format: z.literal(1),
  servers: list(
    z.strictObject({
      instance: z.string(),
      state: z.string(),
      way: z.string(),
      title: z.string(),
      host: z.string(),
      port: z.number(),
      passedOver: list(skipped).meta({ description: 'Providers that were skipped.' }),
    }),
  ),
  diagnostics: list(diagnostic),
});

export const downDocument = z.strictObject({
  format: z.literal(1),
  servers: list(
    z.strictObject({
      instance: z.string(),
      ran: z.boolean(),
      destroyed: z.boolean(),
      would: z.enum(['stop', 'delete']).exactOptional().meta({ description: 'With `--dry-run`: what would be done.' }),
    }),
  ),
  diagnostics: list(diagnostic),
});

export const validateDocument = z.strictObject({
  format: z.literal(1),
  valid: z.boolean(),
  file: z.string().nullable().meta({ description: 'Relative to the working directory; null where there are errors.' }),
  apps: z.number(),
  instances: z.number(),
  diagnostics: list(diagnostic),
});

export const credentialsDocument = z.strictObject({
  stored: list(z.strictObject({ instance: z.string(), login: z.string(), checked: z.boolean() })),
});

export const settingsDocument = z.strictObject({
  format: z.literal(1),
  settings: list(z.strictObject({ name: z.string(), value: z.string(), origin: z.string() })),
});

export const explainDocument = z.strictObject({
  format: z.literal(1),
  id: z.string().meta({ description: 'The code, or the id of the probe or the check.' }),
  title: z.string(),
  diagnostic: z
    .strictObject({ explanation: z.string(), hint: z.string().exactOptional() })
    .exactOptional()
    .meta({ description: 'Of a code.' }),
  probe: z
    .strictObject({ attack: z.string(), example: z.string(), verdict: z.enum(verdicts), why: z.string(), hardening: z.string() })
    .exactOptional()
    .meta({ description: 'Of a probe of `verify`.' }),
  check: z
    .strictObject({
      severity: z.enum(['error', 'warning', 'info']),
      looks: list(z.strictObject({ engine: z.string(), what: z.string() })),
      why: z.string(),
      remedy: z.string(),
      fix: z.string().exactOptional().meta({ description: 'What `--fix` sends.' }),
    })
    .exactOptional()
    .meta({ description: 'Of a check of `doctor`.' }),
});

export const environmentDocument = z.record(z.string(), z.string());

export const writeEnded = writer(endedDocument);
export const writeFailed = writer(failedDocument);
export const writeUp = writer(upDocument);
export const writeDown = writer(downDocument);
export const writeValidated = writer(validateDocument);
export const writeSettings = writer(settingsDocument);
export const writeExplained = writer(explainDocument);
export const writeCredentials = writer(credentialsDocument);
