import { compile } from '../compile/compile.ts';
import { factsOf } from '../steps/draft-steps.ts';
import { partOf } from '../part-name.ts';
import type { Around } from './inside.ts';
import type { Taken } from './taken.ts';
import { isKind, type SchemaSpec } from '../spec.ts';

/**
 * Whoever owns a schema may drop what lies in it, whosever that is. Where an app becomes the owner of one, those who have
 * something in there are not alone any more in deciding about it.
 */
export function soleSayTaken(
  [database, schema]: readonly [string, string],
  app: string | null,
  from: SchemaSpec,
  to: SchemaSpec,
  { shift, context }: Around,
): readonly Taken[] {
  if (app === null || from.owner === to.owner || to.owner === 'operator') return [];
  const { version } = factsOf(context);
  // From 15 on whoever owns the database owns `public`.
  const former = from.owner === 'operator' && schema === 'public' && version >= 150000 ? shift.people.door(database)?.owner : from.owner;
  const logins = compile(context.input).resources.flatMap((one) => (isKind(one, 'role') && one.app === app ? [one.address.name] : []));
  const could = logins.some((login) => shift.people.roles.get(login)?.[3] || shift.before.usable(login).has(former ?? ''));
  if (could) return [];
  return context.observation.resources.flatMap((one): readonly Taken[] => {
    if (!isKind(one, 'objects') || one.app !== app || partOf(one.address.name)[0] !== database) return [];
    const staying = one.spec.classes.filter(
      ({ stays, linked, type }) => stays !== undefined && stays.why !== null && !linked && type !== 'column',
    );
    const theirs = [...staying, ...(one.spec.theirs ?? [])].filter((found) => found.schema === schema && found.word !== 'SCHEMA');
    return theirs.flatMap(({ owner, word, names }) => {
      const what = names.map(
        (name) =>
          `sole say over ${word.toLowerCase()} ${name} in database "${database}": the app gets schema "${schema}", and whoever owns a schema may drop what lies in it`,
      );
      return usersOf(owner, shift).map((login) => ({ login, database, kind: 'own', what }));
    });
  });
}

/** Logins that own it, alone or as members; else the role itself. A superuser loses no right: the plan names what stays its own. */
function usersOf(role: string, { people, before }: Around['shift']): readonly string[] {
  if (people.roles.get(role)?.[3]) return [];
  const found = [...before.below(role)].filter((name) => people.isLogin(name) && before.usable(name).has(role));
  return found.length > 0 ? found : [role];
}
