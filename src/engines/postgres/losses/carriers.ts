import { addressOf, type Change } from '../../../engine/index.ts';
import { addressKey, type Resource } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { type Acl, privilegeWords } from '../acl.ts';
import { expectedAcl, ownerLetters } from '../compile/policy.ts';
import { type Guarded, joined, lettersOf, lettersWithout, SERVER_SCHEMA, SERVER_TABLE } from '../effective/letters.ts';
import type { Shift } from '../effective/shift.ts';
import { doorOf, partOf, placed, spaced } from '../part-name.ts';
import { doorFor, isFunction, makesObjects, type Need, neededBy, quoted, spacesOf, usesOther } from './carrier-needs.ts';
import type { Carrier, Whole } from '../observe/carriers.ts';
import { ident } from '../quote.ts';
import { factsOf } from '../steps/draft-steps.ts';
import { type BuiltinSpec, isKind, type ObjectClass, type ObjectsSpec } from '../spec.ts';
import type { Around } from './inside.ts';
import { doorsOf, publicSchema } from './databases.ts';
import { OPERATORS_KEEP, type Taken } from './taken.ts';
import { append } from '../../../util/append.ts';

/** Rights on one relation, or on columns of it, before the plan and after it. */
export interface Access {
  readonly before: Guarded;
  readonly after: Guarded;
  readonly all: string;
  /** Where the step stands that changes it. */
  readonly key: string;
}

/** By `database` and the name as a statement has it. */
export type AccessMap = ReadonlyMap<string, readonly Access[]>;

/** Of the schema of what is used, and of what is used itself. */
const USES: Readonly<Record<Carrier['kind'], string>> = {
  view: 'radw',
  'materialized view': 'r',
  rule: 'adw',
  function: 'X',
  trigger: 'adwD',
  'foreign key': 'aw',
  index: 'm',
  'referenced table': 'dw',
};

const withServerOf = ({ before, after }: Pick<Access, 'before' | 'after'>): Pick<Access, 'before' | 'after'> => ({
  before: withServer(before, SERVER_SCHEMA),
  after: withServer(after, SERVER_SCHEMA),
});
const withServer = ({ owner, acl }: Guarded, more: Acl): Guarded => ({ owner, acl: joined(acl, more) });

/**
 * Whoever reads a view, or calls a function that runs as its owner, loses it with what the owner loses: by the address of the
 * change that takes it. `sent`: addresses that steps are made for.
 */
export function carriedTaken(changes: readonly Change[], sent: ReadonlySet<string>, around: Around): ReadonlyMap<string, readonly Taken[]> {
  const { shift } = around;
  const out = new Map<string, readonly Taken[]>();
  if (shift.people.carriers.length === 0) return out;
  for (const { carrier, key: stands, handed, taken } of carriedOn(accessMapOf(changes, around), shift, around.losesDoor)) {
    const key = sent.has(stands) ? stands : sent.has(handed) ? handed : memberKey(carrier.owner, changes, sent, shift);
    if (key !== null) out.set(key, [...(out.get(key) ?? []), ...taken]);
  }
  return out;
}

export interface Carried {
  readonly carrier: Carrier;
  readonly why: string;
  /** Of the access that goes. */
  readonly key: string;
  /** Of what runs it, where that gets another owner; '' where not. */
  readonly handed: string;
  readonly taken: readonly Taken[];
}

/** What its owner cannot do any more, by what runs with its rights, and who can use that. */
export function carriedOn(byKey: AccessMap, shift: Shift, losesDoor: Around['losesDoor'] = () => false): readonly Carried[] {
  const direct = shift.people.carriers.flatMap((carrier): readonly Carried[] => {
    const { database, owner } = carrier;
    if (shift.people.roles.get(owner)?.[3] === true) return [];
    const next = ownerAfter(carrier, byKey);
    return needsOf(carrier, byKey, shift).flatMap(([relation, accesses]): readonly Carried[] => {
      const [first] = accesses;
      const why = first === undefined ? null : goes(carrier, accesses, relation, next.owner, shift);
      if (first === undefined || why === null) return [];
      const users = carrierUsers(carrier, shift).filter((login) => !losesDoor(login, database));
      return [{ carrier, why, key: first.key, handed: next.key, taken: toldTo(users, carrier, why, shift) }];
    });
  });
  return [...direct, ...furtherOn(direct, shift, losesDoor)];
}

