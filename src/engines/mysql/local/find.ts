import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Servers that the suites run on, oldest first; also the folders in which `scripts/debian-root` unpacks them. */
export const versions = ['mariadb10', 'mariadb11', 'mysql9'] as const;
export type Version = (typeof versions)[number];

/** Programs of one server on this machine. */
export interface Installation {
  readonly flavor: 'mysql' | 'mariadb';
  readonly way: 'unpacked' | 'local';
  /** What the server calls its basedir: `share`, `bin`, `sbin` and `lib` lie in it. */
  readonly base: string;
}

/** The program of the server. */
export function serverProgram({ base, flavor }: Installation): string {
  return join(base, flavor === 'mariadb' ? 'sbin/mariadbd' : 'sbin/mysqld');
}

/** Full servers that were unpacked by `scripts/debian-root`. */
export function unpackedInstallation(cache: string, version: Version): Installation | null {
  const folder = join(cache, 'debian', version);
  const found: Installation = { flavor: version.startsWith('mariadb') ? 'mariadb' : 'mysql', way: 'unpacked', base: join(folder, 'usr') };
  return existsSync(join(folder, '.complete')) && existsSync(serverProgram(found)) ? found : null;
}

/** Servers that the system's packages brought. MariaDB brings a program under the other's name as well. */
export function localInstallations(base = '/usr'): readonly Installation[] {
  const mariadb: Installation = { flavor: 'mariadb', way: 'local', base };
  if (existsSync(serverProgram(mariadb))) return [mariadb];
  const mysql: Installation = { flavor: 'mysql', way: 'local', base };
  return existsSync(serverProgram(mysql)) ? [mysql] : [];
}
