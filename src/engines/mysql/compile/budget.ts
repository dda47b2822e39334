import type { Demand } from '../../../engine/index.ts';
import type { Input } from './draft.ts';
import { accountKey } from '../observe/catalog.ts';
import { type AppLogin, loginsOf } from './logins.ts';

/** Sessions of a reader that the manifest gives no number. */
export const READER_CONNECTIONS = 5;

/**
 * What each app and reader may open at most: the limit counts for each account, and there is one for each host pattern. `kept`:
 * limits that adopted accounts have and keep, by `user@host`; only the server can tell them.
 */
export function demands(input: Input, kept: ReadonlyMap<string, number> = new Map()): readonly Demand[] {
  const { hosts } = input.config;
  const ofLogin = ({ slots: [user], connections, hosts: own }: AppLogin): number =>
    (own ?? hosts).reduce((sum, host) => sum + (kept.get(accountKey({ user, host })) ?? connections), 0);
  return [
    ...input.placements.map(({ app, placement }) => ({
      who: app,
      connections: loginsOf(app, placement).reduce((sum, one) => sum + ofLogin(one), 0),
    })),
    ...input.readers.map((reader) => ({ who: reader.name, connections: (reader.connections ?? READER_CONNECTIONS) * hosts.length })),
  ];
}
