import type { Change } from '../../../engine/index.ts';
import { lookUp } from '../../../util/record.ts';
import { type Acl, privilegeWords } from '../acl.ts';
import { compile, MAINTENANCE } from '../compile/compile.ts';
import { type Context, factsOf } from '../steps/draft-steps.ts';
import { type Guarded, joined, lettersWithout } from '../effective/letters.ts';
import type { Shift } from '../effective/shift.ts';
import { throughPublic } from '../steps/foreign.ts';
import { grantedTo, ownersKeeping } from './owner-roles.ts';
import { parameterName } from '../kinds/kind.ts';
import { fewerTogether, type Losing, onSchema, OPERATORS_KEEP, settingText, split, type Taken } from './taken.ts';
import { isLower, isNoTighter, keepingLimit } from '../kinds/limits.ts';
import { ident } from '../quote.ts';
import { type DatabaseSpec, isKind, type PerimeterSpec } from '../spec.ts';

const ALL = 'CTc';

/** What goes on a database of ours that is there: as a rule what PUBLIC had before it was adopted, and what was granted by hand. */
export function databaseTaken({ desired, observed }: Change, shift: Shift, context: Context): readonly Taken[] {
  if (!desired || !observed || !isKind(desired, 'database') || !isKind(observed, 'database')) return [];
  const { name } = desired.address;
  const doors = doorsOf({ desired, observed }, shift, context);
  if (doors === null) return [];
  const { before, after } = doors;
  const spec: DatabaseSpec = keepingLimit(desired.spec, observed.spec);
  const taken = takenOn(name, { before, after, keep: OPERATORS_KEEP }, shift, context);
  const shut = new Set(doorLosers(taken));
  return [
    ...taken,
    ...ownershipTaken(name, before.owner, after.owner, shift),
    ...settingsTaken(observed.spec, spec, { name, shift, context }).filter(({ login }) => !shut.has(login)),
    ...limitTaken(name, observed.spec, spec, shift).filter(({ login }) => !shut.has(login)),
  ];
}

/** The rights on a database of ours before a plan and after it; null: nobody comes in. */
export function doorsOf(
  { desired, observed }: Pick<Change, 'desired' | 'observed'>,
  shift: Shift,
  context: Context,
): Omit<Doors, 'keep'> | null {
  if (!desired || !observed || !isKind(desired, 'database') || !isKind(observed, 'database')) return null;
  const { name } = desired.address;
  const before = shift.people.door(name);
  if (before === null || !observed.spec.allowConnections) return null;
  const operator = observed.spec.owner === 'operator' ? before.owner : factsOf(context).user;
  const owner = desired.spec.owner === 'operator' ? operator : desired.spec.owner;
  const stays = Object.fromEntries(Object.entries(before.acl).filter(([grantee]) => shift.people.accepted.has(grantee)));
  return { before, after: { owner, acl: joined(joined(desired.spec.acl, stays), operatorDoors(name, context)) } };
}

/** Who was the owner, or can become it, renames the database, sets it up and drops it no more, and has not what it gave its owner. */
function ownershipTaken(database: string, from: string, to: string, shift: Shift): readonly Taken[] {
  if (from === to) return [];
  return [...shift.logins([from])]
    .filter((login) => shift.before.usable(login).has(from) && !shift.after.usable(login).has(to))
    .map((login) => {
      const more = shift.people.byOwnership.filter(
        (one) => one.database === database && !(one.to && shift.after.usable(login).has(one.to)),
      );
      return { login, database, kind: 'own', what: [`ownership of database "${database}"`, ...more.map(({ what }) => what)] };
    });
}

/** The limit counts all sessions together, but those of superusers. */
function limitTaken(database: string, from: DatabaseSpec, to: DatabaseSpec, shift: Shift): readonly Taken[] {
  if (!isLower(from.connectionLimit, to.connectionLimit)) return [];
  const what = [fewerTogether(database, from.connectionLimit, to.connectionLimit)];
  // An operator has no sessions that it was promised.
  const mine = shift.people.logins.filter((login) => shift.enters(login, database));
  return mine.map((login) => ({ login, database, kind: 'own', what, byWords: true }));
}

interface Place {
  readonly name: string;
  readonly shift: Shift;
  readonly context: Context;
}

/** Settings of the database count for every session there that has no own ones. */
function settingsTaken(from: DatabaseSpec, to: DatabaseSpec, { name, shift, context }: Place): readonly Taken[] {
  const gone = Object.entries(from.settings).filter(([key, value]) => lookUp(to.settings, key) !== value);
  if (gone.length === 0) return [];
  const wanted = new Map(
    compile(context.input).resources.flatMap((one) => (isKind(one, 'role') ? [[one.address.name, one.spec.settings] as const] : [])),
  );
  return shift.people.logins
    .filter((login) => shift.enters(login, name))
    .flatMap((login): readonly Taken[] => {
      const own = wanted.get(login);
      const what = gone
        .filter(([key, value]) => shift.people.setting(login, name, key) === null && lookUp(own ?? {}, key) !== value)
        .filter(([key, value]) => !isNoTighter(key, value, lookUp(own ?? {}, key) ?? shift.people.limits.get(key)))
        .map(([key, value]) => `${settingText(key, value)} of database "${name}"`);
      return what.length === 0 ? [] : [{ login, database: name, kind: 'own', what }];
    });
}

