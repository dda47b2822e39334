import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cache } from './places.ts';

/** Where `scripts/debian-root` unpacks the clients of each engine: the newest first. */
const unpacked: Readonly<Record<string, readonly string[]>> = {
  psql: ['postgres18/usr/lib/postgresql/18/bin', 'postgres17/usr/lib/postgresql/17/bin'],
  mysql: ['mysql9/usr/bin'],
  mariadb: ['mariadb11/usr/bin', 'mariadb10/usr/bin'],
  'redis-cli': ['redis8/usr/bin', 'redis7/usr/bin'],
  'valkey-cli': ['valkey91/usr/bin', 'valkey81/usr/bin'],
};

/** The real client, or null where this machine has none. */
export function realClient(name: string): string | null {
  const places = (unpacked[name] ?? []).map((folder) => join(cache, 'debian', folder, name));
  return [...places, join('/usr/bin', name)].find((file) => existsSync(file)) ?? null;
}

/** Puts a program into the folder that runs this script: what PATH finds. */
export async function putProgram(folder: string, name: string, script: string): Promise<void> {
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

/** A program of the client's name, which notes its arguments and its environment and then is the real client. */
export async function putClient(folder: string, name: string): Promise<boolean> {
  const real = realClient(name);
  if (real === null) return false;
  await putProgram(folder, name, `printf '%s\\n' "$@" > '${folder}/argv'\nexec '${real}' "$@"`);
  return true;
}
