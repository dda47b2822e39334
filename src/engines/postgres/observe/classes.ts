import type { Resource } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { type Acl, parseAcl } from '../acl.ts';
import { chained } from '../effective/grants.ts';
import { GUARD_SCHEMA } from '../steps/guard.ts';
import { partOf } from '../part-name.ts';
import { carriedAcl, type Holding, keeperOfSchema, stayingAcl, partsByKeeper } from '../judge/holding.ts';
import type { Owners } from '../judge/owners.ts';
import { readMark } from '../marks/mark.ts';
import { columnClasses, partsByShare } from './shares.ts';
import { ownerLetters } from '../compile/policy.ts';
import { ident, qualified } from '../quote.ts';
import type { DatabaseRows, FunctionRow } from '../queries/database.ts';
import { isKind, type ObjectClass, type ObjectsSpec, type Theirs } from '../spec.ts';

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
  readonly holding: Holding;
  /** The admin and superusers that are no app's. */
  readonly isOperator: (role: string) => boolean;
}

type Part = Partial<ObjectClass> & Pick<ObjectClass, 'schema' | 'type' | 'owner' | 'acl' | 'names' | 'word'>;

/** The objects of one app's schemas, alike ones together. What operators and known logins own is theirs, and what they may do with the rest stays. */
export function classesOf(rows: DatabaseRows, spec: ObjectsSpec, here: readonly Resource[], around: Around): readonly ObjectClass[] {
  const { apart, owners, holding } = around;
  const { accepted } = owners;
  const { schema } = spec;
  const classes: ObjectClass[] = [];
  const put = (part: Part): void => {
    // What operators and known logins own is theirs; the owner role gets there what the app's logins have.
    if (accepted.has(part.owner)) {
      const carried = carriedAcl(holding, part.acl);
      if (carried === null) return;
      const mine = { ...part, acl: part.acl && accepted.without(part.acl), stays: { why: null, acl: accepted.without(carried) } };
      classes.push({ linked: false, definer: false, guarded: false, ...mine });
      return;
    }
    const stays = part.stays && { ...part.stays, acl: part.stays.acl && accepted.without(part.stays.acl) };
    const acl = part.acl === null ? null : accepted.without(part.acl);
    classes.push({ linked: false, definer: false, guarded: false, ...part, acl, ...(stays ? { stays } : {}) });
  };
  const spaces = new Map(rows.schemas.map(([name, , , acl]) => [name, acl]));
  const isLookup = ([namespace, , runsAsOwner, owner, acl]: FunctionRow): boolean =>
    runsAsOwner && !owners.role(owner) && accepted.isLookup(acl, spaces.get(namespace) ?? null);
  const lookups = new Set(rows.functions.filter(isLookup).map(([namespace]) => namespace));
  const own = ownSchemas(rows, spec, here, { ...around, lookups, put });
  const left = (name: string): boolean => apart.has(name) || (lookups.has(name) && !isManaged(here, name));
  const inside = (name: string): boolean => (schema === null && !left(name)) || schema === name || own.has(name);
  for (const [namespace, kind, owner, items, linked, definer, guarded, names] of rows.relations) {
    const relation = lookUp(RELATIONS, kind);
    if (!relation || !(inside(namespace) || accepted.has(owner))) continue;
    const acl = items === null ? null : parseAcl(items);
    const chain = chained(items, owner);
    for (const { names: alike, ...shared } of kind === 'S' ? [{ names }] : partsByShare(namespace, names, spec.shares)) {
      const plain = alike.map((name) => qualified(namespace, name));
      for (const part of partsByKeeper(holding, 'relations', owner, acl, plain, shared.shared))
        put({ schema: namespace, ...relation, owner, acl, ...chain, linked, definer, guarded, ...shared, ...part });
    }
  }
  for (const row of rows.functions) {
    const [namespace, kind, definer, owner, items, names] = row;
    if (!(inside(namespace) || accepted.has(owner)) || isLookup(row)) continue;
    const acl = items === null ? null : parseAcl(items);
    for (const part of partsByKeeper(holding, 'functions', owner, acl, names))
      put({
        schema: namespace,
        type: 'function',
        word: lookUp(ROUTINES, kind) ?? 'ROUTINE',
        owner,
        acl,
        ...chained(items, owner),
        definer,
        ...part,
      });
  }
  for (const [namespace, kind, owner, names] of rows.types) {
    if (!inside(namespace)) continue;
    for (const part of partsByKeeper(holding, 'types', owner, null, names))
      put({ schema: namespace, type: 'type', word: kind === 'd' ? 'DOMAIN' : 'TYPE', owner, acl: null, ...part });
  }
  for (const found of columnClasses(rows, spec.shares, inside)) {
    const [part] = partsByKeeper(holding, 'relations', found.owner, found.acl, found.names, found.shared);
    put({ ...found, ...part });
  }
  for (const [kind, owner, names] of rows.others) {
    const word = kind === 'statistics object' ? 'STATISTICS' : kind.toUpperCase();
    if (holding.creators.has(owner)) put({ schema: '', type: 'other', word, owner, acl: null, names });
  }
  largeObjects(rows, here, around, put);
  return classes.length === 0 ? NONE : classes;
}

