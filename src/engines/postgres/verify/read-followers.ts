import { mapPool } from '../../../util/pool.ts';
import { compile } from '../compile/compile.ts';
import { People } from '../effective/people.ts';
import { Owners } from '../judge/owners.ts';
import { carriedIn } from '../observe/carriers.ts';
import { linksHere } from '../observe/links.ts';
import type { ObserveContext } from '../observe/observe.ts';
import { readShared } from '../observe/shared.ts';
import { Followers } from './followers.ts';

/** Databases that are looked into at the same time. */
const LANES = 4;

/** null: nobody comes in as somebody else, and nothing runs with the rights of others. */
export async function readFollowers(context: ObserveContext, databases: readonly string[]): Promise<Followers | null> {
  const desired = compile(context.input).resources;
  const rows = await readShared(context.shared, { ...context, desired });
  const { links } = await linksHere(context, rows);
  // What this admin cannot look into has a finding of its own.
  const each = await mapPool(databases, LANES, async (database) => await carriedIn(context, [database]).catch(() => null));
  const found = each.filter((one) => one !== null);
  const carriers = found.flatMap((one) => one.carriers);
  if (links.length + carriers.length === 0) return null;
  const { accepted } = new Owners(context.input, rows, desired);
  const spaces = new Map(found.flatMap((one) => [...one.spaces]));
  const whole = new Map(found.flatMap((one) => [...one.whole]));
  return new Followers(new People(rows, accepted, { links, carriers, spaces, whole }));
}
