import { z } from 'zod';
import type { Observation } from '../../../engine/index.ts';
import { oncePer } from '../../../util/once.ts';
import { type Connection, listOf } from '../connect/connection.ts';

const factsSchema = z.object({
  product: z.enum(['redis', 'valkey']),
  version: z.string(),
  user: z.string(),
  /** The server has `db=` rules, so that a database can be a wall. */
  databaseRules: z.boolean(),
  databases: z.number(),
  /** How users survive a restart. `unknown`: this admin may not ask. */
  saving: z.enum(['aclfile', 'config', 'none', 'unknown']),
  /** Where they are kept; '' where that is nowhere or cannot be asked. */
  usersFile: z.string(),
  cluster: z.boolean(),
  /** It watches other servers, and keeps no keys. */
  sentinel: z.boolean(),
  /** Of a replica: the server that it follows, as host:port; else ''. */
  follows: z.string(),
  /** Servers that follow this one. */
  replicas: z.number(),
  role: z.string(),
  /** 0: no limit. -1: this admin may not ask. */
  maxmemory: z.number(),
  policy: z.string(),
  maxclients: z.number(),
  /** Whose serialised values are looked through before they are taken: `yes`, `no`, `clients`; '' where this admin may not ask. */
  sanitizing: z.string(),
  /** Replicas whose connection is the user `default`'s. */
  defaultReplicas: z.number(),
  /** As whom replicas are logged in. */
  replicaUsers: z.array(z.string()).readonly(),
});

/** What decides which walls a server can build. */
export type ServerFacts = z.infer<typeof factsSchema>;

/** As they stand in an observation. */
export const factsOf = oncePer((server: Observation['server']): ServerFacts => factsSchema.parse(server));

const SETTINGS = ['aclfile', 'databases', 'maxmemory', 'maxmemory-policy', 'maxclients', 'sanitize-dump-payload'] as const;

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
    sanitizing: setting('sanitize-dump-payload') ?? '',
    replicaUsers: [...new Set(String(replicas instanceof Error ? '' : replicas).match(/(?<= user=)\S+/g))].sort(),
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
