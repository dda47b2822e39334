import { startsWith } from '../glob.ts';
import type { Site, Tenant } from './tenants.ts';

/** Something to try, the same for both halves: the analysis asks ACL DRYRUN about it, the attack does it. */
export interface ProbeAttempt {
  /** Without the engine's prefix, as `K10`. */
  readonly probe: string;
  /** As the command table has it: `get`, `client|list`. */
  readonly command: string;
  readonly words: readonly string[];
  /** Breaks the conversation where it works: on a connection of its own. */
  readonly apart?: true;
}

/** A name that no app has given to anything. */
export const PROBE = 'cotenant-probe';

export type PairAttempt = Omit<ProbeAttempt, 'words'> & { readonly words: (victim: Site, home: Site) => readonly string[] };

const key = (site: Site): string => `${site.prefix}${PROBE}`;
const channel = (site: Site): string => `${site.channel}${PROBE}`;

function onKey(command: string, ...words: readonly string[]): PairAttempt {
  return {
    probe: 'K10',
    command,
    words: (victim, home) => words.map((word) => (word === 'KEY' ? key(victim) : word === 'OWN' ? key(home) : word)),
  };
}

/** Reading, writing and asking, which key patterns tell apart. Nothing is made or changed, even where a wall is open: there is no such key. */
export const basicAttempts: readonly PairAttempt[] = [
  onKey('get', 'GET', 'KEY'),
  onKey('set', 'SET', 'KEY', 'x', 'XX'),
  onKey('exists', 'EXISTS', 'KEY'),
  { probe: 'K18', command: 'publish', words: (victim) => ['PUBLISH', channel(victim), ''] },
  { probe: 'K18', command: 'subscribe', words: (victim) => ['SUBSCRIBE', channel(victim)] },
];

/** Every kind of command that takes a key or a channel. */
export const pairAttempts: readonly PairAttempt[] = [
  ...basicAttempts,
  onKey('mget', 'MGET', 'OWN', 'KEY'),
  onKey('type', 'TYPE', 'KEY'),
  onKey('ttl', 'TTL', 'KEY'),
  onKey('strlen', 'STRLEN', 'KEY'),
  onKey('dump', 'DUMP', 'KEY'),
  onKey('object|encoding', 'OBJECT', 'ENCODING', 'KEY'),
  onKey('memory|usage', 'MEMORY', 'USAGE', 'KEY'),
  onKey('copy', 'COPY', 'KEY', 'OWN'),
  onKey('renamenx', 'RENAMENX', 'KEY', 'OWN'),
  onKey('lcs', 'LCS', 'KEY', 'OWN'),
  onKey('lmpop', 'LMPOP', '1', 'KEY', 'LEFT'),
  onKey('xread', 'XREAD', 'COUNT', '1', 'STREAMS', 'KEY', '0'),
  onKey('watch', 'WATCH', 'KEY'),
  onKey('hget', 'HGET', 'KEY', 'x'),
  onKey('zrange', 'ZRANGE', 'KEY', '0', '0'),
  onKey('unlink', 'UNLINK', 'KEY'),
  { probe: 'K18', command: 'psubscribe', words: (victim) => ['PSUBSCRIBE', startsWith(victim.channel)] },
  { probe: 'K18', command: 'spublish', words: (victim) => ['SPUBLISH', channel(victim), ''] },
  { probe: 'K18', command: 'ssubscribe', words: (victim) => ['SSUBSCRIBE', channel(victim)] },
  { probe: 'K17', command: 'subscribe', words: (victim) => ['SUBSCRIBE', `__keyspace@${victim.database}__:${key(victim)}`] },
];

/** Of a login that only reads: what writes to the keys and channels that its app has. */
export function closedOwnAttempts({ access, reads, allowed }: Pick<Tenant, 'access' | 'reads' | 'allowed'>): readonly PairAttempt[] {
  const onlyReads = access.endsWith('reader') && reads.length === 0;
  return onlyReads ? pairAttempts.filter(({ probe, command }) => probe !== 'K17' && !allowed.has(command)) : [];
}

type Row = readonly [probe: string, command: string, ...rest: readonly string[]];

