import type { Observation } from '../../engine/index.ts';
import type { Diagnostic } from '../../model/index.ts';
import { Draft, type Input } from './draft.ts';

/** What each app and reader may open at most. */
function demands(input: Input): readonly { readonly who: string; readonly connections: number }[] {
  return [
    ...input.placements.map(({ app, placement }) => ({ who: app, connections: placement.connections })),
    ...input.readers.map((reader) => ({ who: reader.name, connections: reader.connections ?? 5 })),
  ];
}

/** Finds the place where the limits add up to more than there is, with the arithmetic in the message. */
export function budget(draft: Draft, available: number, how: string): void {
  const all = demands(draft.input);
  const sum = all.reduce((total, demand) => total + demand.connections, 0);
  if (sum <= available) return;
  const largest = [...all].sort((a, b) => b.connections - a.connections)[0];
  const where = draft.input.placements.find((placement) => placement.app === largest?.who);
  draft.error(
    'CT2004',
    `the apps on "${draft.input.name}" may open ${sum} connections, but ${available} are there (${how}): ${all.map((demand) => `${demand.who} ${demand.connections}`).join(' + ')} = ${sum}`,
    where ? [...where.path, 'connections'] : draft.input.path,
    'lower some limits, raise max_connections, or put a pooler in front',
  );
}

/** What only the server can tell: whether the limits fit, which version it is, what this admin cannot do. */
export function judge(input: Input, observation: Observation): readonly Diagnostic[] {
  const draft = new Draft(input);
  const { server } = observation;
  const max = Number(server['maxConnections']);
  const reserved = Number(server['reservedConnections']);
  const { reserve } = input.config.connections;
  if (Number.isFinite(max)) budget(draft, max - reserved - reserve, `max_connections ${max} − reserved ${reserved} − reserve ${reserve}`);
  return draft.done().diagnostics;
}
