import type { Diagnostic, Observed, Resource } from '../../../model/index.ts';
import { lookUp, putIn } from '../../../util/record.ts';
import { type Acl, parseAcl, sameAcl } from '../acl.ts';
import { defaultKey, readDefaultKey } from './default-key.ts';
import type { Input } from '../compile/draft.ts';
import { chained } from '../effective/grants.ts';
import { joined } from '../effective/letters.ts';
import { type Mark, readMark, textOf } from '../marks/mark.ts';
import { commentStatement } from '../marks/statement.ts';
import { isPutAsideAs } from '../marks/put-aside.ts';
import { retired } from './retired.ts';
import { GUARD_SCHEMA } from '../steps/guard.ts';
import { acceptedThings, classesOf } from './classes.ts';
import type { Holding } from '../judge/holding.ts';
import { absentOf } from './shares.ts';
import { partName, partOf } from '../part-name.ts';
import type { Owners } from '../judge/owners.ts';
import { builtInDefault } from '../compile/policy.ts';
import type { OpenedObjects, StraySpec } from '../retire/retired-spec.ts';
import { acceptedLogins } from '../retire/retired-spec.ts';
import type { DatabaseRows, SchemaRow } from '../queries/database.ts';
import { type BuiltinSpec, type DefaultPrivilegesSpec, isKind, type KindName, type ObjectsSpec, type SchemaSpec } from '../spec.ts';

export interface DatabaseContext {
  readonly input: Input;
  readonly owners: Owners;
  /** What is wanted inside this database. */
  readonly here: readonly Resource[];
  /** Roles whose default privileges some resource of any database manages. */
  readonly creators: ReadonlySet<string>;
  readonly database: string;
  readonly rows: DatabaseRows;
  readonly operator: string;
  readonly isOperator: (role: string) => boolean;
  /** In whose area the objects of an app lie. */
  readonly holding: (objects: Resource<ObjectsSpec>) => Holding;
}

const TYPES: Readonly<Record<string, string>> = { r: 'table', S: 'sequence', f: 'function', T: 'type', n: 'schema', L: 'large object' };

/** The resources inside one database. */
export function databaseResources(context: DatabaseContext): Observed[] {
  const { input, rows, database, here } = context;
  const owned = context.owners.database(database)?.project === input.project;
  const found: Observed[] = [];
  const put = (kind: KindName, name: string, app: string | null, spec: unknown): void => {
    found.push({ address: { engine: 'postgres', instance: input.name, kind, name }, app, spec, owned });
  };
  const apart = shareSchemas(context);
  const wanted = new Map(here.map((one) => [`${one.address.kind}/${one.address.name}`, one]));
  for (const row of rows.schemas) {
    const one = wanted.get(`schema/${partName(database, row[0])}`);
    const left = leftSchema(context, row, one !== undefined);
    if (left) found.push(left);
    if (one && left?.address.kind !== 'retired') put('schema', one.address.name, one.app, schemaOf(context, row));
  }
  for (const [name, schema] of rows.extensions) {
    const one = wanted.get(`extension/${partName(database, name)}`);
    if (one) put('extension', one.address.name, one.app, { schema, installed: true, installable: true, requires: [] });
  }
  for (const one of here) {
    if (isKind(one, 'builtin')) put('builtin', one.address.name, one.app, builtinOf(context, partOf(one.address.name)[1]));
    else if (isKind(one, 'default-privileges')) put('default-privileges', one.address.name, one.app, defaultsOf(context, one));
    else if (isKind(one, 'objects'))
      put('objects', one.address.name, one.app, {
        ...one.spec,
        ...absentOf(rows, one.spec),
        ...acceptedThings(rows, context.owners),
        classes: classesOf(rows, one.spec, here, {
          apart,
          owners: context.owners,
          holding: context.holding(one),
          isOperator: context.isOperator,
        }),
      } satisfies ObjectsSpec);
  }
  return found;
}

