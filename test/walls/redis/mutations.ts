import { type Held, held } from './held.ts';
import { pairs } from './pairs.ts';

/** What a person does to the users or the settings of a server: commands of the operator, one after the other. */
export interface Mutation {
  readonly id: string;
  readonly commands: readonly (readonly string[])[];
  readonly held?: Held;
  /** Nobody gets anything by it yet. */
  readonly latent?: boolean;
}

/** `<hash of r_b>` stands for the hash of a password of theirs. */
const USERS = ['r_a', 'r_lens', 'web', 'watch', 'r_gone'];
const COMMANDS = [
  'get',
  'mget',
  'dump',
  'getrange',
  'strlen',
  'type',
  'exists',
  'ttl',
  'object|encoding',
  'memory|usage',
  'set',
  'del',
  'unlink',
  'append',
  'rename',
  'copy',
  'restore',
  'expire',
  'hgetall',
  'lrange',
  'sort',
  'sort_ro',
  'scan',
  'keys',
  'randomkey',
  'dbsize',
  'touch',
  'flushall',
  'flushdb',
  'swapdb',
  'select',
  'move',
  'migrate',
  'monitor',
  'psync',
  'sync',
  'replconf',
  'replicaof',
  'config',
  'config|get',
  'config|set',
  'config|rewrite',
  'acl',
  'acl|setuser',
  'acl|list',
  'acl|getuser',
  'acl|deluser',
  'acl|log',
  'acl|users',
  'acl|save',
  'acl|load',
  'client|kill',
  'client|list',
  'client|pause',
  'client|tracking',
  'client|no-evict',
  'debug',
  'shutdown',
  'save',
  'bgsave',
  'bgrewriteaof',
  'module|load',
  'module|list',
  'script|flush',
  'script|kill',
  'script|load',
  'function|flush',
  'function|load',
  'function|list',
  'function|dump',
  'function|restore',
  'function|delete',
  'eval',
  'evalsha',
  'eval_ro',
  'fcall',
  'publish',
  'spublish',
  'subscribe',
  'psubscribe',
  'ssubscribe',
  'pubsub|channels',
  'slowlog|get',
  'slowlog|reset',
  'latency|reset',
  'info',
  'cluster|info',
  'failover',
  'role',
  'wait',
  'multi',
  'exec',
  'command',
  'lastsave',
  'memory|doctor',
  'reset',
  'auth',
  'hello',
  '@all',
  '@read',
  '@write',
  '@keyspace',
  '@dangerous',
  '@admin',
  '@pubsub',
  '@scripting',
  '@connection',
  '@fast',
  '@slow',
  '@string',
];
/** Parts of a command that its first argument makes. */
const FIRST = ['flushall|async', 'flushdb|async', 'psync|?', 'select|1', 'config|set|maxmemory', 'eval|return', 'get|r_b:secret'];
const PATTERNS = [
  '~*',
  '~r_b:*',
  '~r_b:s*',
  '~r_b:secret',
  '~r_?:*',
  '~r_[ab]:*',
  '~r_[^a]:*',
  '~r_[!a]:*',
  '~*secret',
  '~*:*',
  '~r_*',
  '~r\\_b:*',
  '~?_b:*',
  '%R~r_b:*',
  '%W~r_b:*',
  '%RW~*',
  '%R~*',
  '~[r]_b:*',
  '~r_b*',
  '~',
  'allkeys',
];
const CHANNELS = ['&*', '&r_b:*', '&r_b:news', '&r_?:*', '&__keyevent@0__:*', '&__keyspace@0__:r_b:*', 'allchannels', '&*news'];
const SELECTORS = [
  '(+get ~r_b:*)',
  '(+@read %R~*)',
  '(+set %W~r_b:*)',
  '(+flushall)',
  '(+del ~r_b:secret)',
  '(+psubscribe &*)',
  '(+config|get)',
  '(+keys)',
  '(+@all ~* &*)',
  '(+dump ~r_[b]:*)',
  '(+acl|setuser)',
];
const PASSWORDS = ['nopass', '>', '>r_a', '>web', '#<hash of r_b>'];

const on = (user: string, ...words: readonly string[]): readonly string[] => ['ACL', 'SETUSER', user, 'on', ...words];
const one = (id: string, ...commands: readonly (readonly string[])[]): Mutation => ({ id, commands });

/** A stranger with a password that the judge knows. */
const known = (user: string): readonly string[] => (['web', 'watch', 'r_gone'].includes(user) ? ['>judge'] : []);

const rules: readonly Mutation[] = USERS.flatMap((user) => [
  ...[...COMMANDS, ...FIRST].map((name) => one(`${user} +${name}`, on(user, ...known(user), `+${name}`))),
  ...PATTERNS.map((pattern) => one(`${user} ${pattern}`, on(user, ...known(user), pattern))),
  ...PATTERNS.flatMap((pattern) =>
    ['+get', '+@write', '+dump +scan', '+@all -@dangerous'].map((name) =>
      one(`${user} ${pattern} ${name}`, on(user, ...known(user), pattern, ...name.split(' '))),
    ),
  ),
  ...CHANNELS.flatMap((channel) => [
    one(`${user} ${channel}`, on(user, ...known(user), channel)),
    ...['+subscribe +psubscribe', '+publish'].map((name) =>
      one(`${user} ${channel} ${name}`, on(user, ...known(user), channel, ...name.split(' '))),
    ),
  ]),
  ...SELECTORS.map((selector) => one(`${user} ${selector}`, on(user, ...known(user), selector))),
  ...PASSWORDS.map((word) => one(`${user} ${word}`, on(user, word))),
  ...PASSWORDS.map((word) => one(`${user} ${word} and all`, on(user, word, '~*', '&*', '+@all'))),
]);

const people: readonly Mutation[] = [
  ...['nopass', '>', '>admin'].flatMap((word) => [
    one(`admin ${word}`, on('admin', word)),
    one(`default on ${word}`, on('default', word, '~*', '&*', '+@all')),
    one(`default on ${word} with nothing`, on('default', word)),
    one(`default on ${word} to look`, on('default', word, '%R~*', '+get', '+scan')),
  ]),
  ...['nopass', '>judge', '>'].flatMap((word) => [
    one(`a new user ${word}`, on('fresh', word, '~*', '+@all')),
    one(`a new user ${word} that looks`, on('fresh', word, '%R~r_b:*', '+get')),
    one(`a new user ${word} with nothing`, on('fresh', word)),
  ]),
  one('r_b without a password', on('r_b', 'nopass')),
  one('r_b with the password of r_a', on('r_b', '#<hash of r_a>')),
];

const server: readonly Mutation[] = [
  one('keyspace events', ['CONFIG', 'SET', 'notify-keyspace-events', 'KEA'], on('r_a', '&__keyevent@0__:*', '+psubscribe')),
  one('eviction', ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru']),
  one('a password for default', ['CONFIG', 'SET', 'requirepass', 'judge'], on('default', '~*', '+@all')),
  one(
    'function of the operator',
    ['FUNCTION', 'LOAD', "#!lua name=peek\nredis.register_function('peek', function(k) return redis.call('GET', 'r_b:secret') end)"],
    on('r_a', '+fcall'),
  ),
];

export const mutations: readonly Mutation[] = [...rules, ...people, ...server, ...held, ...pairs];
