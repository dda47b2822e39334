import type { Case, Document, Edit, Json, Move } from '../frame.ts';
import type { Random } from '../random.ts';
import { KEPT, type Piece } from './world.ts';

const MONITOR = '+ping +info +config|get +slowlog|len +latency|latest +client|list +type +llen +dbsize';
const monitorActs = ['PING', 'INFO', 'CONFIG GET maxmemory', 'SLOWLOG LEN', 'CLIENT LIST', 'TYPE old:1', 'DBSIZE'];
const both = (prefix: string): readonly string[] => [`GET ${prefix}1`, `SET ${prefix}1 ${KEPT}`];

/** Users as the field has them. Each name fits its rules; prefixes meet those of apps now and then. */
const strangers: readonly Piece[] = [
  { user: 'exporter', rules: `~* ${MONITOR}`, acts: monitorActs, keys: [] },
  {
    user: 'nri',
    rules: '%R~* +info +config|get +select +type +llen +scard +strlen',
    acts: ['INFO', 'CONFIG GET maxmemory', 'TYPE old:1'],
    keys: [],
  },
  { user: 'backup', rules: '%R~* +@read +scan +select +dump +ping', acts: ['PING', 'SCAN 0', 'GET old:1', 'DUMP old:1'], keys: [] },
  { user: 'dba', rules: '~* &* +@all', acts: ['ACL WHOAMI', 'GET dba:1', 'SET dba:1 kept', 'DBSIZE'], keys: ['dba:1'] },
  {
    user: 'legacy',
    rules: '~old:* &old:* +@read +@write +@pubsub',
    acts: [...both('old:'), 'PUBLISH old:x y', 'PSUBSCRIBE old:*'],
    keys: ['old:1'],
  },
  { user: 'inner', rules: '~shop:eu:* +@read +@write', acts: both('shop:eu:'), keys: ['shop:eu:1'] },
  { user: 'outer', rules: '~sho* +get +set', acts: both('sho'), keys: ['sho1'] },
  { user: 'mixed', rules: '+ping (~mix:* +get +set) (%R~old:* +get)', acts: ['PING', ...both('mix:'), 'GET old:1'], keys: ['mix:1'] },
  { user: 'odd', rules: '~b[lm]og-?x* +get +set', acts: ['GET blog-1x1', 'SET blog-1x1 kept'], keys: ['blog-1x1'] },
  {
    user: 'listener',
    rules: '&news:* &shop:* resetkeys +subscribe +psubscribe +publish +ping',
    acts: ['PING', 'SUBSCRIBE news:a', 'PSUBSCRIBE news:*', 'PUBLISH shop:x y'],
    keys: [],
  },
  { user: 'open', rules: 'nopass ~open:* +get +set', acts: both('open:'), keys: ['open:1'] },
  { user: 'gone', rules: 'off ~crm:* +@all', acts: [], keys: ['crm:old'] },
  { user: 'replica', rules: '+psync +replconf +ping', acts: ['PING', 'REPLCONF capa eof'], keys: [] },
  { user: 'flusher', rules: '~tmp:* +@write +ping', acts: ['PING', 'SET tmp:1 kept', 'DEL tmp:none'], keys: ['tmp:2'] },
  {
    user: 'theirs',
    rules: '~theirs:* &theirs:* +@read +@write -flushall -flushdb +ping',
    acts: ['PING', ...both('theirs:')],
    keys: ['theirs:1'],
    project: 'neighbour',
  },
  { user: 'shop', rules: '~shop:* &shop:* +@all -@dangerous', acts: ['PING', ...both('shop:')], keys: ['shop:1'] },
  {
    user: 'hand',
    rules: '~hand:* &hand:* +@all -@dangerous',
    acts: ['PING', ...both('hand:'), 'PUBLISH hand:x y', 'TIME'],
    keys: ['hand:1'],
  },
  { user: 'hand-ro', rules: '%R~hand:* +@read +ping', acts: ['PING', 'GET hand:1'], keys: [] },
  { user: 'eager', rules: '~eager:* +@all', acts: ['PING', ...both('eager:'), 'DBSIZE', 'KEYS eager:*'], keys: ['eager:1'] },
];

/** Whoever connects without a login. */
const nobodies: readonly Piece[] = [
  { user: 'default', rules: 'nopass ~* &* +@all', acts: ['PING', 'GET loose:1', 'SET loose:1 kept', 'INFO'], keys: ['loose:1'] },
  { user: 'default', rules: 'nopass ~loose:* +get +set +ping', acts: ['PING', 'GET loose:1', 'SET loose:1 kept'], keys: ['loose:1'] },
  { user: 'default', rules: 'nopass +ping', acts: ['PING'], keys: [] },
];

