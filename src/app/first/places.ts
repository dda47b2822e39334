import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { lookUp } from '../../util/record.ts';
import { errorCode } from '../../util/system.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The variables of this process, and of the dotenv file beside the manifest where the process has none. */
export interface Surroundings {
  readonly env: Variables;
  readonly dotenv: Variables;
  /** Empty values are none. */
  get(name: string): string | undefined;
}

export const DOTENV = '.env';

export async function surroundings(folder: string, env: Variables): Promise<Surroundings> {
  const dotenv: Variables = parseEnv(((await textOf(join(folder, DOTENV))) ?? '').replace(/^\uFEFF/, ''));
  const of = (from: Variables, name: string): string | undefined => lookUp(from, name) || undefined;
  return { env, dotenv, get: (name) => of(env, name) ?? of(dotenv, name) };
}

/** null: there is no such file, or nobody may read it. */
export async function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === '') throw error;
    return null;
  });
}

type Instance = Readonly<Record<string, unknown>>;

/** What the manifest says of an instance, where only the process’s own variables can be referred to: others as they are now. */
export function settled(instance: Instance, { env, dotenv }: Pick<Surroundings, 'env' | 'dotenv'>): Instance {
  const fill = (text: string): string =>
    text.replaceAll(/(\$\$)|\$\{(\w+):-([^}]*)\}/g, (all, dollars: string | undefined, name: string, usual: string) => {
      if (dollars !== undefined || (lookUp(env, name) ?? '') !== '') return all;
      return (lookUp(dotenv, name) || usual).replaceAll('$', '$$$$');
    });
  return Object.fromEntries(Object.entries(instance).map(([key, value]) => [key, typeof value === 'string' ? fill(value) : value]));
}