/** A known login keeps all that it has; an operator loses in schemas that it can make something there. */
function needsOf(carrier: Carrier, byKey: AccessMap, { people }: Shift): readonly Need[] {
  const { owner, body } = carrier;
  const spaces = spacesOf(carrier, byKey, people);
  if (people.accepted.operators.has(owner)) return makesObjects(body) ? spaces : [];
  return people.accepted.has(owner) ? [] : [...neededBy(carrier, byKey), ...spaces, ...doorFor(carrier, byKey)];
}

/** What uses such a one in its turn stops with it, whoever it runs as. */
export function furtherOn(direct: readonly Carried[], shift: Shift, losesDoor: Around['losesDoor'] = () => false): readonly Carried[] {
  const known = new Set(direct.map(({ carrier }) => sameOf(carrier)));
  const out: Carried[] = [];
  for (let reached = direct; reached.length > 0; ) {
    const next = shift.people.carriers.flatMap((carrier): readonly Carried[] => {
      if (known.has(sameOf(carrier))) return [];
      const through = reached.find((one) => usesOther(carrier, one.carrier) && mayUse(carrier, one.carrier, shift));
      if (!through) return [];
      known.add(sameOf(carrier));
      const why = `it ${carrier.needs === null ? 'may use' : 'uses'} ${nameInWords(through.carrier)}: ${through.why}`;
      const { database } = carrier;
      const users = carrierUsers(carrier, shift).filter(
        (login) => !losesDoor(login, database) && readsThrough(carrier, through.carrier, login, shift),
      );
      return [{ ...through, carrier, why, taken: toldTo(users, carrier, why, shift, through.carrier.owner) }];
    });
    out.push(...next);
    reached = next;
  }
  return out;
}

/** Where nobody comes in as its owner, and no other is seen to use it, the owner itself: what depends on it may be anybody's. */
function toldTo(users: readonly string[], carrier: Carrier, why: string, shift: Shift, losing = carrier.owner): readonly Taken[] {
  const { database, owner } = carrier;
  const keeper = shift.people.roles.get(losing)?.[3] === false ? losing : undefined;
  const alone = shift.people.isOnlyOwner(owner) && carrierUsers(carrier, shift).length === 0 && [...shift.logins([owner])].length === 0;
  const logins = alone ? [owner] : users;
  return logins.map((login) => ({ login, database, what: [carrierInWords(carrier, why)], anyway: true, ...(keeper ? { keeper } : {}) }));
}

const sameOf = ({ database, kind, name }: Carrier): string => JSON.stringify([database, kind, name]);

/** A function in a view runs for whoever reads that: its owner needs no right on it. */
function mayUse(carrier: Carrier, other: Carrier, shift: Shift): boolean {
  return (
    (carrier.kind === 'view' && other.kind === 'function') ||
    shift.people.roles.get(carrier.owner)?.[3] === true ||
    opens(other, carrier.owner, shift)
  );
}

function readsThrough(carrier: Carrier, other: Carrier, login: string, shift: Shift): boolean {
  return carrier.kind !== 'view' || other.kind !== 'function' || opens(other, login, shift);
}

function opens({ kind, door }: Carrier, role: string, { before }: Shift): boolean {
  const letters = lettersOf(kind === 'function' ? door : withServer(door, SERVER_TABLE), before.usable(role), USES[kind]);
  return [...letters].some((letter) => USES[kind].includes(letter));
}

/** What no change is about, as it is. */
export function standing(whole: Whole): AccessMap {
  return new Map([...whole].map(([key, { guarded, all }]) => [key, [{ before: guarded, after: guarded, all, key: '' }]]));
}

