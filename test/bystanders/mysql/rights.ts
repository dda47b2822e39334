import type { Rows } from './session.ts';

/** One privilege on one thing, as the server's SHOW GRANTS says it. */
export interface Right {
  readonly privilege: string;
  /** As it stands after ON: `*.*`, `` `hand\_0`.* ``; columns in parentheses behind it. */
  readonly on: string;
}

export interface Holder {
  readonly rights: readonly Right[];
  /** Roles, as `name@host`, on MariaDB `name@`. */
  readonly roles: readonly string[];
  readonly lines: readonly string[];
}

const rightName = ({ privilege, on }: Right): string => `${privilege} on ${on}`;
export { rightName };

/** What SHOW GRANTS says, read by its words. */
export function holderOf(rows: Rows, flavor: 'mysql' | 'mariadb'): Holder {
  const lines = rows.map((row) => String(Object.values(row)[0]));
  const rights: Right[] = [];
  const roles: string[] = [];
  for (const line of lines) {
    const [, words = '', on = ''] = /^GRANT (.+?) ON (.+?) TO /.exec(line) ?? [];
    if (on === '') {
      const [, names] = /^GRANT (.+?) TO /.exec(line) ?? [];
      if (names !== undefined) roles.push(...split(names).map((name) => roleKey(name, flavor)));
      continue;
    }
    if (words === 'PROXY') rights.push({ privilege: 'PROXY', on: plain(on) });
    else for (const one of split(words)) rights.push(...rightsOf(one, on));
    if (/ WITH (MAX_\S+ \d+ )*GRANT OPTION/.test(line)) rights.push({ privilege: 'GRANT OPTION', on });
  }
  return { rights, roles, lines: lines.map((line) => line.replace(/ IDENTIFIED .*$/, '')).sort() };
}

function rightsOf(word: string, on: string): readonly Right[] {
  const [, privilege = word, columns] = /^(.+?) \((.+)\)$/.exec(word) ?? [];
  if (privilege === 'USAGE') return [];
  return columns === undefined ? [{ privilege, on }] : split(columns).map((column) => ({ privilege, on: `${on} (${column})` }));
}

/** Words with commas between them, those in parentheses left together. */
function split(words: string): readonly string[] {
  return words.split(/, ?(?![^(]*\))/);
}

const plain = (name: string): string => name.replaceAll(/[`'"]/g, '');

function roleKey(name: string, flavor: 'mysql' | 'mariadb'): string {
  return flavor === 'mariadb' ? `${plain(name)}@` : plain(name);
}

/** True where one of the rights is as good as this one, on something wider as well. */
export function covers(rights: readonly Right[], { privilege, on }: Right): boolean {
  const isEnough = (has: Right): boolean =>
    has.privilege === privilege || (has.privilege === 'ALL PRIVILEGES' && !['GRANT OPTION', 'PROXY'].includes(privilege));
  return rights.some((has) => isEnough(has) && contains(has.on, on));
}

function contains(wide: string, narrow: string): boolean {
  if (wide === narrow || wide === '*.*') return true;
  const [, pattern] = /^`(.+)`\.\*$/.exec(wide) ?? [];
  const inner = databaseIn(narrow);
  // A table with one of its columns, and a database with what is in it.
  if (pattern === undefined) return narrow.startsWith(`${wide} (`);
  return inner !== null && like(pattern).test(inner);
}

/** The database that something stands in; null: everything, or a pattern. */
export function databaseIn(on: string): string | null {
  const [, name] = /^(?:(?:PROCEDURE|FUNCTION) )?`((?:[^`]|``)+)`\./.exec(on) ?? [];
  if (name === undefined) return null;
  if (!on.endsWith('.*')) return name;
  return /(?<!\\)[%_]/.test(name) && name.includes('%') ? null : name.replaceAll(/\\(?=[%_\\])/g, '');
}

function like(pattern: string): RegExp {
  const source = pattern.replaceAll(/\\(.)|([%_])|(.)/g, (_all, literal: string | undefined, wild: string | undefined, plainOne: string) =>
    wild === undefined ? (literal ?? plainOne).replaceAll(/[^\p{L}\p{N}_]/gu, String.raw`\$&`) : wild === '%' ? '.*' : '.',
  );
  return new RegExp(`^${source}$`);
}
