import { dirname, join } from 'node:path';
import type { KeyInfo, KeyScope } from '../model/index.ts';
import { KeyFile } from '../secrets/keys.ts';
import { appExists } from './apps.ts';
import type { Project } from './types.ts';

/** The keys of `serve`, in a file beside the secret store. */
export function keysOf({ manifest }: Pick<Project, 'manifest'>): KeyFile {
  return new KeyFile(join(dirname(manifest.file), '.cotenant', 'keys.json'), manifest.project);
}

export interface KeyRequest {
  readonly name: string;
  readonly scope: KeyScope;
  /** Milliseconds that it lasts; null: for ever. */
  readonly lasts: number | null;
}

/** Makes a key; the key itself is in the answer and nowhere else. Throws CT2016 and CT4650. */
export async function createKey(project: Project, { name, scope, lasts }: KeyRequest): Promise<{ key: string; info: KeyInfo }> {
  if (scope.startsWith('app:')) appExists(project, scope.slice('app:'.length));
  return await keysOf(project).create({ name, scope, expires: lasts === null ? null : new Date(Date.now() + lasts) });
}
