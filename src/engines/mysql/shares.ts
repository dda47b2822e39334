import type { Observation } from '../../engine/index.ts';
import type { Path, ShareStatus } from '../../model/index.ts';
import { lookUp } from '../../util/record.ts';
import { accountKey } from './observe/catalog.ts';
import type { Draft, Input } from './compile/draft.ts';
import { factsOf } from './observe/facts.ts';
import { keyOf, listOf } from './grants.ts';
import { loginsOf } from './compile/logins.ts';
import { namesOf } from './names.ts';
import type { Grants } from './spec.ts';
import { isKind } from './spec.ts';

/** Everything that one app lets another read. */
export interface Pair {
  readonly from: string;
  readonly to: string;
  readonly database: string;
  readonly tables: readonly { readonly table: string; readonly columns: readonly string[] | null }[];
  readonly path: Path;
}

const known = new WeakMap<Input, readonly Pair[]>();

/** Shares by grant, those between the same two apps put together. A table that is shared whole needs no columns. */
export function pairsOf(input: Input): readonly Pair[] {
  const found = known.get(input) ?? pairAll(input);
  known.set(input, found);
  return found;
}

function pairAll(input: Input): readonly Pair[] {
  const placed = new Map(input.placements.map(({ app, placement }) => [app, placement]));
  const grants = input.shares.filter((share) => share.via === 'grant' && placed.has(share.from) && placed.has(share.to));
  return [...Map.groupBy(grants, ({ from, to }) => JSON.stringify([from, to])).values()].flatMap((shares) => {
    const [first] = shares;
    if (!first) return [];
    const tables = new Map<string, Set<string> | null>();
    for (const { tables: names, columns } of shares) {
      for (const table of names) {
        const before = tables.get(table);
        tables.set(table, columns === null || before === null ? null : new Set([...(before ?? []), ...columns]));
      }
    }
    const list = [...tables].map(([table, columns]) => ({ table, columns: columns && [...columns] }));
    const { from, to, path } = first;
    return [{ from, to, path, database: namesOf(from, placed.get(from)).database, tables: list }];
  });
}

/** The grants that a pair comes to, for each account of the app that reads. */
export function grantsOf({ database, tables }: Pair): Grants {
  return Object.fromEntries(
    tables.flatMap(({ table, columns }) =>
      columns === null
        ? [[keyOf(['table', database, table]), 'SELECT']]
        : columns.map((column) => [keyOf(['column', database, table, column]), 'SELECT']),
    ),
  );
}

const NAME_LIMIT = 64;

/** What can be said of shares before a server is asked. */
export function compileShares(draft: Draft): void {
  for (const { tables, columns, via, path } of draft.input.shares) {
    if (via !== 'grant') continue;
    for (const [field, list] of [
      ['tables', tables],
      ['columns', columns ?? []],
    ] as const) {
      for (const [index, name] of list.entries()) {
        const at = [...path, field, index];
        if (name.length > NAME_LIMIT) draft.error('CT2002', `"${name}" has ${name.length} characters; a name holds ${NAME_LIMIT}`, at);
        else if (/[\u0000-\u001f]/.test(name)) draft.error('CT2003', 'a name cannot hold control characters', at);
      }
    }
  }
  for (const pair of pairsOf(draft.input)) {
    const tables = pair.tables.map(({ table, columns }) => (columns === null ? table : `${table} (${columns.join(', ')})`)).join(', ');
    draft.relax(
      pair.to,
      `share of ${pair.from}`,
      `${pair.to} may read ${tables} of ${pair.from}, and so hold up changes of these tables`,
      pair.path,
    );
  }
}

/** Every share of the instance, as it stands on the server. */
export function shares(input: Input, observation: Observation): readonly ShareStatus[] {
  const { missing } = factsOf(observation.server);
  return pairsOf(input).map((pair): ShareStatus => {
    const wanted = Object.keys(grantsOf(pair));
    const placement = input.placements.find((one) => one.app === pair.to)?.placement;
    const user = placement ? loginsOf(pair.to, placement)[0].slots[0] : namesOf(pair.to).logins[0];
    const held = (placement?.hosts ?? input.config.hosts).map((host) => grantsIn(observation, accountKey({ user, host })));
    const open = wanted.filter((key) => held.every((grants) => listOf(lookUp(grants, key)).includes('SELECT')));
    return {
      from: pair.from,
      to: pair.to,
      instance: input.name,
      engine: 'mysql',
      tables: pair.tables,
      location: `database ${pair.database}`,
      state: open.length === 0 ? 'absent' : open.length === wanted.length ? 'ready' : 'incomplete',
      missing: wanted.filter((key) => missing.has(key)).map((key) => (JSON.parse(key) as string[]).slice(2).join('.')),
    };
  });
}

function grantsIn({ resources }: Observation, account: string): Grants {
  const found = resources.find((one) => isKind(one, 'account') && one.address.name === account);
  return found && isKind(found, 'account') ? found.spec.grants : {};
}
