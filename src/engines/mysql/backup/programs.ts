import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../../../model/index.ts';
import { saidBy } from '../../../util/program.ts';
import type { Place } from './place.ts';

/** Each may be the other's under its name: what it says of itself counts. */
const NAMES = { mysql: ['mysqldump'], mariadb: ['mariadb-dump', 'mysqldump'] } as const;
const TITLES = { mysql: 'MySQL', mariadb: 'MariaDB' } as const;

/** Major and minor version, as one number that grows. */
const seriesOf = (version: number): number => Math.floor(version / 100);

/**
 * The dump client of the server's product: of its own series, else the oldest that is newer, which knows all that the server has.
 * An older one leaves out what came later. Throws CT4316.
 */
export async function dumpClientFor(
  { product, version }: Pick<Place, 'product' | 'version'>,
  folders: readonly string[],
  instance: string,
): Promise<{ readonly program: string; readonly version: string }> {
  const wanted = seriesOf(version);
  const fitting: { readonly program: string; readonly version: string; readonly series: number }[] = [];
  const others: string[] = [];
  for (const program of folders.flatMap((folder) => NAMES[product].map((name) => join(folder, name)))) {
    if (!existsSync(program)) continue;
    const found = productOf((await saidBy(program, '--version')) ?? '');
    if (!found) continue;
    const [major = 0, minor = 0] = found.version.split('.').map(Number);
    const series = major * 100 + minor;
    if (found.product === product && series >= wanted) fitting.push({ program, version: found.version, series });
    else others.push(`${TITLES[found.product]}'s ${found.version}`);
  }
  const [best] = fitting.sort((a, b) => a.series - b.series);
  if (best) return best;
  const need = `${Math.floor(wanted / 100)}.${wanted % 100}`;
  const has = others.length === 0 ? 'this machine has none' : `this machine has ${[...new Set(others)].join(', ')}`;
  throw fail('CT4316', `${TITLES[product]} ${need} needs ${NAMES[product][0]} of ${TITLES[product]} ${need} or newer, and ${has}`, {
    instance,
    hint: `install it: apt install ${product === 'mariadb' ? 'mariadb-client' : 'mysql-client'} (from ${TITLES[product]}'s own archive where the system has another version), and have it in PATH`,
  });
}

function productOf(said: string): { readonly product: Place['product']; readonly version: string } | null {
  const mariadb = /(\d+\.\d+[\d.]*)-MariaDB/iu.exec(said)?.[1];
  if (mariadb !== undefined) return { product: 'mariadb', version: mariadb };
  const mysql = /\bVer (\d+\.\d+[\d.]*)/u.exec(said)?.[1];
  return mysql === undefined ? null : { product: 'mysql', version: mysql };
}
