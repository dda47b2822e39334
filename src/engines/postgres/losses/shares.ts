import type { Change } from '../../../engine/index.ts';
import { type Acl, privilegeWords } from '../acl.ts';
import type { Lost, Shift } from '../effective/shift.ts';
import { partOf } from '../part-name.ts';
import { onSchema, type Taken } from './taken.ts';
import { qualified } from '../quote.ts';
import { isLeftShare } from '../retire/shares.ts';
import type { FoundRelation, FoundShare, LeftShareSpec, ShareSpec } from '../shares/spec.ts';
import { workOn } from '../shares/work.ts';
import { isKind, type SchemaSpec } from '../spec.ts';

const ALL = 'arwdDxtm';

/** What somebody was given by hand on the views of a share, and loses: the way is open to one app. */
export function shareTaken({ desired, observed }: Change, shift: Shift): readonly Taken[] {
  if (observed && isLeftShare(observed)) return leftTaken(observed.address.name, observed.spec, shift);
  if (!desired || !observed || !isKind(desired, 'share') || !isKind(observed, 'share')) return [];
  const { found } = observed.spec;
  if (!found) return [];
  const [database, name] = partOf(observed.address.name);
  const share = desired.spec;
  const server = `foreign server "${name}" of database "${database}"`;
  return [
    ...lost(database, found.server?.acl ?? {}, {}, 'U', shift).map(({ login }) => ({ login, database, what: [`use ${server}`] })),
    ...(found.server && found.server.owner !== 'operator'
      ? usersOf(found.server.owner, database, shift).map((login) => ({ login, database, kind: 'own', what: [`ownership of ${server}`] }))
      : []),
    ...schemaTaken(database, name, found.views, { [share.reader]: 'U' }, shift),
    ...schemaTaken(database, share.hidden, found.hidden, {}, shift),
    ...relationsTaken(database, name, share, found, shift),
    ...found.mappings
      .filter(({ role }) => role !== share.holder)
      .flatMap(({ role }) => usersOf(role, database, shift).map((login) => mappingOf(login, database, name))),
  ];
}

const mappingOf = (login: string, database: string, server: string): Taken => ({
  login,
  database,
  what: [`its user mapping on foreign server "${server}" of database "${database}"`],
});

function schemaTaken(database: string, name: string, found: SchemaSpec | null, want: Acl, shift: Shift): readonly Taken[] {
  const where = `schema "${name}" of database "${database}"`;
  return lost(database, found?.acl ?? {}, want, 'CU', shift).flatMap(({ login, letters }) => onSchema(where, login, database, letters));
}

function relationsTaken(database: string, name: string, share: ShareSpec, found: FoundShare, shift: Shift): readonly Taken[] {
  const work = new Map(workOn(name, share, found).map((one) => [one.table, one]));
  return found.relations.flatMap((one) => {
    const does = work.get(one.name);
    if (!does || does.others !== undefined) return [];
    const goes = does.what === 'no longer shared';
    const want: Acl = one.hidden || goes ? {} : { [share.reader]: 'r' };
    const where = qualified(one.hidden ? share.hidden : name, one.name);
    return lost(database, rightsOf(one), want, ALL, shift).map(({ login, letters }) => ({
      login,
      database,
      what: [`${privilegeWords(letters)} on ${where} of database "${database}"`],
    }));
  });
}

/** With what single columns give. */
function rightsOf({ acl, columnAcl }: FoundRelation): Acl {
  const out = new Map(Object.entries(acl));
  for (const [, more] of columnAcl)
    for (const [grantee, letters] of Object.entries(more)) out.set(grantee, (out.get(grantee) ?? '') + letters);
  return Object.fromEntries(out);
}

function lost(database: string, from: Acl, to: Acl, all: string, shift: Shift): readonly Lost[] {
  return shift
    .lost({ owner: '', acl: from }, { owner: '', acl: to }, all)
    .filter(({ login, as }) => login === as && shift.enters(login, database));
}

/** A share that the manifest no longer has: nobody reads through it any more. */
function leftTaken(
  at: string,
  { schemas, relations, servers, users, dependents }: Pick<LeftShareSpec, 'schemas' | 'relations' | 'servers' | 'users' | 'dependents'>,
  shift: Shift,
): readonly Taken[] {
  const [database] = partOf(at);
  const drops = dependents.length === 0 ? servers : [];
  const told = (guests: readonly string[], what: string): readonly Taken[] =>
    guests.flatMap((guest) => usersOf(guest, database, shift)).map((login) => ({ login, database, what: [what] }));
  return [
    ...drops.flatMap((server) => told(users, `use foreign server "${server}" of database "${database}"`)),
    ...Object.entries(schemas).flatMap(([name, guests]) => told(guests, `use schema "${name}" of database "${database}"`)),
    ...relations.flatMap(([schema, name, , guests]) => told(guests, `read ${qualified(schema, name)} of database "${database}"`)),
  ];
}

/** Logins with the rights of a role that can come into the database; '' is everybody. */
function usersOf(role: string, database: string, shift: Shift): readonly string[] {
  const logins = role === '' ? shift.people.logins : [...shift.logins([role])].filter((login) => shift.before.usable(login).has(role));
  return logins.filter((login) => shift.enters(login, database));
}
