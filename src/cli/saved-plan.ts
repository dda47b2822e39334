import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { fail, type Plan } from '../model/index.ts';
import { savedPlanUnusable } from './codes.ts';
import { errorCode } from '../util/system.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const command = z.strictObject({
  op: z.string().exactOptional(),
  text: z.string(),
  args: z.json().exactOptional(),
  secrets: z.record(z.string(), z.strictObject({ secret: z.string() })).exactOptional(),
});
const fieldValue = z.union([scalar, z.null()]);

const loss = z.strictObject({
  who: z.string(),
  of: z.string().nullable(),
  what: z.array(z.string()),
  sessions: z.number().nullable(),
  keep: z.string().nullable(),
  confirm: z.string().exactOptional(),
});

const step = z.strictObject({
  id: z.string(),
  address: z.strictObject({ engine: z.string(), instance: z.string(), kind: z.string(), name: z.string() }),
  app: z.string().nullable(),
  action: z.enum(['create', 'update', 'replace', 'delete', 'run']),
  cause: z.enum(['intended', 'drift']),
  title: z.string(),
  facts: z.record(z.string(), scalar),
  fields: z.array(z.strictObject({ field: z.string(), from: fieldValue, to: fieldValue })),
  commands: z.array(command),
  reverse: z.array(command).nullable(),
  risk: z.enum(['safe', 'blocking', 'access-reducing', 'destructive']),
  confirm: z.string().exactOptional(),
  losses: z.array(loss).exactOptional(),
  makes: z.string().exactOptional(),
  takes: z.array(z.string()).exactOptional(),
  needs: z.array(z.string()),
  lane: z.string(),
  unit: z.string().nullable(),
});

const diagnostic = z.strictObject({
  code: z.string(),
  severity: z.enum(['error', 'warning', 'info']),
  message: z.string(),
  expected: z.string().exactOptional(),
  hint: z.string().exactOptional(),
  instance: z.string().exactOptional(),
  path: z.array(z.union([z.string(), z.number()])).exactOptional(),
  location: z.strictObject({ file: z.string(), line: z.number(), column: z.number(), frame: z.string() }).exactOptional(),
});

/** Of the plans that this version writes and reads. */
const FORMAT = 2;

const anyFormat = z.looseObject({ cotenant: z.literal('plan'), format: z.number() });

const savedPlan = z.strictObject({
  cotenant: z.literal('plan'),
  format: z.literal(FORMAT),
  manifestHash: z.string(),
  day: z.iso.date().exactOptional(),
  app: z.string().exactOptional(),
  observed: z.record(z.string(), z.string()),
  steps: z.array(step),
  diagnostics: z.array(diagnostic),
  unreached: z.array(z.string()),
});

/** Reads a file that `plan --out` wrote. Throws a DiagnosticError where it is missing or is something else. */
export async function readSavedPlan(cwd: string, file: string): Promise<Plan> {
  const text = await readFile(resolve(cwd, file), 'utf8').catch((error: unknown) => {
    const reason = errorCode(error) === 'ENOENT' ? 'there is no such file' : 'it cannot be read';
    throw unusable(file, reason);
  });
  const json = parseJson(file, text);
  const known = anyFormat.safeParse(json);
  if (known.success && known.data.format !== FORMAT)
    throw unusable(file, `it has format ${known.data.format}, and this version of cotenant writes and reads format ${FORMAT}`);
  const parsed = savedPlan.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? 'the document' : issue.path.join('.');
    throw unusable(file, `${where}: ${issue?.message ?? 'not a plan'}`);
  }
  const { cotenant: _, ...plan } = parsed.data;
  return plan;
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unusable(file, 'it is not JSON');
  }
}

function unusable(file: string, reason: string): Error {
  return fail(savedPlanUnusable, `The saved plan ${file} cannot be used: ${reason}.`, {
    hint: 'Make a new one: cotenant plan --out plan.json',
  });
}
