import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../model/index.ts';
import { versionOf } from '../util/program.ts';

/** The first with exit codes that tell errors apart. */
const OLDEST: readonly [number, number] = [0, 17];

const HINT = 'get it from https://restic.net, or with the package manager: apt install restic (Debian 13 and newer), brew install restic';

/** The first restic in these folders that is new enough. Throws CT4311. */
export async function findRestic(folders: readonly string[]): Promise<{ readonly program: string; readonly version: string }> {
  const old: string[] = [];
  for (const folder of folders) {
    const program = join(folder, 'restic');
    if (!existsSync(program)) continue;
    const version = await versionOf(program, 'version');
    const [major = 0, minor = 0] = (version ?? '0.0').split('.').map(Number);
    if (version !== null && (major > OLDEST[0] || minor >= OLDEST[1])) return { program, version };
    old.push(version === null ? `${program}, which does not run` : `${program}, which is ${version}`);
  }
  const has = old.length === 0 ? 'there is no restic on this machine' : `this machine has ${old.join(' and ')}`;
  throw fail('CT4311', `backups are kept by restic ${OLDEST.join('.')} or newer, and ${has}`, { hint: HINT });
}
