import type { Demand } from '../../../engine/index.ts';
import type { Input } from './draft.ts';
import { loginsOf } from './logins.ts';

/** Sessions of a reader that the manifest gives no number. */
export const READER_CONNECTIONS = 5;

/** What each app and reader may open at most: the limit counts for each account, and there is one for each host pattern. */
export function demands(input: Input): readonly Demand[] {
  const { hosts } = input.config;
  return [
    ...input.placements.map(({ app, placement }) => ({
      who: app,
      connections: loginsOf(app, placement).reduce((sum, one) => sum + one.connections * (one.hosts ?? hosts).length, 0),
    })),
    ...input.readers.map((reader) => ({ who: reader.name, connections: (reader.connections ?? READER_CONNECTIONS) * hosts.length })),
  ];
}
