import {
  clockSkew,
  common,
  type Doctor,
  type DoctorLimits,
  type DoctorRequest,
  type Examination,
  Examining,
  missingThings,
  serverFull,
  versionOver,
} from '../../../engine/index.ts';
import { DiagnosticError } from '../../../model/index.ts';
import { bytes } from '../../../util/bytes.ts';
import { compile } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import { type Connection, listOf } from '../connect/connection.ts';
import { errorCode } from '../connect/trouble.ts';
import { connectionsOf } from '../observe/clients.ts';
import { infoFields } from '../observe/server.ts';
import { own } from './checks.ts';
import { lifetimes } from './lifetimes.ts';

const SERIOUS = 0.95;
const WHERE = 'the client of the server (`cotenant connect`, or redis-cli)';

type Fields = ReadonlyMap<string, string>;

/** Five commands, whatever the number of apps. No key, no value and no argument of a command is read. */
export class RedisDoctor implements Doctor {
  readonly #input: Input;
  readonly #connection: Connection;

  constructor(input: Input, connection: Connection) {
    this.#input = input;
    this.#connection = connection;
  }

  async examine(request: DoctorRequest): Promise<Examination> {
    const on = new Examining((error) => error instanceof DiagnosticError || errorCode(error) !== '');
    const send = async (checks: readonly string[], ...words: readonly string[]): Promise<unknown> =>
      await on.ask(checks, () => this.#connection.send(...words));
    const info = await send([common.version, own.unlimited, own.evicting, own.memory, own.failing, own.replica], 'INFO', 'everything');
    const fields = typeof info === 'string' ? infoFields(info) : null;
    const before = Date.now();
    const time = listOf(await send([common.clock], 'TIME'));
    const after = Date.now();
    if (time.length === 2) clockSkew(on, { before, after, there: 1000 * Number(time[0]) + Number(time[1]) / 1000 }, request.limits.skew);
    const users = await send([common.missing], 'ACL', 'USERS');
    if (users !== null) this.#missing(on, new Set(listOf(users).map(String)));
    const clients = await send([common.serverFull], 'CLIENT', 'LIST');
    const save = listOf(await send([own.unsaved], 'CONFIG', 'GET', 'save'));
    if (!fields) return on.end();
    const valkey = fields.get('valkey_version');
    versionOver(on, lifetimes[valkey === undefined ? 'redis' : 'valkey'], valkey ?? fields.get('redis_version') ?? '', request);
    if (typeof clients === 'string') this.#connections(on, clients, fields, request.limits);
    this.#memory(on, fields, request.limits);
    persistence(on, fields, save.length === 2 ? String(save[1]) : null);
    if (fields.get('master_link_status') === 'down')
      on.found(own.replica, 'warning', {
        apps: [],
        what: `this is a replica of ${fields.get('master_host') ?? ''}:${fields.get('master_port') ?? ''}, and the link is down`,
        evidence: { primary: `${fields.get('master_host') ?? ''}:${fields.get('master_port') ?? ''}` },
        remedy: [{ say: 'see why', where: WHERE, text: 'INFO replication' }],
      });
    return on.end();
  }

  #missing(on: Examining, users: ReadonlySet<string>): void {
    const gone = compile(this.#input).resources.filter(({ address: { kind, name } }) => kind === 'user' && !users.has(name));
    missingThings(
      on,
      gone.map(({ app, address }) => ({ app, what: `login "${address.name}"`, held: false })),
    );
  }

  #connections(on: Examining, list: string, fields: Fields, { full }: DoctorLimits): void {
    const apps = new Map(compile(this.#input).resources.flatMap(({ app, address }) => (app === null ? [] : [[address.name, app]])));
    const holders = Map.groupBy(connectionsOf(list), ([user]) => apps.get(user) ?? `login "${user}"`);
    const sums = [...holders].map(([who, some]) => ({ who, open: some.reduce((sum, [, n]) => sum + n, 0) }));
    serverFull(on, sums, Number(fields.get('maxclients') ?? 0), full);
  }

  #memory(on: Examining, fields: Fields, { full }: DoctorLimits): void {
    const [most, used, evicted] = ['maxmemory', 'used_memory', 'evicted_keys'].map((name) => Number(fields.get(name) ?? 0));
    const policy = fields.get('maxmemory_policy') ?? '';
    if (!most)
      on.found(own.unlimited, 'warning', {
        apps: [],
        what: `memory has no limit (maxmemory 0, ${policy}); ${bytes(used ?? 0)} are in use`,
        evidence: { policy, used: used ?? 0 },
        remedy: [
          { say: 'choose a limit below what the machine has, and set it in the configuration', where: WHERE, text: 'CONFIG GET maxmemory' },
        ],
      });
    const isAll = policy.startsWith('allkeys-');
    if ((isAll || policy.startsWith('volatile-')) && this.#input.config.eviction !== 'allow')
      on.found(own.evicting, isAll ? 'error' : 'warning', {
        apps: [],
        what: `with maxmemory-policy ${policy} the server throws away keys of any app when memory is full; it has thrown away ${evicted ?? 0} since it began`,
        evidence: { policy, evicted: evicted ?? 0 },
        remedy: [
          {
            say: 'if no app counts on it: writes are then refused in place of it, when memory is full',
            where: WHERE,
            text: 'CONFIG SET maxmemory-policy noeviction',
          },
        ],
      });
    if (most && used !== undefined && used >= full * most)
      on.found(own.memory, used >= SERIOUS * most ? 'error' : 'warning', {
        apps: [],
        what: `${bytes(used)} of ${bytes(most)} of memory are in use (${Math.floor((100 * used) / most)} %)`,
        evidence: { used, limit: most },
        remedy: [
          { say: 'see about how much each app keeps', where: 'a shell', text: 'cotenant status' },
          { say: 'raise maxmemory where the machine has more' },
        ],
      });
  }
}

/** `save`: the points at which it saves; null: it does not say. */
function persistence(on: Examining, fields: Fields, save: string | null): void {
  const failing = ['rdb_last_bgsave_status', 'aof_last_write_status', 'aof_last_bgrewrite_status'].filter(
    (name) => fields.get(name) === 'err',
  );
  if (failing.length > 0)
    on.found(own.failing, 'error', {
      apps: [],
      what: `saving to the disk fails: ${failing.join(', ')}; ${fields.get('rdb_changes_since_last_save') ?? '?'} changes since the last save`,
      evidence: Object.fromEntries(failing.map((name) => [name, 'err'])),
      remedy: [
        { say: 'make room on the disk, or give the folder back to the server', where: WHERE, text: 'CONFIG GET dir' },
        { say: 'then have it save at once', where: WHERE, text: 'BGSAVE' },
      ],
    });
  const keys = [...fields.keys()].some((name) => /^db\d+$/.test(name));
  if (save === '' && fields.get('aof_enabled') === '0' && keys)
    on.found(own.unsaved, 'info', {
      apps: [],
      what: 'nothing is saved (no save points, no append-only file): a restart loses all keys',
      evidence: { save: 'never', aof: 'off' },
      remedy: [
        { say: 'where the keys are more than a cache, and in the configuration as well', where: WHERE, text: 'CONFIG SET appendonly yes' },
      ],
    });
}
