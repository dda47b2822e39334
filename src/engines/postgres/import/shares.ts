import { plainText } from '../../../engine/index.ts';
import type { FoundApp } from './found.ts';

/** Tables of one app in a shared database that a login of another app there may read, as entries of `shares`. */
export function importShares(
  apps: readonly FoundApp[],
  names: ReadonlyMap<FoundApp, string>,
): readonly Readonly<Record<string, unknown>>[] {
  return apps.flatMap((to) =>
    apps
      .filter((from) => from !== to && from.schema !== null && from.database === to.database)
      .flatMap((from) => {
        const tables = [...new Set(to.logins.flatMap(({ row }) => readIn(from, row[0])))].sort();
        const share = { from: names.get(from), to: names.get(to), via: 'grant' };
        return tables.length === 0 ? [] : [{ ...share, tables: tables.map(plainText) }];
      }),
  );
}

/** Tables and views in the schema of an app that a login can read. */
function readIn({ database, schema }: FoundApp, login: string): readonly string[] {
  return (database.reach?.reach ?? []).flatMap(([who, where, kind, , , letters, , names]) =>
    who === login && where === schema && kind !== 'S' && letters.includes('r') ? names : [],
  );
}