/**
 * Whoever owns a schema writes its comment: the mark counts where the owner is a role of that very app, and the name one that was
 * given on that day. While the app is there with its roles, only its own place can have been put aside.
 */
function isPutAside({ input, owners, here, database }: DatabaseContext, name: string, owner: string, mark: Mark): boolean {
  const holder = owners.role(owner);
  if (holder?.project !== input.project || holder.app !== mark.app || !isPutAsideAs(name, mark)) return false;
  if (holder.retired !== undefined || !input.placements.some(({ app }) => app === mark.app)) return true;
  return here.some(
    ({ address, app }) => app === mark.app && address.kind === 'schema' && address.name === partName(database, mark.was ?? name),
  );
}

/** Marks of what was put aside, on schemas whose owner may have written them. */
export function toldOfSchemas(context: DatabaseContext): readonly Diagnostic[] {
  const { input, rows, database } = context;
  return rows.schemas.flatMap(([name, owner, , , comment]): readonly Diagnostic[] => {
    const mark = readMark(comment);
    if (mark?.project !== input.project || !mark.retired || isPutAside(context, name, owner, mark)) return [];
    const { text } = textOf(comment);
    return [
      {
        code: 'CT2071',
        severity: 'warning',
        message: `schema "${name}" of database "${database}" on "${input.name}" bears the mark of the retired app "${mark.app ?? ''}", but belongs to "${owner}", who could have written it: it is taken for nobody's of this project, and left as it is`,
        hint: `connected to "${database}", ${commentStatement('schema', name, text)} takes the mark off`,
        instance: input.name,
      },
    ];
  });
}

/** A schema that was put aside, or one of an app that the manifest does not name there. */
function leftSchema(context: DatabaseContext, [name, owner, , acl, comment]: SchemaRow, wanted: boolean): Observed | null {
  const { input, rows, database, owners } = context;
  const mark = readMark(comment);
  if (mark?.retired && isPutAside(context, name, owner, mark)) {
    const was = mark.was ?? name;
    const taken = rows.schemas.find(([other]) => other === was && other !== name)?.[1];
    return retired(input, mark, `schema/${partName(database, name)}`, {
      was,
      day: mark.retired,
      login: false,
      guests: guestsIn(context, name, acl, mark.app),
      ...openedObjects(context, mark.app),
      ...textOf(comment),
      ...(taken === undefined ? {} : { taken }),
    });
  }
  const holder = owners.role(owner);
  if (wanted || holder?.project !== input.project || holder.app === null || holder.retired || owners.database(database)?.app === holder.app)
    return null;
  const spec: StraySpec = {
    owner,
    guests: guestsIn(context, name, acl, holder.app),
    ...openedObjects(context, holder.app),
    ...textOf(comment),
  };
  const address = { engine: 'postgres', instance: input.name, kind: 'stray-schema', name: partName(database, name) };
  return { address, app: holder.app, spec, owned: true };
}

function schemaOf(context: DatabaseContext, [, owner, superuser, acl]: SchemaRow): SchemaSpec {
  // An app's login may be a superuser still.
  const operator = (superuser && !context.creators.has(owner)) || owner === context.operator || owner === 'pg_database_owner';
  const entries = acl === null ? {} : context.owners.accepted.without(parseAcl(acl));
  const own = lookUp(entries, owner);
  const { [owner]: _own, ...others } = entries;
  if (operator) return { owner: 'operator', acl: others, ...chained(acl, owner) };
  return { owner, acl: acl === null || own !== undefined ? { ...others, [owner]: own ?? 'CU' } : others, ...chained(acl, owner) };
}

/** Schemas of shares that are wanted, and of those that are not any more. */
function shareSchemas({ here, rows, owners, operator }: DatabaseContext): ReadonlySet<string> {
  const wanted = here.flatMap((one) => (isKind(one, 'share') ? [partOf(one.address.name)[1], one.spec.hidden] : []));
  const held = rows.schemas
    .filter(
      ([name, owner, superuser]) => owners.role(owner)?.share !== undefined || (name === GUARD_SCHEMA && (superuser || owner === operator)),
    )
    .map(([name]) => name);
  return new Set([...wanted, ...held]);
}

