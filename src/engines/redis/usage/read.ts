import type { Counted, Figures, Round } from '../../../engine/index.ts';
import type { Connections, Pressure } from '../../../model/index.ts';
import { parseAclLine } from '../acl.ts';
import { compile } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import { type Connection, listOf } from '../connect/connection.ts';
import { placesOf } from '../observe/usage.ts';
import { sampleSizes } from '../observe/sample.ts';
import { infoFields } from '../observe/server.ts';

const NONE: Connections = { active: 0, idle: 0, idleInTransaction: 0, waiting: 0 };
/** As many as the server keeps unless it is told otherwise. */
const DENIALS = '128';

/** Three commands for a server, whatever the number of apps; with sizes a sample of keys, whose values are not read. */
export async function read(input: Input, connection: Connection, round: Round): Promise<Figures> {
  const { resources } = compile(input);
  const logins = new Map(resources.flatMap(({ app, address }) => (app === null || address.kind !== 'user' ? [] : [[address.name, app]])));
  const ask = async (name: string, ...words: readonly string[]): Promise<unknown> =>
    await round.ask(name, async () => await connection.send(...words));
  const info = await ask('info', 'INFO', 'everything');
  const fields = infoFields(typeof info === 'string' ? info : '');
  const list = await ask('clients', 'CLIENT', 'LIST');
  const clients = typeof list === 'string' ? clientsOf(list) : null;
  const denials = await ask('denials', 'ACL', 'LOG', DENIALS);
  const began = fields.get('run_id') ?? null;
  if (clients) countClients(round, clients, logins, began);
  if (denials !== null) countDenials(round, denials, logins, began);
  const states = clients === null ? null : statesOf(clients, logins);
  const number = (name: string): number | null => (fields.has(name) ? Number(fields.get(name)) : null);
  return {
    version: fields.get('valkey_version') ?? fields.get('redis_version') ?? '',
    uptime: number('uptime_in_seconds'),
    connections: { open: number('connected_clients'), max: number('maxclients'), reserved: 0 },
    apps: [...input.placements.map(({ app }) => [app, 'app'] as const), ...input.readers.map(({ name }) => [name, 'reader'] as const)].map(
      ([app, kind]) => ({
        app,
        kind,
        connections: states === null ? null : (states.get(app) ?? NONE),
        // The server knows no limit for a user.
        connectionLimit: null,
        // One command after the other: nobody waits for somebody's lock.
        blocked: states === null ? null : 0,
        oldestTransaction: null,
      }),
    ),
    others: states === null ? null : (states.get('') ?? NONE),
    waits: [],
    pressures: pressuresOf(fields),
    untold:
      clients?.some(({ has }) => has) === false
        ? ['commands and bytes of apps: this version of the server does not count them by connection']
        : [],
    sizes: round.sizes ? await sizes(input, connection, round) : null,
  };
}

interface Client {
  readonly id: string;
  readonly user: string;
  readonly state: keyof Connections;
  /** The server counts what a connection has sent. */
  readonly has: boolean;
  readonly work: Counted['work'];
}

/** A connection counts as active when it has sent something within the last second. One that waits for a value rests. */
function clientsOf(list: string): readonly Client[] {
  return list.split('\n').flatMap((line): readonly Client[] => {
    const field = (name: string): string | undefined => new RegExp(`(?:^| )${name}=(\\S*)`).exec(line)?.[1];
    const [id, user] = [field('id'), field('user')];
    if (id === undefined || user === undefined) return [];
    const rests = field('flags')?.includes('b') === true || field('idle') !== '0';
    const state = Number(field('multi') ?? -1) >= 0 ? 'idleInTransaction' : rests ? 'idle' : 'active';
    const counted = [
      ['calls', field('tot-cmds')],
      ['bytesIn', field('tot-net-in')],
      ['bytesOut', field('tot-net-out')],
    ].flatMap(([kind, value]) => (kind === undefined || value === undefined ? [] : [[kind, Number(value)] as const]));
    return [{ id, user, state, has: counted.length > 0, work: Object.fromEntries(counted) }];
  });
}

/** By app; under '' those of nobody here. */
function statesOf(clients: readonly Client[], logins: ReadonlyMap<string, string>): ReadonlyMap<string, Connections> {
  const states = new Map<string, Connections>();
  for (const { user, state } of clients) {
    const app = logins.get(user) ?? '';
    const before = states.get(app) ?? NONE;
    states.set(app, { ...before, [state]: before[state] + 1 });
  }
  return states;
}

/** What a connection did after the last round and before its end is seen by nobody. */
function countClients(round: Round, clients: readonly Client[], logins: ReadonlyMap<string, string>, began: string | null): void {
  const all = clients.flatMap(({ id, user, has, work }): readonly Counted[] => {
    const app = logins.get(user);
    return app === undefined || !has ? [] : [{ app, by: `${id} ${user}`, work }];
  });
  round.count('clients', all, began);
}

/** What was denied to a login. Of names that were only tried, and of the keys, nothing is kept. */
function countDenials(round: Round, denials: unknown, logins: ReadonlyMap<string, string>, began: string | null): void {
  const all = listOf(denials).flatMap((entry): readonly Counted[] => {
    const parts = listOf(entry).map(String);
    const field = (name: string): string => parts[parts.findIndex((part, at) => at % 2 === 0 && part === name) + 1] ?? '';
    const app = logins.get(field('username'));
    if (app === undefined) return [];
    const by = parts.includes('entry-id') ? field('entry-id') : ['reason', 'context', 'object', 'username'].map(field).join(' ');
    return [{ app, by, work: { denied: Number(field('count')) } }];
  });
  const none = [...new Set(logins.values())].map((app): Counted => ({ app, by: '', work: { denied: 0 } }));
  round.count('denials', [...none, ...all], began);
}

function pressuresOf(fields: ReadonlyMap<string, string>): readonly Pressure[] {
  if (!fields.has('used_memory')) return [];
  const [used = 0, most = 0, evicted = 0, rejected = 0] = ['used_memory', 'maxmemory', 'evicted_keys', 'rejected_connections'].map((name) =>
    Number(fields.get(name) ?? 0),
  );
  const policy = fields.get('maxmemory_policy');
  return [
    {
      metric: 'memory_used_bytes',
      title: 'memory',
      value: used,
      unit: 'bytes',
      limit: most === 0 ? null : most,
      ...(policy === undefined ? {} : { state: policy }),
    },
    { metric: 'evicted_keys', title: 'keys thrown away', value: evicted, unit: 'count', limit: null },
    { metric: 'rejected_connections', title: 'connections turned away', value: rejected, unit: 'count', limit: null },
  ];
}

async function sizes(input: Input, connection: Connection, round: Round): Promise<Figures['sizes']> {
  const found = await round.ask('sizes', async () => {
    const users = listOf(await connection.send('ACL', 'LIST')).map((line) => parseAclLine(String(line)));
    const marks = new Map(users.flatMap(({ name, mark }) => (mark?.project === input.project ? [[name, mark] as const] : [])));
    return await sampleSizes(connection, placesOf(input, marks));
  });
  return found === null ? null : new Map([...found].map(([app, bytes]) => [app, { bytes, exact: false }]));
}
