import type { PlacementStatus } from '../../../model/index.ts';
import { ENGINE, type Input, userOf } from '../compile/draft.ts';
import type { Connection } from '../connect/connection.ts';
import { sessionsOf } from '../connect/sessions.ts';
import { type Mark, readMark } from '../marks/mark.ts';
import { countsOf } from './graph.ts';
import { usersOf } from './observe.ts';

/** One row for each placement, and for each app that a mark tells of. */
export async function usage(input: Input, connection: Connection): Promise<readonly PlacementStatus[]> {
  const users = await usersOf(connection);
  const names = new Set(users.map(({ name }) => name));
  const ours = users.flatMap(({ name }) => readMark(name) ?? []).filter(({ project, app }) => project === input.project && app !== '');
  const sessions = Map.groupBy(await sessionsOf(connection), ({ user }) => user);
  const { nodes, relationships } = await countsOf(connection, input.config.database);
  const held = `database ${input.config.database}: ${nodes} nodes, ${relationships} relationships`;
  // The server has no number of bytes for a database.
  const base = { instance: input.name, engine: ENGINE, size: null, connectionLimit: null };
  const live = new Map(ours.flatMap((mark) => (mark.retired === undefined ? [[mark.app, mark] as const] : [])));
  const apps = input.placements.map((placed): PlacementStatus => {
    const mark = live.get(placed.app);
    const user = userOf(placed);
    return {
      ...base,
      app: placed.app,
      isolation: placed.placement.isolation,
      location: held,
      connections: sessions.get(user)?.length ?? 0,
      state: !names.has(user) ? 'absent' : mark?.applied === undefined ? 'incomplete' : 'ready',
    };
  });
  const placed = new Set(input.placements.map(({ app }) => app));
  const gone = ours.filter(({ app, retired }) => retired !== undefined || !placed.has(app));
  return [...apps, ...gone.map((mark) => rowOfGone(mark, { ...base, location: held }))];
}

function rowOfGone({ app, retired }: Mark, base: Omit<PlacementStatus, 'app' | 'isolation' | 'connections' | 'state'>): PlacementStatus {
  const row = { ...base, app, isolation: '', connections: null };
  return retired === undefined ? { ...row, state: 'incomplete' } : { ...row, state: 'retired', retired };
}