/** A world and a story for it. */
export function draw(random: Random, walled: boolean): Case<Piece> {
  const pieces = [...random.shuffled(strangers).slice(0, 2 + random.below(5)), ...(random.chance(0.4) ? [random.pick(nobodies)] : [])];
  const inOther: readonly Piece[] =
    walled && random.chance(0.4)
      ? [{ user: 'third', rules: '~* +@all db=3', acts: ['GET shop:3', 'SET shop:3 kept'], keys: ['shop:3'], database: 3 }]
      : [];
  const all = [...pieces, ...inOther];
  return random.chance(0.4) ? adopting(random, all, walled) : building(random, all, walled);
}

function adopting(random: Random, pieces: readonly Piece[], walled: boolean): Case<Piece> {
  const story: Move[] = [
    { verb: 'import' },
    { verb: 'plan' },
    ...(random.chance(0.3) ? [{ verb: 'yes' } as const] : []),
    { verb: 'apply' },
    { verb: 'again' },
  ];
  return { pieces, document: { apps: {} }, story: [...story, ...later(random, ['hand', 'eager', 'shop', 'legacy'], 3, walled)] };
}

function building(random: Random, pieces: readonly Piece[], walled: boolean): Case<Piece> {
  const names = random.shuffled(['shop', 'blog', 'crm', 'wiki']).slice(0, 1 + random.below(4));
  const apps = Object.fromEntries(names.map((name) => [name, { uses: { main: placement(random, walled) } }]));
  const document: Document = { apps, ...people(random, pieces) };
  return {
    pieces,
    document,
    story: [{ verb: 'plan' }, { verb: 'yes' }, { verb: 'apply' }, { verb: 'again' }, ...later(random, names, 4, walled)],
  };
}

function people(random: Random, pieces: readonly Piece[]): Document {
  const has = (user: string): boolean => pieces.some((piece) => piece.user === user);
  const words: Readonly<Record<string, string>> = { exporter: 'monitor', nri: 'monitor', backup: 'read-all', replica: 'replication' };
  const operators = Object.fromEntries(
    Object.entries(words).flatMap(([user, word]) => (has(user) && random.chance(0.5) ? [[user, { may: [word] }]] : [])),
  );
  const known = ['dba', 'legacy', 'default'].filter((user) => has(user) && random.chance(0.3)).map((user) => ({ user, why: 'test' }));
  return { ...(Object.keys(operators).length > 0 ? { operators } : {}), ...(known.length > 0 ? { known } : {}) };
}

function placement(random: Random, walled: boolean): Json {
  if (walled && random.chance(0.3)) return { isolation: 'database' };
  const relax = Object.fromEntries(random.some(['scan', 'scripting', 'info', 'keys', 'restore', 'sort'], 0.2).map((name) => [name, true]));
  return { relax, ...(random.chance(0.2) ? { logins: { app: 'rw', reports: 'read' } } : {}) };
}

const apply: readonly Move[] = [{ verb: 'apply' }, { verb: 'again' }];

/** What is done to a system that runs. */
function later(random: Random, names: readonly string[], count: number, walled: boolean): readonly Move[] {
  const app = (): string => random.pick(names);
  const moves: (() => readonly Move[])[] = [
    () => [{ verb: 'verify' }],
    () => [{ verb: 'fix' }, ...apply],
    () => [{ verb: 'apply', edits: [added(random, walled)] }, ...apply],
    () => [{ verb: 'apply', edits: [{ path: ['apps', app(), 'uses', 'main', 'relax'], value: { scan: true } }] }, ...apply],
    () => [
      { verb: 'hand', hand: `ACL SETUSER ${random.pick(['shop', 'blog', 'crm'])} ${random.pick(['+keys', '~*', '(+get ~old:*)'])}` },
      ...apply,
    ],
    () => [{ verb: 'hand', hand: 'ACL SETUSER late on >old-late ~shop:late:* +get +set' }, ...apply],
    () => removal(random, app()),
    () => removal(random, app()),
  ];
  return Array.from({ length: count }, () => random.pick(moves)()).flat();
}

function added(random: Random, walled: boolean): Edit {
  return {
    path: ['apps', `new${random.below(1000)}`],
    value: { uses: { main: placement(random, walled) } },
    place: random.pick(['first', 'last']),
  };
}

function removal(random: Random, app: string): readonly Move[] {
  const out: readonly Edit[] = [{ path: ['apps', app] }];
  if (random.chance(0.6))
    return [{ verb: 'apply', edits: out }, { verb: 'apply', edits: [{ path: ['removal'], value: 'delete' }] }, ...apply];
  return [
    { verb: 'apply', edits: out },
    { verb: 'again' },
    ...random.some<Move>([{ verb: 'fix' }], 0.5),
    { verb: 'restore', app },
    // As it was: an imported one has other logins and relaxations than one that was made.
    { verb: 'apply', edits: [{ path: ['apps', app], recall: true }] },
    { verb: 'again' },
  ];
}
