import { type Change, addressOf } from '../../../engine/index.ts';
import { type Context, factsOf, nameOf } from './draft-steps.ts';
import { partOf } from '../part-name.ts';
import { type DatabaseSpec, isKind } from '../spec.ts';

/** What is there before: for the `public` schema of a database that is about to be made, what template0 brings. */
export function startingPoint(change: Change, context: Context): unknown {
  if (change.observed) return change.observed.spec;
  if (addressOf(change).kind !== 'schema') return null;
  const [database, schema] = partOf(nameOf(change));
  if (schema !== 'public') return null;
  return standing(context).has(database) ? null : { owner: 'operator', acl: { '': factsOf(context).version >= 150000 ? 'U' : 'CU' } };
}

/** Made, and nothing done in it yet: an apply was cut short before the walls stood, and nobody has been inside since. */
function isBare(spec: DatabaseSpec): boolean {
  return !spec.allowConnections && spec.mark === '' && spec.text === undefined && spec.acl[''] === 'Tc';
}

const standingIn = new WeakMap<Context['observation'], ReadonlySet<string>>();

/** Databases that are there, and more than made. An observation does not change: they are looked up once. */
function standing({ observation }: Context): ReadonlySet<string> {
  const names =
    standingIn.get(observation) ??
    new Set(observation.resources.filter((one) => isKind(one, 'database') && !isBare(one.spec)).map((one) => one.address.name));
  standingIn.set(observation, names);
  return names;
}

/** Databases that were closed by hand: what is in them shows only after they are open again, at the next apply. */
export function unreadable(context: Context): ReadonlySet<string> {
  const closed = context.observation.resources.filter((one) => isKind(one, 'database') && !one.spec.allowConnections && !isBare(one.spec));
  return new Set(closed.map((one) => one.address.name));
}
