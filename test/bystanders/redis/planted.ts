import type { Harm, Move } from '../frame.ts';
import type { Planted } from '../suite.ts';
import { strangers } from './pieces.ts';
import type { Piece } from './world.ts';

const pieces: readonly Piece[] = [
  { user: 'legacy', rules: '~old:* &old:* +@read +@write', acts: ['GET old:1', 'SET old:1 kept', 'PUBLISH old:a b'], keys: ['old:1'] },
  { user: 'default', rules: 'nopass ~* +@all', acts: ['PING'], keys: [] },
];

/** Strangers of the worlds, by their users. */
const some = (...users: readonly string[]): readonly Piece[] => strangers.filter(({ user }) => users.includes(user));

function harm(
  name: string,
  hand: string,
  finds: (harm: Harm) => boolean,
  before: readonly Move[] = [],
  there: readonly Piece[] = pieces,
): Planted<Piece> {
  const document = { apps: { shop: { uses: { main: {} } } } };
  return { name, harmful: { pieces: there, document, story: [...before, { verb: 'hand', hand, planted: true }] }, finds };
}

const applied: readonly Move[] = [{ verb: 'apply' }];

/** Harm that is done on purpose: by the operator's hand, as a step would do it. */
export const planted: readonly Planted<Piece>[] = [
  harm('a command is taken', 'ACL SETUSER legacy -set', ({ kind, what }) => kind === 'lost' && what === 'legacy runs SET old:1 kept'),
  harm('keys are taken', 'ACL SETUSER legacy resetkeys', ({ kind, what }) => kind === 'lost' && what === 'legacy runs GET old:1'),
  harm('a user is switched off', 'ACL SETUSER legacy off', ({ kind, what }) => kind === 'lost' && what === 'legacy connects'),
  harm(
    'whoever comes without a login is shut out',
    'ACL SETUSER default off',
    ({ kind, what }) => kind === 'lost' && what === 'default connects',
  ),
  harm('a key goes', 'DEL old:1', ({ what }) => what === 'legacy runs GET old:1'),
  harm('a session is ended', 'CLIENT KILL USER legacy', ({ kind, who }) => kind === 'ended' && who === 'legacy'),
  harm(
    'a setting changes',
    'CONFIG SET maxmemory-policy allkeys-lru',
    ({ kind, what }) => kind === 'changed' && what === 'setting maxmemory-policy',
  ),
  harm(
    'an app gets the keys of somebody',
    'ACL SETUSER shop ~old:*',
    ({ kind, what }) => kind === 'gained' && what === 'shop runs GET old:1',
    applied,
  ),
  harm('an app loses its own', 'ACL SETUSER shop -get', ({ kind, what }) => kind === 'lost' && what === 'shop runs GET shop:data', applied),
  harm(
    'a subscription ends and its session goes on',
    'ACL SETUSER listener resetchannels &news:*',
    ({ kind, who }) => kind === 'ended' && who === 'listener',
    [],
    some('listener'),
  ),
  harm('who watches is cut off', 'CLIENT KILL USER watcher', ({ kind, who }) => kind === 'ended' && who === 'watcher', [], some('watcher')),
  harm('who waits for a job is cut off', 'DEL jobs:s', ({ kind, who }) => kind === 'ended' && who === 'jobs', [], some('jobs')),
  harm('a library of functions goes', 'FUNCTION FLUSH', ({ what }) => what === 'coder runs FCALL their_f 0', [], some('coder')),
  harm(
    'cached scripts go',
    'SCRIPT FLUSH',
    ({ kind, what }) => kind === 'changed' && what.startsWith('bull runs EVALSHA'),
    [],
    some('bull'),
  ),
  harm('a time to live goes', 'PERSIST rent:1', ({ what }) => what === 'lender runs PEXPIRETIME rent:1', [], some('lender')),
  harm('databases are swapped', 'SWAPDB 2 5', ({ what }) => what === 'roamer runs GET web:1', [], some('roamer')),
  harm(
    'a line that only the file has is written over',
    'ACL SAVE',
    ({ kind, what }) => kind === 'gone' && what === 'line of ghost in the file',
    [{ verb: 'hand', hand: 'FILE user ghost on nopass sanitize-payload ~ghost:* resetchannels -@all +get' }],
  ),
];
