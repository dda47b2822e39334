import { lookUp } from '../../util/record.ts';

/** What an app may do in its own database: everything but to grant, and but events, which outlive its sessions. */
export const OWN: readonly string[] = [
  'ALTER',
  'ALTER ROUTINE',
  'CREATE',
  'CREATE ROUTINE',
  'CREATE TEMPORARY TABLES',
  'CREATE VIEW',
  'DELETE',
  'DROP',
  'EXECUTE',
  'INDEX',
  'INSERT',
  'LOCK TABLES',
  'REFERENCES',
  'SELECT',
  'SHOW VIEW',
  'TRIGGER',
  'UPDATE',
];

/** What a reader may do in the databases of its apps. */
export const READING: readonly string[] = ['SELECT', 'SHOW VIEW'];

/** What a login may do that works on the data and changes no table. */
const WORKING: readonly string[] = [
  'CREATE TEMPORARY TABLES',
  'DELETE',
  'EXECUTE',
  'INSERT',
  'LOCK TABLES',
  'SELECT',
  'SHOW VIEW',
  'UPDATE',
];

/** What a login of an app may do in the app's database. */
export function ownPrivileges(
  server: { readonly flavor: string; readonly version: number },
  { as, events }: { readonly as: 'owner' | 'rw' | 'read'; readonly events: boolean },
): readonly string[] {
  if (as !== 'owner') return as === 'rw' ? WORKING : READING;
  const more: string[] = events ? ['EVENT'] : [];
  if (server.flavor === 'mariadb') {
    more.push('DELETE HISTORY');
    if (server.version >= 110301) more.push('SHOW CREATE ROUTINE');
  }
  return [...OWN, ...more].sort();
}

/** All that there is on a database, but for GRANT OPTION. */
export function allOnDatabase(server: { readonly flavor: string; readonly version: number }): readonly string[] {
  return ownPrivileges(server, { as: 'owner', events: true });
}

/** MariaDB keeps global privileges as bits. */
const BITS: readonly string[] = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'DROP',
  'RELOAD',
  'SHUTDOWN',
  'PROCESS',
  'FILE',
  'GRANT OPTION',
  'REFERENCES',
  'INDEX',
  'ALTER',
  'SHOW DATABASES',
  'SUPER',
  'CREATE TEMPORARY TABLES',
  'LOCK TABLES',
  'EXECUTE',
  'REPLICATION SLAVE',
  'BINLOG MONITOR',
  'CREATE VIEW',
  'SHOW VIEW',
  'CREATE ROUTINE',
  'ALTER ROUTINE',
  'CREATE USER',
  'EVENT',
  'TRIGGER',
  'CREATE TABLESPACE',
  'DELETE HISTORY',
  'SET USER',
  'FEDERATED ADMIN',
  'CONNECTION ADMIN',
  'READ_ONLY ADMIN',
  'REPLICATION SLAVE ADMIN',
  'REPLICATION MASTER ADMIN',
  'BINLOG ADMIN',
  'BINLOG REPLAY',
  'SLAVE MONITOR',
  'SHOW CREATE ROUTINE',
];

/** Names of the privileges in MariaDB's number. Bits that only an administrator with all of them has are left out. */
export function privilegesOfBits(access: string): readonly string[] {
  const bits = BigInt(access === '' ? 0 : access);
  return BITS.filter((_, bit) => (bits >> BigInt(bit)) & 1n);
}

const COLUMNS: Readonly<Record<string, string>> = {
  create_tmp_table_priv: 'CREATE TEMPORARY TABLES',
  repl_slave_priv: 'REPLICATION SLAVE',
  repl_client_priv: 'REPLICATION CLIENT',
  show_db_priv: 'SHOW DATABASES',
  grant_priv: 'GRANT OPTION',
};

/** Privileges of a row with columns such as `Select_priv`, each `Y` or `N`. */
export function privilegesOfRow(row: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(row).flatMap(([column, value]) => {
    const key = column.toLowerCase();
    if (value !== 'Y' || !key.endsWith('_priv')) return [];
    return [lookUp(COLUMNS, key) ?? key.slice(0, -'_priv'.length).replaceAll('_', ' ').toUpperCase()];
  });
}

const WORDS: Readonly<Record<string, string>> = { GRANT: 'GRANT OPTION', 'DELETE VERSIONING ROWS': 'DELETE HISTORY' };

/** Privileges of a set such as `Select,Insert,Create View,Grant`. */
export function privilegesOfSet(set: string): readonly string[] {
  return set
    .split(',')
    .map((word) => word.trim().toUpperCase())
    .filter((word) => word !== '')
    .map((word) => lookUp(WORDS, word) ?? word);
}