function accessMapOf(changes: readonly Change[], { context, shift }: Around): AccessMap {
  const { version } = factsOf(context);
  const wanted = new Map(
    changes.flatMap(({ desired }) => (desired && isKind(desired, 'objects') ? [[addressKey(desired.address), desired.spec] as const] : [])),
  );
  const out = new Map<string, Access[]>();
  for (const { desired, observed } of changes) {
    if (desired && observed && isKind(observed, 'perimeter')) {
      const space = publicSchema(observed.spec, { shift, context });
      const key = addressKey(desired.address);
      if (space) out.set(spaced('postgres', ident('public')), [{ ...withServerOf(space), all: 'CU', key }]);
    }
    if (desired && observed && isKind(desired, 'builtin') && isKind(observed, 'builtin') && !desired.spec.publicExecute)
      for (const [place, access] of builtinOf(desired, observed.spec)) out.set(place, [access]);
    const doors = doorsOf({ desired, observed }, shift, context);
    if (desired && doors) out.set(doorOf(desired.address.name), [{ ...doors, all: 'CTc', key: addressKey(desired.address) }]);
    if (!desired || !observed || !isKind(desired, 'schema') || !isKind(observed, 'schema')) continue;
    const [database, name] = partOf(desired.address.name);
    out.set(spaced(database, ident(name)), [
      {
        before: withServer(observed.spec, SERVER_SCHEMA),
        after: withServer(desired.spec, SERVER_SCHEMA),
        all: 'CU',
        key: addressKey(desired.address),
      },
    ]);
  }
  for (const one of context.observation.resources) {
    if (!isKind(one, 'objects')) continue;
    const key = addressKey(one.address);
    const [database] = partOf(one.address.name);
    for (const found of one.spec.classes) {
      const access = accessOf(found, wanted.get(key), version, key);
      if (access === null) continue;
      for (const name of found.names) {
        const place = found.type === 'schema' ? spaced(database, name) : placed(database, name);
        append(out, place, access);
      }
    }
  }
  return new Map([...standing(shift.people.whole), ...out]);
}

/** Functions of the server that everybody, or somebody by name, may call no more; by their names, whatever they take. */
function builtinOf({ address }: Resource, { open, named = {} }: BuiltinSpec): readonly (readonly [string, Access])[] {
  const [database] = partOf(address.name);
  const some = Object.fromEntries(Object.keys(named).map((grantee) => [grantee, 'X']));
  const acl = { ...some, ...(open.length > 0 ? { '': 'X' } : {}) };
  const names = new Set([...open, ...Object.values(named).flat()].map((one) => one.slice(0, one.indexOf('('))));
  const access = { before: { owner: '', acl }, after: { owner: '', acl: {} }, all: '', key: addressKey(address) };
  return [...names].map((name) => [placed(database, `pg_catalog.${name}()`), access]);
}

/** `spec`: what is wanted; left out: it stays. */
function accessOf(found: ObjectClass, spec: ObjectsSpec | undefined, version: number, key: string): Access | null {
  if (!['table', 'view', 'column', 'function', 'schema'].includes(found.type)) return null;
  const column = found.type === 'column';
  const had = found.acl ?? (found.type === 'function' ? { '': 'X' } : {});
  const before = { owner: column ? '' : found.owner, acl: had };
  const owner = spec === undefined || found.linked || found.stays ? found.owner : spec.owner;
  const acl = (spec === undefined ? null : expectedAcl(spec, found, version)) ?? had;
  const server = found.type === 'schema' ? SERVER_SCHEMA : found.type === 'function' ? {} : SERVER_TABLE;
  const after = withServer({ owner: column ? '' : owner, acl }, server);
  return { before: withServer(before, server), after, all: column ? '' : ownerLetters(found.type, version), key };
}

