import type { Change } from '../../../engine/index.ts';
import { lookUp } from '../../../util/record.ts';
import { privilegeWords } from '../acl.ts';
import { type Context, factsOf } from '../steps/draft-steps.ts';
import type { Shift } from '../effective/shift.ts';
import { fewerSessions, lowered, settingText, type Taken } from './taken.ts';
import { isAdopting } from '../kinds/role.ts';
import { allows, isLower, isNoTighter, isTighter, keepingLimits, settingOf } from '../kinds/limits.ts';
import { isKind, type RoleSpec } from '../spec.ts';
import { admissionTaken } from './admission.ts';

const FLAGS = [
  ['login', 'log in', 'login'],
  ['superuser', 'everything, as a superuser'],
  ['createRole', 'make roles (CREATEROLE)', 'own'],
  ['createDatabase', 'make databases (CREATEDB)', 'own'],
  ['replication', 'stream what is written (REPLICATION)'],
  ['bypassRls', 'read past row level security (BYPASSRLS)'],
] as const;

interface Adoption {
  /** The login is another's until now, or no apply of its app was ever finished. */
  readonly adopting: boolean;
  /** What the server lets sessions have that nothing is set for. */
  readonly server: ReadonlyMap<string, string>;
  /** Settings that this admin may not give or take. */
  readonly denied: ReadonlySet<string>;
  /** Those that the login comes into after the plan. */
  readonly databases: readonly string[];
}

/** What a role of ours loses, and those outside who were members of it. */
export function roleTaken({ desired, observed }: Change, shift: Shift, context: Context): readonly Taken[] {
  if (!observed || !isKind(observed, 'role')) return [];
  const { name } = observed.address;
  const from = observed.spec;
  const to = desired && isKind(desired, 'role') ? keepingLimits(desired.spec, from) : null;
  const databases = shift.people.databases.filter((database) => shift.enters(name, database) && !shift.closes(name, database));
  const around = { adopting: isAdopting(to, from), server: shift.people.limits, denied: factsOf(context).denied, databases };
  return [
    ...attributesTaken(name, from, to, around),
    ...parametersTaken(name, from, to, shift),
    ...membersTaken(name, from, to, shift),
    ...groupsTaken(name, from, to, shift),
  ];
}

function attributesTaken(name: string, from: RoleSpec, to: RoleSpec | null, around: Adoption): readonly Taken[] {
  if (!from.login && to?.login !== true) return [];
  const taken: Taken[] = [];
  const lose = (text: string, kind?: Taken['kind']): void => void taken.push({ login: name, what: [text], ...(kind ? { kind } : {}) });
  for (const [flag, words, kind] of FLAGS) if (from[flag] && !(to?.[flag] ?? false)) lose(words, kind);
  if (to === null) return taken;
  if (isLower(from.connectionLimit, to.connectionLimit)) lose(fewerSessions(from.connectionLimit, to.connectionLimit), 'own');
  const until = to.validUntil;
  if (until !== null && until !== from.validUntil && (from.validUntil === null || Date.parse(until) < Date.parse(from.validUntil)))
    lose(`log in after ${until}`);
  for (const text of limitsTaken(from.settings, to.settings, around)) lose(text, 'own');
  for (const text of settingsTaken(from.settings, to.settings, around)) lose(text, 'own');
  return taken;
}

/** Rights on parameters, for whoever has them as this role or through it. */
function parametersTaken(name: string, from: RoleSpec, to: RoleSpec | null, shift: Shift): readonly Taken[] {
  const gone = new Set(from.parameters.filter((one) => !to?.parameters.includes(one)).map((one) => one.slice(0, one.lastIndexOf('='))));
  return shift.people.parameters
    .filter(([parameter]) => gone.has(parameter))
    .flatMap(([parameter, guarded]) => {
      const { [name]: _gone, ...acl } = guarded.acl;
      const lost = Map.groupBy(shift.lost(guarded, { ...guarded, acl }, 'sA'), ({ login }) => login);
      return [...lost].map(([login, all]) => {
        const letters = [...new Set(all.flatMap((one) => [...one.letters]))].join('');
        return { login, what: [`${privilegeWords(letters)} on parameter ${parameter}`] };
      });
    });
}

