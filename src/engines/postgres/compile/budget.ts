import { type Demand, overdrawn } from '../../../engine/index.ts';
import type { Placement } from '../config.ts';
import type { Draft, Input } from './draft.ts';
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
function demands(input: Input): readonly Demand[] {
  return [
    ...input.placements.map(({ app, placement }) => ({ who: app, connections: together(app, placement) })),
    ...input.readers.map((reader) => ({ who: reader.name, connections: reader.connections ?? 5 })),
    ...pairsOf(input).flatMap(({ across }) => (across ? [{ who: across.login, connections: SHARE_CONNECTIONS }] : [])),
    ...spacesOf(input)
      .filter((space) => space.apps.some((app) => app.placement.isolation === 'rows'))
      .map((space) => ({ who: rowSpaceNames(space).migrators[0], connections: MIGRATOR_CONNECTIONS })),
  ];
}

/** Finds the place where the limits add up to more than there is, with the arithmetic in the message. */
export function budget(draft: Draft, available: number, how: string): void {
  const over = overdrawn(draft.input.name, demands(draft.input), available, how);
  if (!over) return;
  const where = draft.input.placements.find(({ app }) => app === over.largest);
  draft.error(
    'CT2004',
    over.message,
    where ? [...where.path, 'connections'] : draft.input.path,
    'lower some limits, raise max_connections, or put a pooler in front',
  );
}
