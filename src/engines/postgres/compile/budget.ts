import type { Demand } from '../../../engine/index.ts';
import type { Placement } from '../config.ts';
import type { Input } from './draft.ts';
import { connectionsOf } from './logins.ts';
import { pairsOf, SHARE_CONNECTIONS } from '../shares/shares.ts';
import { rowSpaceNames, spacesOf } from './spaces.ts';

/** What the login that changes the shared tables of a database may open. */
export const MIGRATOR_CONNECTIONS = 5;

/** All logins of an app; a limit of its own database bounds them. */
function together(app: string, placement: Placement): number {
  return Math.min(connectionsOf(app, placement), placement.databaseConnections ?? Number.POSITIVE_INFINITY);
}

/** What each app and reader may open at most. */
export function demands(input: Input): readonly Demand[] {
  return [
    ...input.placements.map(({ app, placement }) => ({ who: app, connections: together(app, placement) })),
    ...input.readers.map((reader) => ({ who: reader.name, connections: reader.connections ?? 5 })),
    ...pairsOf(input).flatMap(({ across }) => (across ? [{ who: across.login, connections: SHARE_CONNECTIONS }] : [])),
    ...spacesOf(input)
      .filter((space) => space.apps.some((app) => app.placement.isolation === 'rows'))
      .map((space) => ({ who: rowSpaceNames(space).migrators[0], connections: MIGRATOR_CONNECTIONS })),
  ];
}
