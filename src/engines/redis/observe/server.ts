import { type Connection, listOf } from '../connection.ts';

/** What decides which walls a server can build. */
export interface ServerFacts {
  readonly product: 'redis' | 'valkey';
  readonly version: string;
  readonly user: string;
  /** The server has `db=` rules, so that a database can be a wall. */
  readonly databaseRules: boolean;
  readonly databases: number;
  /** How users survive a restart. `unknown`: this admin may not ask. */
  readonly saving: 'aclfile' | 'config' | 'none' | 'unknown';
  /** Where they are kept; '' where that is nowhere or cannot be asked. */
  readonly usersFile: string;
  readonly cluster: boolean;
  /** It watches other servers, and keeps no keys. */
  readonly sentinel: boolean;
  /** Of a replica: the server that it follows, as host:port; else ''. */
  readonly follows: string;
  /** Servers that follow this one. */
  readonly replicas: number;
  readonly role: string;
  /** 0: no limit. -1: this admin may not ask. */
  readonly maxmemory: number;
  readonly policy: string;
  readonly maxclients: number;
  /** Replicas whose connection is the user `default`'s. */
  readonly defaultReplicas: number;
  /** As whom replicas are logged in, with blanks between. */
  readonly replicaUsers: string;
}

const SETTINGS = ['aclfile', 'databases', 'maxmemory', 'maxmemory-policy', 'maxclients'] as const;

export async function readServer(connection: Connection, user: string): Promise<ServerFacts> {
  const [info, replicas, ...settings] = await connection.pipeline([
    ['INFO', 'everything'],
    ['CLIENT', 'LIST', 'TYPE', 'replica'],
    ...SETTINGS.map((name) => ['CONFIG', 'GET', name]),
  ]);
  if (info instanceof Error) throw info;
  const fields = infoFields(String(info));
  const setting = (name: (typeof SETTINGS)[number]): string | null => {
    const [, value] = listOf(settings[SETTINGS.indexOf(name)]);
    return typeof value === 'string' ? value : null;
  };
  const valkey = fields.get('valkey_version');
  const version = valkey ?? fields.get('redis_version') ?? '0';
  const aclfile = setting('aclfile');
  const configFile = fields.get('config_file') ?? '';
  const mode = fields.get('redis_mode') ?? fields.get('server_mode');
  return {
    product: valkey === undefined ? 'redis' : 'valkey',
    version,
    user,
    databaseRules: valkey !== undefined && compareVersions(version, '9.1') >= 0,
    databases: Number(setting('databases') ?? 16),
    saving: aclfile === null ? 'unknown' : aclfile !== '' ? 'aclfile' : configFile !== '' ? 'config' : 'none',
    usersFile: aclfile !== null && aclfile !== '' ? aclfile : configFile,
    cluster: mode === 'cluster',
    sentinel: mode === 'sentinel',
    follows: fields.has('master_host') ? `${fields.get('master_host')}:${fields.get('master_port')}` : '',
    replicas: Number(fields.get('connected_slaves') ?? 0),
    role: fields.get('role') ?? '',
    maxmemory: Number(setting('maxmemory') ?? -1),
    policy: setting('maxmemory-policy') ?? '',
    maxclients: Number(setting('maxclients') ?? fields.get('maxclients') ?? -1),
    replicaUsers: [...new Set(String(replicas instanceof Error ? '' : replicas).match(/(?<= user=)\S+/g))].sort().join(' '),
    defaultReplicas: String(replicas instanceof Error ? '' : replicas)
      .split('\n')
      .filter((line) => / user=default /.test(`${line} `)).length,
  };
}

/** The `name:value` lines of INFO. */
export function infoFields(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const at = line.indexOf(':');
      return at === -1 || line.startsWith('#') ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
}

/** Less than 0 where `a` is older. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map((part) => Number.parseInt(part, 10));
  const right = b.split('.').map((part) => Number.parseInt(part, 10));
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** As they stand in an observation. */
export function factsOf(server: Readonly<Record<string, string | number | boolean>>): ServerFacts {
  const { product, saving } = server;
  return {
    product: product === 'valkey' ? 'valkey' : 'redis',
    version: String(server['version']),
    user: String(server['user']),
    databaseRules: server['databaseRules'] === true,
    databases: Number(server['databases']),
    saving: saving === 'aclfile' || saving === 'config' || saving === 'none' ? saving : 'unknown',
    usersFile: String(server['usersFile'] ?? ''),
    cluster: server['cluster'] === true,
    sentinel: server['sentinel'] === true,
    follows: String(server['follows'] ?? ''),
    replicas: Number(server['replicas'] ?? 0),
    role: String(server['role']),
    maxmemory: Number(server['maxmemory']),
    policy: String(server['policy']),
    maxclients: Number(server['maxclients']),
    defaultReplicas: Number(server['defaultReplicas']),
    replicaUsers: String(server['replicaUsers'] ?? ''),
  };
}
