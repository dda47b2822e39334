import type { PlacementStatus } from '../../../model/index.ts';
import { parseAclLine } from '../acl.ts';
import { connectionsOf } from './clients.ts';
import { type Connection, listOf } from '../connect/connection.ts';
import { ENGINE, type Input } from '../compile/draft.ts';
import { startsWith } from '../glob.ts';
import { isLedger } from '../marks/ledger.ts';
import { loginsOf } from '../compile/logins.ts';
import { placeOf } from '../retire/retire.ts';
import { userOf, prefixOfApp } from '../compile/places.ts';
import type { Mark } from '../marks/mark.ts';
import { type Place, sampleSizes } from './sample.ts';

/** Where the keys of each app are. A mark knows the number of a database that the server has chosen. */
export function placesOf(input: Input, marks: ReadonlyMap<string, Mark>): readonly Place[] {
  return input.placements.map((placed) => ({
    app: placed.app,
    access: placed.placement.isolation,
    prefix: prefixOfApp(placed),
    database: marks.get(userOf(placed))?.database ?? placed.placement.database ?? null,
  }));
}

/** One row for each placement: where it lives, about how much it keeps, how many connections it has. */
export async function usage(input: Input, connection: Connection): Promise<readonly PlacementStatus[]> {
  const [list, clients] = await connection.pipeline([
    ['ACL', 'LIST'],
    ['CLIENT', 'LIST'],
  ]);
  if (list instanceof Error) throw list;
  const users = listOf(list).map((line) => parseAclLine(String(line)));
  const ours = users.flatMap((user) =>
    user.mark?.project === input.project && !isLedger(user.name) ? [{ ...user, mark: user.mark }] : [],
  );
  const byUser = new Map(ours.map((user) => [user.name, user]));
  const connections = connectionsOf(String(clients));
  const sizes = await sampleSizes(connection, placesOf(input, new Map(ours.map(({ name, mark }) => [name, mark]))));
  const base = { instance: input.name, engine: ENGINE, connectionLimit: null };
  const state = (user: string): 'ready' | 'incomplete' | 'absent' => {
    const found = byUser.get(user);
    return found === undefined ? 'absent' : found.enabled && found.mark.applied !== undefined ? 'ready' : 'incomplete';
  };
  const apps = input.placements.map((placed): PlacementStatus => {
    const users = loginsOf(placed).map((one) => one.user);
    const user = userOf(placed);
    const { isolation, database } = placed.placement;
    const number = byUser.get(user)?.mark.database ?? database;
    return {
      ...base,
      app: placed.app,
      isolation,
      location:
        isolation === 'prefix' ? startsWith(prefixOfApp(placed)) : isolation === 'database' ? `database ${number ?? '?'}` : 'the server',
      size: sizes.get(placed.app) ?? null,
      connections: users.reduce((sum, one) => sum + (connections.get(one) ?? 0), 0),
      state: users.map(state).find((one) => one !== 'ready') ?? 'ready',
    };
  });
  const readers = input.readers.map(
    (reader): PlacementStatus => ({
      ...base,
      app: reader.name,
      isolation: 'reader',
      location: reader.reads.join(', '),
      size: null,
      connections: connections.get(reader.name) ?? 0,
      state: state(reader.name),
    }),
  );
  const named = new Set([...input.placements.map((one) => one.app), ...input.readers.map((one) => one.name)]);
  const gone = ours
    .filter(({ mark }) => mark.retired !== undefined || !named.has(mark.app))
    .map(({ mark }): PlacementStatus => {
      const { app, retired, access = 'prefix', prefix = '', database = 0 } = mark;
      const location = placeOf({ access, prefix, database });
      const row = { ...base, app, isolation: '', location, size: null, connections: null };
      return retired === undefined ? { ...row, state: 'incomplete' } : { ...row, state: 'retired', retired };
    });
  return [...apps, ...readers, ...gone];
}
