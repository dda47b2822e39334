import { z } from 'zod';
import { historyDocument } from './history.ts';
import type { DocumentName } from './names.ts';
import { planDocument, savedPlanDocument } from './plan.ts';
import {
  credentialsDocument,
  downDocument,
  endedDocument,
  environmentDocument,
  failedDocument,
  failedRoundDocument,
  upDocument,
  validateDocument,
} from './small.ts';
import { statusDocument } from './status.ts';
import { verifyDocument, verifyRoundDocument } from './verify.ts';

const schemas: Readonly<Record<DocumentName, z.ZodType>> = {
  plan: planDocument.meta({ description: '`plan --json`: what an apply would do.' }),
  'saved-plan': savedPlanDocument.meta({ description: '`plan --out FILE`: what `apply FILE` applies.' }),
  ended: endedDocument.meta({ description: '`apply`, `restore-app` and `verify --fix` with `--json`, at their end.' }),
  failed: failedDocument.meta({ description: 'Every command with `--json` that ends without a result.' }),
  verify: verifyDocument.meta({ description: '`verify --json`: the proof.' }),
  'verify-round': verifyRoundDocument.meta({ description: '`verify --watch --json`: one line for each round.' }),
  'verify-round-failed': failedRoundDocument.meta({ description: '`verify --watch --json`: the line of a round without a proof.' }),
  status: statusDocument.meta({ description: '`status --json`.' }),
  history: historyDocument.meta({ description: '`history --json`: what was done from here.' }),
  validate: validateDocument.meta({ description: '`validate --json`: what is wrong with the manifest.' }),
  up: upDocument.meta({ description: '`up --json`: the servers that run now.' }),
  down: downDocument.meta({ description: '`down --json`: the servers that were stopped.' }),
  credentials: credentialsDocument.meta({ description: '`credentials set --json`: the passwords that were stored.' }),
  env: environmentDocument.meta({ description: '`env --format json`: the variables of an app.' }),
};

/** JSON Schema (draft 2020-12) of one document. */
export function documentSchema(name: DocumentName): object {
  return z.toJSONSchema(schemas[name], { io: 'input', override: ({ jsonSchema }) => delete jsonSchema.readOnly });
}