/** With whose rights it runs after the plan: what an app owned goes to its owner role. */
function ownerAfter({ database, runs, owner }: Carrier, byKey: AccessMap): { readonly owner: string; readonly key: string } {
  const access = byKey.get(placed(database, isFunction(runs) ? runs : quoted(runs)))?.find(({ before }) => before.owner === owner);
  return access === undefined || access.after.owner === owner ? { owner, key: '' } : { owner: access.after.owner, key: access.key };
}

/** What its owner loses on the relation, in words; null: nothing. */
function goes(
  { kind, database, owner, policies, needs, body }: Carrier,
  accesses: readonly Access[],
  relation: string,
  next: string,
  shift: Shift,
): string | null {
  const had = accesses.map(({ before, all }) => lettersOf(before, shift.before.inherited(owner), all)).join('');
  const has = accesses.map(({ after, all }) => lettersOf(after, shift.after.inherited(next), all)).join('');
  const all = lettersWithout([...new Set(had)].sort().join(''), has);
  // What it cannot make any more it does not need to run, unless its body makes something.
  const door = relation.startsWith('database ');
  const unneeded = door ? 'Cc' : relation.startsWith('schema ') && !makesObjects(body) ? 'C' : '';
  const lost = lettersWithout(all, shift.people.accepted.operators.has(owner) ? OPERATORS_KEEP : unneeded);
  const said = needs === null || door ? 'it may need that: ' : '';
  if (lost !== '') return `${said}its owner "${owner}" loses ${privilegeWords(lost)} on ${relation}`;
  const { mapped = [] } = shift.people.whole.get(placed(database, relation)) ?? {};
  if (next !== owner && mapped.some((one) => one === owner || one === next))
    return `it runs as "${next}" from then on, and the user mapping of "${mapped.includes(owner) ? owner : next}" for ${relation} is another one`;
  // In a view `current_user` is whoever reads it.
  if (next === owner || policies === '' || (policies === 'by current_user' && (kind === 'view' || kind === 'rule'))) return null;
  return `it may give other rows: it runs as "${next}" from then on, and policies of ${relation} tell "${owner}" apart ${policies}`;
}

/** A change of memberships that takes it from the owner. */
function memberKey(owner: string, changes: readonly Change[], sent: ReadonlySet<string>, shift: Shift): string | null {
  const found = changes.find(({ desired, observed }) => {
    if (!observed || !isKind(observed, 'role')) return false;
    const to = desired && isKind(desired, 'role') ? desired.spec : null;
    const out = observed.spec.outsiders.some((name) => !to?.outsiders.includes(name) && shift.before.below(name).has(owner));
    const left = Object.keys(observed.spec.memberOf).some((group) => lookUp(to?.memberOf ?? {}, group) === undefined);
    return (out || (left && shift.before.below(observed.address.name).has(owner))) && sent.has(addressKey(observed.address));
  });
  return found ? addressKey(addressOf(found)) : null;
}

/** Who can use it, and is not told of the owner's own loss. */
export function carrierUsers({ database, kind, door, space, owner }: Carrier, shift: Shift): readonly string[] {
  const { people, before } = shift;
  const users = people.logins.filter((login) => {
    if (!shift.enters(login, database)) return false;
    const roles = before.usable(login);
    if (roles.has(owner) || !lettersOf(withServer(space, SERVER_SCHEMA), roles, 'CU').includes('U')) return false;
    const opened = kind === 'function' ? door : withServer(door, SERVER_TABLE);
    return [...lettersOf(opened, roles, USES[kind])].some((letter) => USES[kind].includes(letter));
  });
  return [...users, ...people.superusers];
}

export function carrierInWords(carrier: Carrier, why: string): string {
  return `${nameInWords(carrier)} of database "${carrier.database}" (${why})`;
}

const WORDS: Readonly<Partial<Record<Carrier['kind'], string>>> = {
  'materialized view': 'new rows of materialized view',
  rule: 'the rule of',
  'foreign key': 'new rows by foreign key',
  index: 'ANALYZE and REINDEX by index',
  'referenced table': 'deletes and new keys in table',
};

function nameInWords({ kind, name }: Carrier): string {
  return `${WORDS[kind] ?? kind} ${name}`;
}