/**
 * Large objects lie in no schema: in a database of its own all are the app's area, elsewhere those that a role of it owns.
 * Whose they are stays; who has rights on them is the app itself, and whoever the manifest accepts.
 */
function largeObjects(
  rows: DatabaseRows,
  here: readonly Resource[],
  { owners, holding, isOperator }: Around,
  put: (part: Part) => void,
): void {
  const { spec, own } = holding;
  const whole = spec.mode === 'app' && spec.schema === null;
  const placed = new Set(here.flatMap((one) => (isKind(one, 'objects') && one.app !== null ? [one.app] : [])));
  for (const [owner, items, names] of rows.largeObjects) {
    if (owners.accepted.has(owner)) continue;
    const acl = parseAcl(items);
    const app = owners.role(owner)?.app ?? null;
    // Of apps at level rows, whose logins own nothing else here.
    const alone = spec.mode === 'rows' && !own.has(owner) && owners.isOurs(owner) && app !== null && !placed.has(app);
    const keeps = (name: string): boolean =>
      name === owner ||
      (alone ? owners.role(name)?.app === app : spec.mode === 'app' && own.has(name)) ||
      owners.accepted.has(name) ||
      isOperator(name);
    const only = (list: Acl): Acl => Object.fromEntries(Object.entries(list).filter(([name]) => keeps(name)));
    const theirs = whole && !own.has(owner) && !isOperator(owner);
    if (!own.has(owner) && !alone && !whole) continue;
    const want = theirs ? stayingAcl(holding, owner, acl) : own.has(owner) || alone || holding.mayGrant ? only(acl) : null;
    const stays = { why: null, acl: want && readingOnly(want, spec.readOnly) };
    put({ schema: '', type: 'large object', word: 'LARGE OBJECT', owner, acl, ...chained(items, owner), names, stays });
  }
}

/** Readers are in that group. */
function readingOnly(acl: Acl, group: string | null): Acl {
  const letters = group === null ? '' : (lookUp(acl, group) ?? '');
  if (group === null || letters === '') return acl;
  const { [group]: _writing, ...others } = acl;
  return letters.includes('r') ? { ...others, [group]: 'r' } : others;
}

