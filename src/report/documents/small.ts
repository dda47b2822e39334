import { z } from 'zod';
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
  servers: list(z.strictObject({ instance: z.string(), ran: z.boolean(), destroyed: z.boolean() })),
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

export const environmentDocument = z.record(z.string(), z.string());

export const writeEnded = writer(endedDocument);
export const writeFailed = writer(failedDocument);
export const writeUp = writer(upDocument);
export const writeDown = writer(downDocument);
export const writeValidated = writer(validateDocument);
export const writeCredentials = writer(credentialsDocument);
