import type { Draft, Input } from './draft.ts';

/** Sessions of a reader that the manifest gives no number. */
export const READER_CONNECTIONS = 5;

/** What each app and reader may open at most: the limit counts for each account, and there is one for each host pattern. */
function demands(input: Input): readonly { readonly who: string; readonly connections: number }[] {
  const { hosts } = input.config;
  return [
    ...input.placements.map(({ app, placement }) => ({
      who: app,
      connections: placement.connections * (placement.hosts ?? hosts).length,
    })),
    ...input.readers.map((reader) => ({ who: reader.name, connections: (reader.connections ?? READER_CONNECTIONS) * hosts.length })),
  ];
}

/** Finds the place where the limits add up to more than there is, with the arithmetic in the message. */
export function budget(draft: Draft, available: number, how: string): void {
  const all = demands(draft.input);
  const sum = all.reduce((total, demand) => total + demand.connections, 0);
  if (sum <= available) return;
  const largest = [...all].sort((a, b) => b.connections - a.connections)[0];
  const where = draft.input.placements.find((placement) => placement.app === largest?.who);
  const terms = all.map((demand) => `${demand.who} ${demand.connections}`).join(' + ');
  draft.error(
    'CT2004',
    `the apps on "${draft.input.name}" may open ${sum} connections, but ${available} are there (${how}): ${terms} = ${sum}`,
    where ? [...where.path, 'connections'] : draft.input.path,
    'lower some limits, raise max_connections, or put a pooler in front',
  );
}
