import type { Mutation } from './mutations.ts';

const user = (name: string, ...words: readonly string[]): readonly string[] => ['ACL', 'SETUSER', name, ...words];
const on = (name: string, ...words: readonly string[]): readonly string[] =>
  user(name, 'on', ...(['web', 'watch', 'r_gone', 'fresh'].includes(name) ? ['>judge'] : []), ...words);
const one = (id: string, ...commands: readonly (readonly string[])[]): Mutation => ({ id: `pair: ${id}`, commands });
const later = (id: string, ...commands: readonly (readonly string[])[]): Mutation => ({ ...one(id, ...commands), latent: true });

/** Nobody has it today: the user is off, has no password, or has a pattern without a command. */
const latent: readonly Mutation[] = [
  ...['web', 'fresh', 'r_gone'].flatMap((name) => [
    later(`${name} off with all`, user(name, 'off', '>judge', '~*', '&*', '+@all')),
    later(`${name} off with keys of an app`, user(name, 'off', '>judge', '~r_b:*', '+get')),
    later(`${name} off with one key of an app`, user(name, 'off', '>judge', '%R~r_b:se*', '+@read')),
    later(`${name} off with a selector`, user(name, 'off', '>judge', '(+get ~r_b:*)')),
    later(`${name} off with channels`, user(name, 'off', '>judge', '&r_b:*', '+psubscribe')),
    later(`${name} off with the access list`, user(name, 'off', '>judge', '+acl')),
    later(`${name} off without a password`, user(name, 'off', 'nopass', '~r_?:*', '+set')),
    later(`${name} off with data of a retired app`, user(name, 'off', '>judge', '~r_gone:*', '+get')),
  ]),
  later('web without any password, with all', user('web', 'resetpass', '~*', '+@all')),
  later('fresh without any password, with keys of an app', user('fresh', 'on', '~r_b:*', '+get')),
  later('web with keys and no command', on('web', '~r_b:*')),
  later('web with all keys and no command', on('web', 'allkeys')),
  later('web with channels and no command', on('web', '&r_b:*')),
  later('fresh with keys and no command', on('fresh', '%R~r_b:secret')),
  later('web with a selector without a command', on('web', '(~r_b:*)')),
  later('web with keys in one selector and a command in another', on('web', '(~r_b:*)', '(+get)')),
  later('an app with keys of nobody', user('r_a', '~nobody:*')),
  later('an app with channels of nobody', user('r_a', '&nobody:*')),
  later('a reader with keys of nobody', user('r_lens', '%R~nobody:*')),
  later('an app with keys of nobody in a selector', user('r_a', '(+get ~nobody:*)')),
];

const SELECTORS = [
  '(+get ~r_[^a]:se*)',
  '(+@read ~r_?:*)',
  '(+@all -get ~*)',
  '(+@read %R~r_b:s*)',
  '(+publish &r_b:*)',
  '(+subscribe &r_[b-z]:*)',
  '(+set ~r_b:secret)',
  '(+eval +get ~r_b:*)',
  '(+@all ~r_gone:*)',
  '(+del ~?_b:*)',
  '(+sort +get ~r_b:* ~r_a:*)',
  '(+copy ~r_b:secret ~r_a:*)',
  '(+flushall|async)',
  '(+config|set|maxmemory)',
  '(+acl|setuser)',
  '(+client|kill)',
];
const PATTERNS = [
  '~r_[^a]:se*',
  '~[^x]_b:secret',
  '~r_[ab]:secret',
  '~r_gone:*',
  '~r_gone:secret',
  '~*[nt]',
  '~r_*:s*',
  '~r_[a-c]:*',
  '&[^x]_b:news',
  '&r_[ab]:news',
];
const ORDERS = [
  ['~*', '+@all', '-@dangerous'],
  ['~r_b:*', '-@all', '+@read'],
  ['~r_b:secret', '+@all', '-get', '-mget', '-dump'],
  ['%R~r_b:*', '+get', '-@write'],
  ['~r_b:*', '+@all', '-@all', '+append'],
  ['%W~r_b:*', '+exists', '+strlen', '+type'],
  ['~*', 'resetkeys', '~r_b:*', '+@string'],
];

const pairsOf: readonly Mutation[] = ['r_a', 'r_lens', 'web', 'watch', 'r_gone', 'fresh'].flatMap((name) => [
  ...SELECTORS.map((selector) => one(`${name} ${selector}`, on(name, selector))),
  ...PATTERNS.map((pattern) => one(`${name} ${pattern}`, on(name, pattern, '+@read', '+subscribe'))),
  ...ORDERS.map((words) => one(`${name} ${words.join(' ')}`, on(name, ...words))),
  one(`${name} db=0,1`, on(name, 'db=0,1', '~r_b:*', '+get', '+select')),
  one(`${name} alldbs`, on(name, 'alldbs', '+select', '+swapdb')),
  one(
    `${name} calls what the operator wrote`,
    ['FUNCTION', 'LOAD', "#!lua name=peek\nredis.register_function('peek', function(k) return redis.call('GET', 'r_b:secret') end)"],
    on(name, '+fcall', '+get', '~r_b:*'),
  ),
]);

/** Somebody who looks like one of ours. */
const copies: readonly Mutation[] = [
  one('the rules of an app under another name', user('fresh', 'on', '>judge', '<rules of r_b>', '>judge')),
  one('the mark of an app and all', user('fresh', 'on', '>judge', '~*', '+@all', '<mark of r_a>')),
  one('the mark of an app and keys of another', user('fresh', 'on', '>judge', '~r_b:*', '+get', '<mark of r_a>')),
  one('the mark of an app and the server', user('fresh', 'on', '>judge', '+flushall', '<mark of r_a>')),
  one('the mark of an app at a stranger', on('web', '~r_b:*', '+get', '<mark of r_a>')),
];

const begun: readonly Mutation[] = ['web', 'fresh'].flatMap((name): readonly Mutation[] =>
  (
    [
      ['a wait for a list', ['BLPOP', 'r_b:queue', '0'], ['~r_b:*', '+blpop'], ['-blpop']],
      ['a wait for a list whose keys are taken', ['BLPOP', 'r_b:queue', '0'], ['~r_b:*', '+blpop'], ['resetkeys']],
      ['a wait of somebody who is switched off', ['BLPOP', 'r_b:queue', '0'], ['~r_b:*', '+blpop'], ['off']],
      ['a subscription', ['SUBSCRIBE', 'r_b:news'], ['&r_b:*', '+subscribe'], ['-subscribe']],
      ['a subscription of somebody who is switched off', ['SUBSCRIBE', 'r_b:news'], ['&r_b:*', '+subscribe'], ['off']],
      ['a wait for a stream', ['XREAD', 'BLOCK', '0', 'STREAMS', 'r_b:stream', '$'], ['~r_b:*', '+xread'], ['-xread']],
    ] as const
  ).map(([id, begin, given, after]) => ({
    id: `begun: ${id} of ${name}`,
    commands: [user(name, 'on', '>judge', ...given)],
    held: { user: name, begin, after: [user(name, ...after)] },
  })),
);

/** Two at a time: who holds it, and in what form. */
export const pairs: readonly Mutation[] = [...latent, ...pairsOf, ...copies, ...begun];