/** Each so that nothing happens where it works: a word too much, a number that is none, a name that nothing has. */
const ROWS: readonly Row[] = [
  ['K01', 'select', '1'],
  ['K01', 'swapdb', PROBE, PROBE],
  ['K02', 'flushdb', PROBE],
  ['K02', 'flushall', PROBE],
  ['K11', 'scan', '0', 'COUNT', '1'],
  ['K11', 'randomkey'],
  ['K11', 'keys', PROBE],
  ['K11', 'clusterscan', '0'],
  ['K12', 'client|tracking', PROBE],
  ['K12', 'client|caching', PROBE],
  ['K13', 'dbsize'],
  ['K13', 'info', 'server'],
  ['K13', 'memory|stats'],
  ['K13', 'memory|doctor'],
  ['K13', 'memory|malloc-stats'],
  ['K13', 'latency|latest'],
  ['K13', 'latency|histogram', PROBE],
  ['K13', 'lastsave'],
  ['K14', 'function|list', 'LIBRARYNAME', PROBE],
  ['K14', 'function|dump'],
  ['K14', 'function|load', PROBE],
  ['K14', 'function|delete', PROBE],
  ['K14', 'function|flush', PROBE],
  ['K14', 'function|stats'],
  ['K14', 'fcall', PROBE, '0'],
  ['K14', 'fcall_ro', PROBE, '0'],
  ['K15', 'script|flush', PROBE],
  ['K15', 'script|show', PROBE],
  ['K15', 'script|exists', PROBE],
  ['K16', 'eval', 'return 1', '0'],
  ['K16', 'eval_ro', 'return 1', '0'],
  ['K16', 'evalsha', PROBE, '0'],
  ['K16', 'evalsha_ro', PROBE, '0'],
  ['K16', 'script|load', 'return 1'],
  ['K17', 'psubscribe', '__keyevent@0__:*'],
  ['K17', 'subscribe', '__keyevent@0__:set'],
  ['K17', 'psubscribe', '__keyspace@0__:*'],
  ['K18', 'psubscribe', '*'],
  ['K19', 'pubsub|channels', PROBE],
  ['K19', 'pubsub|numsub', PROBE],
  ['K19', 'pubsub|numpat'],
  ['K19', 'pubsub|shardchannels', PROBE],
  ['K19', 'pubsub|shardnumsub', PROBE],
  ['K20', 'client|list'],
  ['K20', 'client|kill', 'ID', '0'],
  ['K20', 'client|pause', PROBE],
  ['K20', 'client|unblock', '0'],
  ['K20', 'client|no-evict', PROBE],
  ['K22', 'acl|list'],
  ['K22', 'acl|users'],
  ['K22', 'acl|getuser', PROBE],
  ['K22', 'acl|setuser', `${PROBE} `],
  ['K22', 'acl|deluser', PROBE],
  ['K22', 'acl|log', PROBE],
  ['K22', 'config|get', PROBE],
  ['K22', 'config|set', PROBE, PROBE],
  ['K22', 'slowlog|len'],
  ['K22', 'slowlog|get', '0'],
  ['K22', 'module|list'],
  ['K22', 'replicaof', PROBE, PROBE],
  ['K22', 'slaveof', PROBE, PROBE],
  ['K22', 'role'],
  ['K22', 'bgsave', PROBE],
  ['K22', 'shutdown', PROBE],
  ['K22', 'failover', PROBE],
  ['K22', 'migrate', PROBE, PROBE, 'OWN', PROBE, PROBE],
  ['K25', 'cluster|info'],
  ['K25', 'cluster|nodes'],
  ['K25', 'cluster|slots'],
  ['K25', 'cluster|shards'],
  ['K25', 'cluster|getkeysinslot', '0', '1'],
  ['K25', 'cluster|countkeysinslot', '0'],
];

/** The words of an attempt, with a key of one's own where one is needed. */
export function ownWords({ words }: ProbeAttempt, home: Site): readonly string[] {
  return words.map((word) => (word === 'OWN' ? key(home) : word));
}

export const serverAttempts: readonly ProbeAttempt[] = [
  ...ROWS.map(([probe, command, ...rest]): ProbeAttempt => ({ probe, command, words: [...command.toUpperCase().split('|'), ...rest] })),
  { probe: 'K21', command: 'monitor', words: ['MONITOR'], apart: true },
  { probe: 'K21', command: 'psync', words: ['PSYNC', PROBE, PROBE], apart: true },
];

/** With a key of its own in another database: only where a rule for databases can refuse it. */
export function databaseAttempts(home: Site, other: number): readonly ProbeAttempt[] {
  return [
    { probe: 'K01', command: 'select', words: ['SELECT', String(other)] },
    { probe: 'K01', command: 'copy', words: ['COPY', key(home), `${key(home)}-2`, 'DB', String(other)] },
    { probe: 'K01', command: 'move', words: ['MOVE', key(home), String(other)] },
  ];
}
