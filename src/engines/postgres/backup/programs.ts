import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../../../model/index.ts';
import { versionOf } from '../../../util/program.ts';
import { localInstallations } from '../local/find.ts';

/** pg_dump and pg_restore of the server's own major version: older ones refuse a newer server, and what newer ones write an older server does not take whole. */
export async function clientsFor(
  major: number,
  folders: readonly string[],
  instance: string,
): Promise<{ readonly dump: string; readonly restore: string; readonly version: string }> {
  const found: string[] = [];
  for (const folder of [
    ...localInstallations()
      .filter((one) => one.major === major)
      .map(({ prefix, bin }) => join(prefix, bin)),
    ...folders,
  ]) {
    const [dump, restore] = [join(folder, 'pg_dump'), join(folder, 'pg_restore')];
    if (!existsSync(dump) || !existsSync(restore)) continue;
    const version = await versionOf(dump, '--version');
    if (version?.startsWith(`${major}.`) === true) return { dump, restore, version };
    if (version !== null) found.push(version);
  }
  const has = found.length === 0 ? 'this machine has none' : `this machine has ${[...new Set(found)].join(', ')}`;
  throw fail('CT4302', `PostgreSQL ${major} needs pg_dump and pg_restore ${major}, and ${has}`, {
    instance,
    hint: `install them: apt install postgresql-client-${major} (from PostgreSQL's own archive where the system has another version), and have them in PATH`,
  });
}
