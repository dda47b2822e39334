import { type Acl, parseAcl, splitLetters } from '../acl.ts';
import type { DatabaseRows } from '../queries/database.ts';
import type { ReachRows } from '../queries/import.ts';
import type { DatabaseRow, SharedRows } from '../queries/shared.ts';
import { append } from '../../../util/append.ts';

/** What a role has to do with a database, from nothing to its owner. */
export const LEVEL = { none: 0, enters: 1, reads: 2, writes: 3, owns: 4 } as const;
export type Level = (typeof LEVEL)[keyof typeof LEVEL];

/** What one role has in one database. */
export interface Holding {
  readonly level: Level;
  /** Explicit letters on the database itself. */
  readonly database: string;
  /** Schemas in which it owns or writes something. */
  readonly schemas: ReadonlySet<string>;
  /** Schemas in which it only reads. */
  readonly reads: ReadonlySet<string>;
  /** It may create in the database or in a schema of it. */
  readonly creates: boolean;
}

/** One database with who has what in it; `rows` null: it could not be read. */
export interface ImportDatabase {
  readonly row: DatabaseRow;
  readonly rows: DatabaseRows | null;
  /** Why it could not be read. */
  readonly trouble: string | null;
  readonly holdings: ReadonlyMap<string, Holding>;
  /** What every login can do in it, as the server answers; null: it was not asked. */
  readonly reach: ReachRows | null;
}

const WRITES = /[awdDxtmC]/;

class Holdings {
  readonly #found = new Map<string, { level: Level; database: string; schemas: Set<string>; reads: Set<string>; creates: boolean }>();

  add(role: string, level: Level, schema: string | null = null, database = ''): void {
    if (role === '' || role.startsWith('pg_')) return;
    const one = this.#found.get(role) ?? { level: LEVEL.none, database: '', schemas: new Set(), reads: new Set(), creates: false };
    this.#found.set(role, one);
    one.creates ||= database.includes('C');
    if (level > one.level) one.level = level;
    one.database += database;
    if (schema !== null) (level >= LEVEL.writes ? one.schemas : one.reads).add(schema);
  }

  creator(role: string, schema: string | null): void {
    this.add(role, LEVEL.writes, schema);
    const one = this.#found.get(role);
    if (one) one.creates = true;
  }

  acl(acl: Acl, schema: string): void {
    for (const [role, letters] of Object.entries(acl)) this.add(role, WRITES.test(letters) ? LEVEL.writes : LEVEL.reads, schema);
  }

  done(): ReadonlyMap<string, Holding> {
    return this.#found;
  }
}

/** Who has what in a database, as owners and access lists tell it. PUBLIC's rights count for nobody. */
export function holdingsOf(row: DatabaseRow, rows: DatabaseRows): ReadonlyMap<string, Holding> {
  const holdings = new Holdings();
  holdings.add(row[1], LEVEL.owns, null, 'CTc');
  for (const [role, letters] of Object.entries(parseAcl(row[8] ?? []))) {
    const level = letters.includes('C') ? LEVEL.writes : LEVEL.enters;
    if (role !== row[1])
      holdings.add(
        role,
        level,
        null,
        splitLetters(letters)
          .map((letter) => letter.charAt(0))
          .join(''),
      );
  }
  for (const [schema, owner, , acl] of rows.schemas) {
    if (owner !== 'pg_database_owner') holdings.add(owner, LEVEL.owns, schema);
    for (const [role, letters] of Object.entries(parseAcl(acl ?? []))) {
      // Whoever may create in public has made nothing there yet.
      if (letters.includes('C')) holdings.creator(role, schema === 'public' ? null : schema);
      else holdings.add(role, LEVEL.reads);
    }
  }
  for (const [schema, , owner, acl] of rows.relations) {
    holdings.add(owner, LEVEL.owns, schema);
    holdings.acl(parseAcl(acl ?? []), schema);
  }
  for (const [schema, , , owner, acl] of rows.functions) {
    holdings.add(owner, LEVEL.owns, schema);
    for (const role of Object.keys(parseAcl(acl ?? []))) holdings.add(role, LEVEL.reads, schema);
  }
  for (const [schema, , owner] of rows.types) holdings.add(owner, LEVEL.owns, schema);
  // What lies in no schema is handed over with the rest.
  for (const [kind, owner] of rows.others) if (kind === 'large object') holdings.add(owner, LEVEL.owns);
  for (const [schema, , , acl] of rows.columns) holdings.acl(parseAcl(acl), schema);
  return holdings.done();
}

/** Every role that each role may act as: its groups, and theirs. */
export function groupsOf(rows: SharedRows): ReadonlyMap<string, ReadonlySet<string>> {
  const direct = new Map<string, string[]>();
  for (const [group, member] of rows.members) append(direct, member, group);
  const all = new Map<string, ReadonlySet<string>>();
  for (const member of direct.keys()) {
    const seen = new Set<string>();
    const next = [...(direct.get(member) ?? [])];
    for (let group = next.pop(); group !== undefined; group = next.pop()) {
      if (seen.has(group)) continue;
      seen.add(group);
      next.push(...(direct.get(group) ?? []));
    }
    all.set(member, seen);
  }
  return all;
}

/** What a role has in a database by itself and through its groups. */
export function effective(holdings: ReadonlyMap<string, Holding>, role: string, groups: ReadonlySet<string> | undefined): Holding {
  let level: Level = LEVEL.none;
  let database = '';
  const schemas = new Set<string>();
  const reads = new Set<string>();
  let creates = false;
  for (const name of [role, ...(groups ?? [])]) {
    const one = holdings.get(name);
    if (!one) continue;
    if (one.level > level) level = one.level;
    database += one.database;
    creates ||= one.creates;
    for (const schema of one.schemas) schemas.add(schema);
    for (const schema of one.reads) reads.add(schema);
  }
  return { level, database, schemas, reads, creates };
}