function builtinOf({ rows, owners, isOperator }: DatabaseContext, family: string): BuiltinSpec {
  const all = rows.builtins.filter(([of]) => of === family);
  const isOpen = (acl: readonly string[] | null): boolean => acl === null || acl.some((item) => item.startsWith('='));
  const open = all.filter(([, , acl]) => isOpen(acl)).map(([, signature]) => signature);
  const closed = all.filter(([, , acl]) => !isOpen(acl)).map(([, signature]) => signature);
  const named: Record<string, string[]> = {};
  for (const [of, signature, acl] of rows.builtins) {
    if (of !== family || acl === null) continue;
    for (const [grantee, letters] of Object.entries(owners.accepted.without(parseAcl(acl))))
      if (grantee !== '' && letters.includes('X') && !isOperator(grantee) && !grantee.startsWith('pg_'))
        putIn(named, grantee, [...(lookUp(named, grantee) ?? []), signature]);
  }
  return {
    publicExecute: open.length > 0,
    open,
    ...(closed.length === 0 ? {} : { closed }),
    ...(Object.keys(named).length === 0 ? {} : { named }),
  };
}

/** Whom the access lists of a schema, and of what lies in it, let in, and who is neither the app nor the operator. */
function guestsIn(context: DatabaseContext, schema: string, acl: readonly string[] | null, app: string | null): readonly string[] {
  const { rows } = context;
  const lists = [
    acl,
    ...rows.relations.filter(([of]) => of === schema).map(([, , , items]) => items),
    ...rows.columns.filter(([of]) => of === schema).map(([, , , items]) => items),
  ];
  const called = rows.functions.flatMap(([of, , , , items]) => (of === schema ? Object.keys(parseAcl(items ?? [])) : []));
  const grantees = lists.flatMap((items) => Object.keys(parseAcl(items ?? [])));
  // What everybody may call nobody calls who may not use the schema.
  return guestsAmong(context, [...grantees, ...called.filter((name) => name !== '')], app);
}

function guestsAmong({ owners, isOperator, input }: DatabaseContext, grantees: readonly string[], app: string | null): readonly string[] {
  const accepted = acceptedLogins(input);
  return [...new Set(grantees)].sort().filter((grantee) => {
    if (grantee === '') return true;
    const mark = owners.role(grantee);
    if (mark) return mark.app !== app && mark.retired === undefined && mark.share === undefined;
    return !isOperator(grantee) && !accepted.has(grantee) && !owners.accepted.has(grantee);
  });
}

/** Large objects of an app's roles that others may read, who lie in no schema. */
function openedObjects(context: DatabaseContext, app: string | null): { readonly largeObjects?: OpenedObjects } {
  const { owners, rows, input } = context;
  const open = rows.largeObjects.flatMap(([owner, items, numbers]) => {
    const mine = owners.role(owner)?.project === input.project && owners.role(owner)?.app === app;
    const guests = mine && app !== null ? guestsAmong(context, Object.keys(parseAcl(items)), app) : [];
    return guests.length === 0 ? [] : [{ guests, numbers }];
  });
  if (open.length === 0) return {};
  return {
    largeObjects: { numbers: open.flatMap(({ numbers }) => numbers), guests: [...new Set(open.flatMap(({ guests }) => guests))].sort() },
  };
}

/** Roles whose default privileges these resources manage. */
export function creatorsIn(resources: readonly Resource[]): ReadonlySet<string> {
  return new Set(
    resources.flatMap((one) =>
      isKind(one, 'default-privileges') ? Object.keys(one.spec.entries).map((key) => readDefaultKey(key).creator) : [],
    ),
  );
}