/** What operators and known logins own in schemas of the app: nothing of it is touched. */
export function acceptedThings(rows: DatabaseRows, owners: Owners): { readonly theirs?: readonly Theirs[] } {
  const { accepted } = owners;
  const relations = rows.relations.flatMap(([schema, kind, owner, , linked, , , names]): Theirs[] => {
    const word = lookUp(RELATIONS, kind)?.word;
    return word && !linked && accepted.has(owner) ? [{ schema, owner, word, names: names.map((name) => qualified(schema, name)) }] : [];
  });
  const functions = rows.functions.flatMap(([schema, kind, , owner, , names]): Theirs[] =>
    accepted.has(owner) ? [{ schema, owner, word: lookUp(ROUTINES, kind) ?? 'ROUTINE', names }] : [],
  );
  const schemas = rows.schemas.flatMap(([name, owner]): Theirs[] =>
    accepted.has(owner) ? [{ schema: name, owner, word: 'SCHEMA', names: [ident(name)] }] : [],
  );
  const all = [...relations, ...functions, ...schemas];
  return all.length === 0 ? {} : { theirs: all };
}

interface Among extends Around {
  /** Schemas of what looks passwords up. */
  readonly lookups: ReadonlySet<string>;
  readonly put: (part: Part) => void;
}

function isManaged(here: readonly Resource[], schema: string): boolean {
  return here.some((one) => isKind(one, 'schema') && partOf(one.address.name)[1] === schema);
}

/** Schemas of the app besides those that the manifest names. */
function ownSchemas(rows: DatabaseRows, spec: ObjectsSpec, here: readonly Resource[], among: Among): ReadonlySet<string> {
  const { apart, owners, holding, lookups, put } = among;
  const ofExtensions = new Set(rows.extensions.map(([, name]) => name));
  const wanted = new Set(here.flatMap((one) => (isKind(one, 'extension') ? [partOf(one.address.name)[1]] : [])));
  const asked = new Set(
    spec.mode === 'app' && spec.schema === null ? rows.extensions.flatMap(([name, place]) => (wanted.has(name) ? [place] : [])) : [],
  );
  const own = new Set<string>();
  for (const [name, owner, superuser, items, comment, extension] of rows.schemas) {
    // In a database of several apps there are schemas of others, of the operator, and the guard's.
    const others = spec.mode === 'rows' ? superuser || name === GUARD_SCHEMA : spec.schema !== null && !holding.creators.has(owner);
    const server = extension || (ofExtensions.has(name) && !holding.own.has(owner));
    if (isManaged(here, name) || apart.has(name) || lookups.has(name)) continue;
    if (owners.accepted.has(owner)) {
      put({ schema: name, type: 'schema', owner, acl: items === null ? null : parseAcl(items), names: [ident(name)], word: 'SCHEMA' });
      continue;
    }
    if (ofExtensions.has(name) && server && asked.has(name)) put(openedSchema(name, owner, items, holding));
    if (server || others || readMark(comment) !== null) continue;
    if (spec.mode === 'app') own.add(name);
    const acl = items === null ? null : parseAcl(items);
    const why = keeperOfSchema(rows, holding, name, owner, acl ?? {});
    const stays = why === null ? {} : { stays: { why, acl: stayingAcl(holding, owner, acl) } };
    put({ schema: name, type: 'schema', owner, acl, ...chained(items, owner), names: [ident(name)], word: 'SCHEMA', ...stays });
  }
  return own;
}

/** Where an extension lies that the manifest asks for, and that was there before: it stays with its owner, and the app may look into it. */
function openedSchema(name: string, owner: string, items: readonly string[] | null, holding: Holding): Part {
  const acl = items === null ? null : parseAcl(items);
  const known = stayingAcl(holding, owner, acl ?? { [owner]: ownerLetters('schema', 0) });
  const { readWrite, readOnly, owner: app } = holding.spec;
  const open = known === null || (lookUp(known, '') ?? '').includes('U');
  const users = [app, readWrite, ...(readOnly === null ? [] : [readOnly])];
  const stays = {
    why: null,
    acl: open ? known : { ...known, ...Object.fromEntries(users.map((user) => [user, lookUp(known, user) ?? 'U'])) },
  };
  return {
    schema: name,
    type: 'schema',
    owner,
    acl: acl ?? { [owner]: ownerLetters('schema', 0) },
    names: [ident(name)],
    word: 'SCHEMA',
    stays,
  };
}