/** What PUBLIC and the apps lose on a database that is no app's. */
export function perimeterTaken(name: string, shift: Shift, context: Context): readonly Taken[] {
  const observed = context.observation.resources.find((one) => one.address.kind === 'perimeter' && one.address.name === name);
  const before = shift.people.door(name);
  if (!observed || !isKind(observed, 'perimeter') || before === null || observed.spec.beyond.includes('database')) return [];
  const open = context.input.config.perimeter === 'warn' && MAINTENANCE.includes(name);
  const gone = new Set([...(open ? [] : ['']), ...Object.keys(observed.spec.ours.database)]);
  const rest = Object.fromEntries(Object.entries(before.acl).filter(([grantee]) => !gone.has(grantee)));
  const ours = MAINTENANCE.includes(name);
  const owners = ours ? ownersKeeping(name, before, rest, { shift, context }) : {};
  const acl = joined(joined(rest, owners), ours ? operatorDoors(name, context) : throughPublic(name, context));
  // No app lives here: an operator keeps all of it.
  const doors = { before, after: { owner: before.owner, acl }, keep: ALL };
  const taken = takenOn(name, doors, shift, context);
  return [
    ...grantedTo(owners, `DATABASE ${ident(name)}`),
    ...taken,
    ...schemaTaken(observed.spec, taken, shift, context),
    ...parametersTaken(observed.spec, shift, context),
  ];
}

/** `public` of the maintenance database, for those who may still come in. */
function schemaTaken(spec: PerimeterSpec, taken: readonly Taken[], shift: Shift, context: Context): readonly Taken[] {
  const space = publicSchema(spec, { shift, context });
  if (space === null) return [];
  const shut = new Set(doorLosers(taken));
  const lost = shift.lost(space.before, space.after, 'CU');
  const told = split(
    lost,
    { shift, context },
    'SCHEMA "public"',
    (login, letters) => {
      if (!shift.enters(login, 'postgres') || shut.has(login)) return [];
      return onSchema('schema "public" of database "postgres"', login, 'postgres', letters, 'CU');
    },
    'CU',
  );
  return [...grantedTo(space.owners, 'SCHEMA "public"'), ...told];
}

/** `public` of the maintenance database before a plan and after it, with what owners get by name; null: it is left alone. */
export function publicSchema(spec: PerimeterSpec, losing: Losing): (Pick<Doors, 'before' | 'after'> & { readonly owners: Acl }) | null {
  if (spec.publicSchema === null || spec.beyond.includes('schema')) return null;
  const { shift, context } = losing;
  const gone = new Set([...(context.input.config.perimeter === 'warn' ? [] : ['']), ...Object.keys(spec.ours.schema)]);
  const acl = shift.people.publicSchema;
  const rest = Object.fromEntries(Object.entries(acl).filter(([grantee]) => !gone.has(grantee)));
  const owners = ownersKeeping('postgres', { owner: '', acl }, rest, losing);
  return { before: { owner: '', acl }, after: { owner: '', acl: joined(rest, owners) }, owners };
}

function parametersTaken({ parameters }: PerimeterSpec, shift: Shift, context: Context): readonly Taken[] {
  return parameters.flatMap((parameter) => {
    const [name, letters] = [parameterName(parameter), parameter.slice(parameter.lastIndexOf('=') + 1).replaceAll('*', '')];
    const lost = shift.lost({ owner: '', acl: { '': letters } }, { owner: '', acl: {} }, letters);
    return split(
      lost,
      { shift, context },
      `PARAMETER ${name}`,
      (login, rest) => [{ login, what: [`${privilegeWords(rest)} of the parameter ${name}`], operators: true }],
      letters,
    );
  });
}

function phrase(letter: string, database: string): string {
  const where = `database "${database}"`;
  if (letter === 'c') return `connect to ${where}`;
  return letter === 'T' ? `make temporary tables in ${where}` : `make schemas in ${where}`;
}

interface Doors {
  readonly before: Guarded;
  readonly after: Guarded;
  /** What operators keep. */
  readonly keep: string;
}

function takenOn(name: string, { before, after, keep }: Doors, shift: Shift, context: Context): readonly Taken[] {
  return split(
    shift.lost(before, after, ALL),
    { shift, context },
    `DATABASE ${ident(name)}`,
    (login, letters) => {
      if (!shift.enters(login, name)) return [];
      // Whoever cannot come in needs no other right there.
      const told = letters.includes('c') ? 'c' : letters;
      const is = told === 'c' ? ({ door: 'own', kind: 'connect' } as const) : ({ kind: 'own', operators: true } as const);
      const beyond = lettersWithout(letters, keep) === '' ? {} : { beyond: true as const };
      return [{ login, database: name, what: [...told].map((letter) => phrase(letter, name)), ...is, ...beyond }];
    },
    keep,
  );
}

/** What the words of the operators open, granted before anything is taken. */
function operatorDoors(database: string, { input }: Context): Acl {
  return Object.fromEntries(
    compile(input).resources.flatMap((one) =>
      isKind(one, 'operator') && one.spec.connect.includes(database) ? [[one.address.name, 'c'] as const] : [],
    ),
  );
}

/** Logins for which what is lost on the database is the way into it. */
export function doorLosers(taken: readonly Taken[]): readonly string[] {
  return taken.flatMap(({ login, door }) => (door === undefined ? [] : [login]));
}