/**
 * Default privileges that concern one app: of its own creators, and of any other role where they would open something
 * to PUBLIC or to a role of ours. What the operator will make in the place of an app may be for that app.
 */
function defaultsOf(context: DatabaseContext, one: Resource<DefaultPrivilegesSpec>): DefaultPrivilegesSpec {
  const creators = creatorsIn([one]);
  const first = context.here.find((other) => other.address.kind === 'default-privileges') === one;
  const entries: Record<string, Record<string, string>> = {};
  for (const [creator, schema, type, items] of context.rows.defaults) {
    const { [creator]: _own, ...acl } = context.owners.accepted.without(parseAcl(items));
    const key = defaultKey({ creator, schema, type: lookUp(TYPES, type) ?? type });
    if (creators.has(creator)) putIn(entries, key, acl);
    else if (first && !context.creators.has(creator)) {
      const maker = context.owners.role(creator);
      const risky = Object.fromEntries(
        Object.entries(acl).filter(([grantee]) => {
          if (grantee === '') return builtInDefault(key)[''] === undefined;
          const mark = context.owners.role(grantee);
          if (mark !== undefined && mark.project === context.input.project && isGroundOf(context, mark.app, schema)) return false;
          // What an app that is gone gave to its own roles comes back with it.
          return mark !== undefined && !(mark.app !== null && maker?.app === mark.app && maker.project === mark.project);
        }),
      );
      if (Object.keys(risky).length > 0) putIn(entries, key, risky);
    }
  }
  const carried = carriedDefaults(context, creators);
  return { entries, ...(Object.keys(carried).length === 0 ? {} : { carried }) };
}

/**
 * Rights on future objects that change hands with the one who makes them, or uses them: what operators and known logins get on
 * those of the app's logins, for those of the owner role; and what the logins get on those of others, for the owner role.
 */
function carriedDefaults(
  { here, rows, owners, holding }: DatabaseContext,
  creators: ReadonlySet<string>,
): DefaultPrivilegesSpec['entries'] {
  const objects = here.find((one) => isKind(one, 'objects') && creators.has(one.spec.owner));
  if (!objects || !isKind(objects, 'objects')) return {};
  const { owner, schema: area } = objects.spec;
  const { mayGrant, tenants } = holding(objects);
  const lists = new Map(rows.defaults.map(([creator, schema, type, items]) => [[creator, schema, type].join('\0'), parseAcl(items)]));
  const carried: Record<string, Acl> = {};
  for (const [creator, schema, type, items] of rows.defaults) {
    const own = creators.has(creator);
    if (creator === owner || (!own && (!mayGrant || tenants.has(creator) || (area !== null && area !== schema)))) continue;
    const acl = Object.entries(parseAcl(items));
    const letters = acl.flatMap(([grantee, some]) => (grantee !== owner && creators.has(grantee) ? [some] : [])).join('');
    const wanted: Acl = own
      ? Object.fromEntries(acl.filter(([name]) => owners.accepted.has(name)))
      : letters === ''
        ? {}
        : { [owner]: letters };
    const place = { creator: own ? owner : creator, schema, type: lookUp(TYPES, type) ?? type };
    const have = lookUp(carried, defaultKey(place)) ?? lists.get([place.creator, schema, type].join('\0')) ?? {};
    const lacking = Object.fromEntries(Object.entries(wanted).filter(([name, some]) => !sameAcl(joined(have, { [name]: some }), have)));
    if (Object.keys(lacking).length > 0) putIn(carried, defaultKey(place), joined(lookUp(carried, defaultKey(place)) ?? {}, lacking));
  }
  return carried;
}

/** True where the app has all of the database, or this schema of it. */
function isGroundOf({ here }: DatabaseContext, app: string | null, schema: string): boolean {
  const one = here.find((other) => isKind(other, 'objects') && other.app === app);
  if (app === null || !one || !isKind(one, 'objects') || one.spec.mode !== 'app') return false;
  return one.spec.schema === null || one.spec.schema === schema;
}
