import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SecretInput } from '../engine/index.ts';
import { fail } from '../model/index.ts';
import { lookUp } from '../util/record.ts';
import { errorCode } from '../util/system.ts';

export interface SecretInputContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative files start from: the manifest's. */
  readonly baseDir: string;
}

/** The secret that `{ env }` or `{ file }` points at. One line end is cut off a file. Throws CT5001 where it is missing or empty. */
export async function resolveSecretInput(input: SecretInput, context: SecretInputContext): Promise<string> {
  if ('env' in input) {
    const value = lookUp(context.env, input.env);
    if (value !== undefined && value !== '') return value;
    throw fail('CT5001', `The environment variable ${input.env} is ${value === undefined ? 'not set' : 'empty'}.`, {
      hint: `Set ${input.env} in the environment of cotenant.`,
    });
  }
  const file = resolve(context.baseDir, input.file);
  const value = (await readSecretFile(file)).replace(/\r?\n$/, '');
  if (value === '') throw fail('CT5001', `The secret file ${file} is empty.`, { hint: 'Write the secret into it as a single line.' });
  return value;
}

async function readSecretFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = errorCode(error);
    if (code === '') throw error;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw fail('CT5001', `The secret file ${file} ${why}.`, { hint: 'Relative paths start from the folder of the manifest.' });
  }
}

/** What `{ env }` or `{ file }` points at, where it is no secret: the authority of a certificate. Throws CT5001 where it is missing. */
export function publicFile(input: SecretInput, { env, baseDir }: SecretInputContext): { path: string | null; text: string } {
  if ('env' in input) return { path: null, text: lookUp(env, input.env) ?? '' };
  const path = resolve(baseDir, input.file);
  try {
    return { path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw fail('CT5001', `The file ${path} cannot be read (${errorCode(error) || 'unknown'}).`, {
      hint: 'Relative paths start from the folder of the manifest.',
    });
  }
}