/** Settings that go, and in a first apply those that become others: what the sessions start with counts. What this admin may not set is left alone. */
function settingsTaken(from: RoleSpec['settings'], to: RoleSpec['settings'], around: Adoption): readonly string[] {
  const { adopting, denied, databases } = around;
  return Object.entries(from).flatMap(([key, value]) => {
    const slash = key.lastIndexOf('/');
    const [database, name] = [key.slice(0, Math.max(slash, 0)), key.slice(slash + 1)];
    const want = lookUp(to, key);
    if (want === value || denied.has(key)) return [];
    if (want !== undefined && allows(name, want) !== null && allows(name, value) !== null) return [];
    if (want !== undefined && !adopting) return [];
    if (want === undefined && isNoTighter(name, value, lookUp(to, name) ?? around.server.get(name))) return [];
    // Said of the login everywhere, or of each database that it comes into, it is the same.
    const moved =
      slash < 0 ? databases.length > 0 && databases.every((one) => lookUp(to, `${one}/${name}`) === value) : lookUp(to, name) === value;
    if (want === undefined && moved) return [];
    const where = slash < 0 ? '' : ` in database "${database}"`;
    return [`${settingText(name, value)}${where}`];
  });
}

/** Limits that are lower than they were; where nothing was said for the login, what counted is the server's. */
function limitsTaken(from: RoleSpec['settings'], to: RoleSpec['settings'], { adopting, denied }: Adoption): readonly string[] {
  return Object.entries(to).flatMap(([key, value]) => {
    const name = settingOf(key);
    const [was, is] = [lookUp(from, key), allows(name, value)];
    if (was === value || is === null || denied.has(key)) return [];
    if (was === undefined) return adopting && is !== Number.POSITIVE_INFINITY ? [`${name} above ${value} (nothing was set for it)`] : [];
    return isTighter(name, was, value) ? [lowered(name, was, value)] : [];
  });
}

/** Somebody outside was a member of a role of ours: alone, or with all who are in a group of theirs. */
function membersTaken(name: string, from: RoleSpec, to: RoleSpec | null, shift: Shift): readonly Taken[] {
  const gone = from.outsiders.filter((outsider) => !to?.outsiders.includes(outsider));
  return [
    ...usersOf(name, gone, shift).flatMap((login) => [{ login, what: [`the rights of role "${name}"`] }, ...doorsThrough(login, shift)]),
    ...gone.flatMap((outsider) => admissionTaken(name, outsider, shift)),
  ];
}

/** A role of ours was a member of another one. */
function groupsTaken(name: string, from: RoleSpec, to: RoleSpec | null, shift: Shift): readonly Taken[] {
  return Object.keys(from.memberOf)
    .filter((group) => lookUp(to?.memberOf ?? {}, group) === undefined)
    .flatMap((group) => [
      ...usersOf(group, [name], shift).map((login) => ({ login, what: [`the rights of role "${group}"`] })),
      ...admissionTaken(group, name, shift),
    ]);
}

/** Logins that have the rights of the group through these members, and will not have them. */
function usersOf(group: string, through: readonly string[], shift: Shift): readonly string[] {
  return [...shift.logins(through)].filter((login) => shift.before.usable(login).has(group) && !shift.after.usable(login).has(group));
}

/** Databases that the login came into by a membership that goes. */
function doorsThrough(login: string, shift: Shift): readonly Taken[] {
  return shift.people.databases
    .filter((database) => shift.closes(login, database))
    .map((database) => ({ login, database, kind: 'connect', what: [`connect to database "${database}"`] }));
}
