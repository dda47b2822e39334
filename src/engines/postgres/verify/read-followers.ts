import { parseAcl } from '../acl.ts';
import { compile } from '../compile/compile.ts';
import { ownerLetters } from '../compile/policy.ts';
import { joined } from '../effective/letters.ts';
import { People } from '../effective/people.ts';
import { insideOf } from '../inside.ts';
import { Owners } from '../judge/owners.ts';
import { placed, SERVER_SCHEMA, SERVER_TABLE, spaced } from '../losses/carriers.ts';
import { type Carrier, carriedIn, type Space } from '../observe/carriers.ts';
import { linksHere } from '../observe/links.ts';
import type { ObserveContext } from '../observe/observe.ts';
import { readShared } from '../observe/shared.ts';
import { GUARDED, type GuardedRow } from '../queries/carriers.ts';
import { ident, qualified } from '../quote.ts';
import { Followers, type Whole } from './followers.ts';

/** null: nobody comes in as somebody else, and nothing runs with the rights of others. */
export async function readFollowers(context: ObserveContext, databases: readonly string[]): Promise<Followers | null> {
  const { input } = context;
  const rows = await readShared(context.shared);
  const links = await linksHere(context, rows);
  const carriers: Carrier[] = [];
  const spaces = new Map<string, Space>();
  const whole = new Map<string, Whole extends ReadonlyMap<string, infer V> ? V : never>();
  for (const database of databases) {
    const found = await carriedHere(context, database);
    carriers.push(...found.carriers);
    if (found.carriers.length === 0) continue;
    for (const [key, space] of found.spaces) {
      spaces.set(key, space);
      const [, schema] = insideOf(key);
      const guarded = { owner: space.owner, acl: joined(space.acl, SERVER_SCHEMA) };
      whole.set(spaced(database, ident(schema)), { guarded, all: 'CU' });
    }
    for (const [kind, schema, name, owner, items] of await guardedIn(context, database)) {
      const acl = joined(parseAcl(items ?? []), kind === 'table' ? SERVER_TABLE : items === null ? { '': 'X' } : {});
      const key = placed(database, kind === 'table' ? qualified(schema, name) : name);
      whole.set(key, { guarded: { owner, acl }, all: ownerLetters(kind, context.shared.version) });
    }
  }
  if (links.length + carriers.length === 0) return null;
  const { accepted } = new Owners(input, rows, compile(input).resources);
  return new Followers(new People(rows, accepted, { links, carriers, spaces }), whole);
}

/** What this admin cannot look into has a finding of its own. */
async function carriedHere(context: ObserveContext, database: string): ReturnType<typeof carriedIn> {
  return await carriedIn(context, [database]).catch(() => ({ carriers: [], spaces: new Map() }));
}

async function guardedIn(context: ObserveContext, database: string): Promise<readonly GuardedRow[]> {
  await using connection = await context.open(database);
  const [rows = []] = await connection.rows(GUARDED);
  // The shape stands beside the statement.
  return rows as unknown as readonly GuardedRow[];
}
