import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { fail, type Plan } from '../model/index.ts';
import { PLAN_FORMAT, savedPlanDocument } from '../report/documents/plan.ts';
import { savedPlanUnusable } from './codes.ts';
import { errorCode } from '../util/system.ts';

const anyFormat = z.looseObject({ cotenant: z.literal('plan'), format: z.number() });

/** Reads a file that `plan --out` wrote. Throws a DiagnosticError where it is missing or is something else. */
export async function readSavedPlan(cwd: string, file: string): Promise<Plan> {
  const text = await readFile(resolve(cwd, file), 'utf8').catch((error: unknown) => {
    const reason = errorCode(error) === 'ENOENT' ? 'there is no such file' : 'it cannot be read';
    throw unusable(file, reason);
  });
  const json = parseJson(file, text);
  const known = anyFormat.safeParse(json);
  if (known.success && known.data.format !== PLAN_FORMAT)
    throw unusable(file, `it has format ${known.data.format}, but this version of cotenant reads format ${PLAN_FORMAT}`);
  const parsed = savedPlanDocument.safeParse(json);
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
