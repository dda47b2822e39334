import { type Demand, overdrawn } from '../../../engine/index.ts';
import type { Draft, Input } from './draft.ts';
import { loginsOf } from './logins.ts';

/** Sessions of a reader that the manifest gives no number. */
export const READER_CONNECTIONS = 5;

/** What each app and reader may open at most: the limit counts for each account, and there is one for each host pattern. */
function demands(input: Input): readonly Demand[] {
  const { hosts } = input.config;
  return [
    ...input.placements.map(({ app, placement }) => ({
      who: app,
      connections: loginsOf(app, placement).reduce((sum, one) => sum + one.connections * (one.hosts ?? hosts).length, 0),
    })),
    ...input.readers.map((reader) => ({ who: reader.name, connections: (reader.connections ?? READER_CONNECTIONS) * hosts.length })),
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
