import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
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
    const found = value === undefined || value === '' ? await fromDotenv(input, context) : value;
    if (found !== '') return input.part === 'password' ? passwordIn(found, input.env) : found;
    const beside = input.dotenv === undefined ? '' : `, and ${resolve(context.baseDir, input.dotenv)} has no value for it`;
    throw fail('CT5001', `The environment variable ${input.env} is ${value === undefined ? 'not set' : 'empty'}${beside}.`, {
      hint: `Set ${input.env} in the environment of cotenant.`,
    });
  }
  const file = resolve(context.baseDir, input.file);
  const value = (await readSecretFile(file)).replace(/\r?\n$/, '');
  if (value === '') throw fail('CT5001', `The secret file ${file} is empty.`, { hint: 'Write the secret into it as a single line.' });
  return value;
}

/** '' where the file does not say. */
async function fromDotenv({ env, dotenv }: Extract<SecretInput, { env: string }>, { baseDir }: SecretInputContext): Promise<string> {
  if (dotenv === undefined) return '';
  const variables: Readonly<Record<string, string | undefined>> = parseEnv(await readSecretFile(resolve(baseDir, dotenv)));
  return lookUp(variables, env) ?? '';
}

/** The password of a URL. No message holds a part of it. */
function passwordIn(text: string, variable: string): string {
  const written = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:([^/?#]*)@/i.exec(text)?.[1] ?? '';
  try {
    const password = decodeURIComponent(written);
    if (password !== '') return password;
  } catch {
    // Told below: what cannot be decoded is not there.
  }
  throw fail('CT5001', `The variable ${variable} holds no URL with a password that can be read.`, {
    hint: 'A URL looks like scheme://user:password@host; special characters in it are percent-encoded, such as @ as %40.',
  });
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
  if ('env' in input) {
    const file = input.dotenv === undefined ? null : resolve(baseDir, input.dotenv);
    const variables: SecretInputContext['env'] = file === null || (lookUp(env, input.env) ?? '') !== '' ? {} : parseEnv(publicText(file));
    return { path: null, text: lookUp(env, input.env) || (lookUp(variables, input.env) ?? '') };
  }
  const path = resolve(baseDir, input.file);
  return { path, text: publicText(path) };
}

function publicText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw fail('CT5001', `The file ${path} cannot be read (${errorCode(error) || 'unknown'}).`, {
      hint: 'Relative paths start from the folder of the manifest.',
    });
  }
}
