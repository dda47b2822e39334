import type { Resource } from '../../model/index.ts';
import { lookUp } from '../../util/record.ts';
import { parseAcl } from './acl.ts';
import { readDefaultKey } from './default-key.ts';
import { GUARD_SCHEMA } from './guard.ts';
import { insideOf } from './inside.ts';
import type { Owners } from './owners.ts';
import { columnClasses, partsByShare } from './observe-shares.ts';
import { ident, qualified } from './quote.ts';
import type { DatabaseRows, FunctionRow } from './queries/database.ts';
import { isKind, type ObjectClass, type ObjectsSpec } from './spec.ts';

const RELATIONS: Readonly<Record<string, { type: ObjectClass['type']; word: string }>> = {
  r: { type: 'table', word: 'TABLE' },
  p: { type: 'table', word: 'TABLE' },
  f: { type: 'table', word: 'FOREIGN TABLE' },
  v: { type: 'view', word: 'VIEW' },
  m: { type: 'view', word: 'MATERIALIZED VIEW' },
  S: { type: 'sequence', word: 'SEQUENCE' },
};

const ROUTINES: Readonly<Record<string, string>> = { f: 'FUNCTION', w: 'FUNCTION', p: 'PROCEDURE', a: 'AGGREGATE' };

const NONE: readonly ObjectClass[] = [];

/** `apart`: schemas of shares, which are no app's. */
interface Around {
  readonly apart: ReadonlySet<string>;
  readonly owners: Owners;
}

/** The objects of one app's schemas, alike ones together. What operators and known logins own is theirs, and what they may do with the rest stays. */
export function classesOf(
  rows: DatabaseRows,
  spec: ObjectsSpec,
  here: readonly Resource[],
  { apart, owners }: Around,
): readonly ObjectClass[] {
  const { kept } = owners;
  const { schema } = spec;
  const managed = new Set(here.filter((one) => isKind(one, 'schema')).map((one) => insideOf(one.address.name)[1]));
  const classes: ObjectClass[] = [];
  const put = (part: Partial<ObjectClass> & Pick<ObjectClass, 'schema' | 'type' | 'owner' | 'acl' | 'names' | 'word'>): void => {
    if (kept.has(part.owner)) return;
    classes.push({ linked: false, definer: false, guarded: false, ...part, acl: part.acl === null ? null : kept.without(part.acl) });
  };
  const creators = creatorsOf(here, spec);
  const own = new Set<string>();
  const spaces = new Map(rows.schemas.map(([name, , , acl]) => [name, acl]));
  const isLookup = ([namespace, , runsAsOwner, owner, acl]: FunctionRow): boolean =>
    runsAsOwner && !owners.role(owner) && kept.isLookup(acl, spaces.get(namespace) ?? null);
  const lookups = new Set(rows.functions.filter(isLookup).map(([namespace]) => namespace));
  for (const [name, owner, superuser, acl, comment, extension] of rows.schemas) {
    // In a database of several apps there are schemas of others, of the operator, and the guard's.
    const others = spec.mode === 'rows' ? superuser || name === GUARD_SCHEMA : schema !== null && !creators.has(owner);
    if (managed.has(name) || apart.has(name) || lookups.has(name) || kept.has(owner)) continue;
    if (extension || others || comment?.startsWith('cotenant ')) continue;
    if (spec.mode === 'app') own.add(name);
    put({ schema: name, type: 'schema', owner, acl: acl === null ? null : parseAcl(acl), names: [ident(name)], word: 'SCHEMA' });
  }
  const left = (name: string): boolean => apart.has(name) || (lookups.has(name) && !managed.has(name));
  const inside = (name: string): boolean => (schema === null && !left(name)) || schema === name || own.has(name);
  for (const [namespace, kind, owner, acl, linked, definer, guarded, names] of rows.relations) {
    const relation = lookUp(RELATIONS, kind);
    if (!relation || !inside(namespace)) continue;
    for (const { names: alike, ...shared } of kind === 'S' ? [{ names }] : partsByShare(namespace, names, spec.shares))
      put({
        schema: namespace,
        ...relation,
        owner,
        acl: acl === null ? null : parseAcl(acl),
        linked,
        definer,
        guarded,
        ...shared,
        names: alike.map((name) => qualified(namespace, name)),
      });
  }
  for (const row of rows.functions) {
    const [namespace, kind, definer, owner, acl, names] = row;
    if (inside(namespace) && !isLookup(row))
      put({
        schema: namespace,
        type: 'function',
        word: lookUp(ROUTINES, kind) ?? 'ROUTINE',
        owner,
        acl: acl === null ? null : parseAcl(acl),
        definer,
        names,
      });
  }
  for (const [namespace, kind, owner, names] of rows.types) {
    if (inside(namespace)) put({ schema: namespace, type: 'type', word: kind === 'd' ? 'DOMAIN' : 'TYPE', owner, acl: null, names });
  }
  for (const column of columnClasses(rows, spec.shares, inside)) put(column);
  for (const [kind, owner, names] of rows.others) {
    const word = kind === 'statistics object' ? 'STATISTICS' : kind.toUpperCase();
    if (creators.has(owner)) put({ schema: '', type: 'other', word, owner, acl: null, names });
  }
  return classes.length === 0 ? NONE : classes;
}

/** The logins of the app whose objects these are: what lies in no schema, or in another one, is known by them. */
function creatorsOf(here: readonly Resource[], spec: ObjectsSpec): ReadonlySet<string> {
  for (const one of here) {
    if (!isKind(one, 'default-privileges')) continue;
    const names = new Set(Object.keys(one.spec.entries).map((key) => readDefaultKey(key).creator));
    if (names.has(spec.owner)) return names;
  }
  return new Set();
}
