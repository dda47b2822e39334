import type { Observation } from '../../engine/index.ts';
import { addressKey } from '../../model/index.ts';
import { compile } from './compile.ts';
import type { Draft } from './draft.ts';
import { pairsFrom } from './shares.ts';
import { isKind } from './spec.ts';

/** Shared tables that their app has not made yet: they are opened by the first apply after that. */
export function judgeShares(draft: Draft, observation: Observation): void {
  if (draft.input.shares.length === 0) return;
  const found = new Map(observation.resources.map((one) => [addressKey(one.address), one]));
  for (const one of compile(draft.input).resources) {
    if (!isKind(one, 'objects') || one.spec.shares === undefined || one.app === null) continue;
    const has = found.get(addressKey(one.address));
    const absent = new Set(has && isKind(has, 'objects') ? has.spec.absent : one.spec.shares.map(({ table }) => table));
    for (const { to, tables, path } of pairsFrom(draft.input, one.app)) {
      const missing = tables.flatMap(({ table, columns }) =>
        absent.has(table) ? [table] : (columns ?? []).map((column) => `${table}.${column}`).filter((name) => absent.has(name)),
      );
      if (missing.length === 0) continue;
      draft.warn(
        'CT2025',
        `app "${one.app}" shares with "${to}" what it does not have yet on "${draft.input.name}": ${missing.join(', ')}`,
        path,
        'nothing of it is open; run apply again when the app has made it',
      );
    }
  }
}
