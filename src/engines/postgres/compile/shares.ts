import type { ShareInput } from '../../../engine/index.ts';
import { addAcross } from './across.ts';
import type { Draft } from './draft.ts';
import { type Pair, pairsOf } from '../shares/shares.ts';

const NAME_LIMIT = 63;

/** What shares need besides the rights on the tables, which stand with the objects of their app. */
export function compileShares(draft: Draft): void {
  for (const share of draft.input.shares) if (share.via === 'grant') check(draft, share);
  const prepared = new Set<string>();
  for (const pair of pairsOf(draft.input)) {
    const { from, to, across } = pair;
    const opens = `${to} may read ${tablesOf(pair)} of ${from}`;
    draft.relax(to, `share of ${from}`, across ? opens : `${opens}, and so hold up changes of these tables`, pair.path);
    if (across) addAcross(draft, pair, across, prepared);
  }
}

function check(draft: Draft, share: ShareInput): void {
  const { from, to, tables, columns, path } = share;
  for (const [end, app] of [
    ['from', from],
    ['to', to],
  ] as const) {
    const placed = draft.input.placements.find((one) => one.app === app);
    if (placed?.placement.isolation !== 'rows') continue;
    draft.error(
      'CT2018',
      `app "${app}" lives at level rows on "${draft.input.name}": ${
        end === 'from'
          ? 'its rows lie in the tables of all, which no grant opens for one workspace'
          : 'its login has no rights but those of all apps of its database'
      }`,
      [...path, end],
      'place it at level schema or database, or remove the share',
    );
  }
  const names: readonly (readonly [string, readonly string[]])[] = [
    ['tables', tables],
    ['columns', columns ?? []],
  ];
  for (const [field, list] of names)
    for (const [index, name] of list.entries()) {
      const bytes = Buffer.byteLength(name);
      if (bytes > NAME_LIMIT) draft.error('CT2002', `"${name}" has ${bytes} bytes; a name holds ${NAME_LIMIT}`, [...path, field, index]);
    }
}

/** `orders, items (id, total)` */
function tablesOf({ tables }: Pair): string {
  return tables.map(({ table, columns }) => (columns === null ? table : `${table} (${columns.join(', ')})`)).join(', ');
}
