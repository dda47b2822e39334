import { mapPool } from '../../../util/pool.ts';
import { parseAcl } from '../acl.ts';
import { ownerLetters } from '../compile/policy.ts';
import { type Guarded, joined, SERVER_SCHEMA, SERVER_TABLE } from '../effective/letters.ts';
import { partName, placed, spaced } from '../part-name.ts';
import { isTrouble } from '../connect/trouble.ts';
import { plainOf, wordsOf } from '../body-words.ts';
import { type CarrierRow, CARRIERS, CODE, GUARDED, type GuardedRow, SPACES } from '../queries/carriers.ts';
import { KEYS } from '../queries/keys.ts';
import { ident, qualified } from '../quote.ts';
import type { ObserveContext } from './observe.ts';

/** Databases that are looked into at the same time. */
const LANES = 4;

/** Something that runs with its owner's rights, and who may use it. */
export interface Carrier {
  readonly database: string;
  readonly kind: CarrierRow[0];
  /** Ready for a statement. */
  readonly name: string;
  readonly owner: string;
  /** What is used for it. */
  readonly door: Guarded;
  /** The schema that it lies in. */
  readonly space: Guarded;
  /** The relation or function that it needs, the name with its schema and ready for a statement; null: what its body says has to tell. */
  readonly needs: readonly [schema: string, name: string] | null;
  readonly body: string | null;
  readonly policies: CarrierRow[10];
  /** The view or function that has the owner: a view can lie under it, a function behind it. */
  readonly runs: string;
}

/** A schema, with the names of what lies in it. */
export interface Space extends Guarded {
  readonly names: readonly string[];
}

/** Relations, definer functions and schemas as they are: who owns them, who has rights on them, and what an owner has; by their place. */
export type Whole = ReadonlyMap<string, Standing>;

interface Standing {
  readonly guarded: Guarded;
  readonly all: string;
  /** Who has a user mapping for it; '' is everybody. */
  readonly mapped?: readonly string[];
  /** The server of a foreign table. */
  readonly server?: string | null;
}

interface Carried {
  readonly carriers: readonly Carrier[];
  /** By `database/schema`. */
  readonly spaces: ReadonlyMap<string, Space>;
  /** Of the databases in which something runs with somebody's rights. */
  readonly whole: Whole;
  /** What could not be looked into, in words: nothing is known of it, not that there is nothing. */
  readonly unread: readonly string[];
}

/** What runs with somebody's rights in these databases. `outside`: in others, which this admin may not be able to look into. */
export async function carriedIn(context: ObserveContext, databases: readonly string[], outside: readonly string[] = []): Promise<Carried> {
  const unread: string[] = [];
  const all = await mapPool([...databases, ...outside], LANES, async (database) => {
    try {
      return [await carriedHere(context, database)];
    } catch (error) {
      if (!outside.includes(database) || !isTrouble(error)) throw error;
      unread.push(unreadDatabase(database, error));
      return [];
    }
  });
  const found = all.flat();
  return {
    carriers: found.flatMap(({ carriers }) => carriers),
    spaces: new Map(found.flatMap(({ spaces }) => [...spaces])),
    whole: new Map(found.flatMap(({ whole }) => [...whole])),
    unread,
  };
}

/** As CT2076 tells it. */
export function unreadDatabase(database: string, error: unknown): string {
  return `database "${database}" (${error instanceof Error ? error.message : String(error)})`;
}

async function carriedHere(context: ObserveContext, database: string): Promise<Omit<Carried, 'unread'>> {
  await using connection = await context.open(database);
  const [running = [], schemas = [], keys = []] = await connection.rows(`${CARRIERS};\n${SPACES};\n${KEYS}`);
  const rows = [...running, ...keys];
  const spaces = (schemas as unknown as readonly SpaceRow[]).map(
    ([name, owner, acl, names]) => [name, { ...guardedBy(owner, acl), names }] as const,
  );
  const byName = new Map(spaces.map(([name, space]) => [partName(database, name), space]));
  if (rows.length === 0) return { carriers: [], spaces: byName, whole: new Map() };
  const [guarded = [], code = []] = await connection.rows(`${GUARDED};\n${CODE}`);
  // The shapes stand beside the statements.
  const carriers = withCode(
    (rows as unknown as readonly CarrierRow[]).map((row) => carrierOf(database, row)),
    code as unknown as readonly CodeRow[],
  );
  const things = (guarded as unknown as readonly GuardedRow[]).map((row) => thingOf(database, row, connection.version));
  return {
    carriers,
    spaces: byName,
    whole: new Map<string, Standing>([
      ...spaces.map(([name, { owner, acl }]) => {
        const guard = { owner, acl: joined(acl, SERVER_SCHEMA) };
        return [spaced(database, ident(name)), { guarded: guard, all: 'CU' }] as const;
      }),
      ...things,
    ]),
  };
}

function thingOf(database: string, [kind, schema, name, owner, items, mapped, server]: GuardedRow, version: number) {
  const acl = joined(parseAcl(items ?? []), kind === 'table' ? SERVER_TABLE : items === null ? { '': 'X' } : {});
  const key = placed(database, kind === 'table' ? qualified(schema, name) : name);
  return [key, { guarded: { owner, acl }, all: ownerLetters(kind, version), mapped, server }] as const;
}

type CodeRow = readonly [signature: string, body: string];

/** A function that runs as its caller is part of what calls it: its body counts there. */
function withCode(carriers: readonly Carrier[], code: readonly CodeRow[]): readonly Carrier[] {
  const all = code.map(([signature, body]) => ({ signature, body, plain: plainOf(signature) }));
  const reached = (text: string): string => {
    const found = new Set<string>();
    let whole = text;
    for (let more = [text]; more.length > 0; ) {
      const mentions = more.map(wordsOf);
      const next = all.filter(({ signature, plain }) => !found.has(signature) && mentions.some((one) => one(plain)));
      for (const { signature } of next) found.add(signature);
      more = next.map(({ body }) => body);
      whole = [whole, ...more].join('\n');
    }
    return whole;
  };
  return carriers.flatMap((one) => {
    if (one.body !== null) return [{ ...one, body: reached(one.body) }];
    const called = one.kind === 'view' ? undefined : all.find(({ signature }) => signature === one.needs?.[1]);
    return called ? [one, { ...one, needs: null, body: reached(called.body) }] : [one];
  });
}

type SpaceRow = readonly [name: string, owner: string, acl: readonly string[] | null, names: readonly string[]];

function carrierOf(database: string, row: CarrierRow): Carrier {
  const [kind, name, owner, user, acl, spaceOwner, space, schema, relation, body, policies, runs, signature] = row;
  const door = kind === 'function' && acl === null ? { owner: user, acl: { '': 'X' } } : guardedBy(user, acl);
  const needs = schema === null ? null : ([schema, signature ?? qualified(schema, relation ?? '')] as const);
  return { database, kind, name, owner, door, space: guardedBy(spaceOwner, space), needs, body, policies, runs };
}

function guardedBy(owner: string, acl: readonly string[] | null): Guarded {
  return { owner, acl: parseAcl(acl ?? []) };
}
