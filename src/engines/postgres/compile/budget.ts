import type { Demand } from '../../../engine/index.ts';
import type { Placement } from '../config.ts';
import type { Input } from './draft.ts';
import { connectionsOf } from './logins.ts';
import { pairsOf, SHARE_CONNECTIONS } from '../shares/shares.ts';
import { ownDatabaseNames, rowSpaceNames, spacesOf } from './spaces.ts';

/** What the login that changes the shared tables of a database may open. */
export const MIGRATOR_CONNECTIONS = 5;

/** Limits that adopted logins and databases keep, by their names on the server. */
export interface KeptLimits {
  readonly logins: ReadonlyMap<string, number>;
  readonly databases: ReadonlyMap<string, number>;
}

const NOTHING: KeptLimits = { logins: new Map(), databases: new Map() };

/** All logins of an app; a limit of its own database bounds them. */
function together(app: string, placement: Placement, kept: KeptLimits): number {
  const own = placement.isolation === 'database' ? kept.databases.get(ownDatabaseNames(app, placement).database) : undefined;
  const database = placement.databaseConnections ?? own ?? Number.POSITIVE_INFINITY;
  return Math.min(connectionsOf(app, placement, kept.logins), database);
}

/** What each app and reader may open at most. `kept`: what only the server can tell. */
export function demands(input: Input, kept: KeptLimits = NOTHING): readonly Demand[] {
  return [
    ...input.placements.map(({ app, placement }) => ({ who: app, connections: together(app, placement, kept) })),
    ...input.readers.map((reader) => ({ who: reader.name, connections: reader.connections ?? 5 })),
    ...pairsOf(input).flatMap(({ across }) => (across ? [{ who: across.login, connections: SHARE_CONNECTIONS }] : [])),
    ...spacesOf(input)
      .filter((space) => space.apps.some((app) => app.placement.isolation === 'rows'))
      .map((space) => ({ who: rowSpaceNames(space).migrators[0], connections: MIGRATOR_CONNECTIONS })),
  ];
}
