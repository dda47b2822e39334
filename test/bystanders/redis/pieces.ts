import { createHash } from 'node:crypto';
import { KEPT, type Piece } from './world.ts';

const MONITOR = '+ping +info +config|get +slowlog|len +latency|latest +client|list +type +llen +dbsize';
const monitorActs = ['PING', 'INFO', 'CONFIG GET maxmemory', 'SLOWLOG LEN', 'CLIENT LIST', 'TYPE old:1', 'DBSIZE'];
const both = (prefix: string): readonly string[] => [`GET ${prefix}1`, `SET ${prefix}1 ${KEPT}`];

/** Logins that look after the server. */
const keepers: readonly Piece[] = [
  { user: 'exporter', rules: `~* ${MONITOR}`, acts: monitorActs, keys: [], holds: ['PING'] },
  {
    user: 'nri',
    rules: '%R~* +info +config|get +select +type +llen +scard +strlen',
    acts: ['INFO', 'CONFIG GET maxmemory', 'TYPE old:1'],
    keys: [],
  },
  { user: 'backup', rules: '%R~* +@read +scan +select +dump +ping', acts: ['PING', 'SCAN 0', 'GET old:1', 'DUMP old:1'], keys: [] },
  {
    user: 'dba',
    rules: '~* &* +@all',
    acts: ['ACL WHOAMI', 'GET dba:1', 'SET dba:1 kept', 'DBSIZE'],
    keys: ['dba:1'],
    holds: ['MONITOR', 'PSUBSCRIBE *', 'CLIENT TRACKING ON BCAST'],
  },
  { user: 'watcher', rules: '+monitor +ping', acts: ['PING'], keys: [], holds: ['MONITOR'] },
  { user: 'replica', rules: '+psync +replconf +ping', acts: ['PING', 'REPLCONF capa eof'], keys: [] },
  {
    user: 'sentinel',
    rules: '&__sentinel__:hello resetkeys +ping +info +role +publish +subscribe',
    acts: ['PING', 'INFO', 'ROLE'],
    keys: [],
    holds: ['SUBSCRIBE __sentinel__:hello'],
  },
];

/** Logins that listen. */
const listeners: readonly Piece[] = [
  {
    user: 'listener',
    rules: '&news:* &shop:* resetkeys +subscribe +psubscribe +publish +ping',
    acts: ['PING', 'SUBSCRIBE news:a', 'PSUBSCRIBE news:*', 'PUBLISH shop:x y'],
    keys: [],
    holds: ['SUBSCRIBE news:a', 'PSUBSCRIBE shop:*'],
  },
  {
    user: 'events',
    rules: '&__keyspace@0__:old:* &__keyevent@0__:expired resetkeys +psubscribe +subscribe +ping',
    acts: ['PING', 'PSUBSCRIBE __keyspace@0__:old:*', 'SUBSCRIBE __keyevent@0__:expired'],
    keys: [],
    holds: ['PSUBSCRIBE __keyspace@0__:old:*'],
    settings: { 'notify-keyspace-events': 'KEA' },
  },
  {
    user: 'cacher',
    rules: '~hot:* +get +set +ping +client|tracking +client|caching',
    acts: ['PING', ...both('hot:')],
    keys: ['hot:1'],
    holds: ['CLIENT TRACKING ON'],
  },
];

const SCRIPT = "return(redis.call('get',KEYS[1]))";
const SHA = createHash('sha1').update(SCRIPT).digest('hex');
const LIBRARY = "#!lua name=theirlib\nredis.register_function('their_f',function()return(7)end)";

/** Apps that somebody set up by hand, as the frameworks want it. */
const apps: readonly Piece[] = [
  {
    user: 'legacy',
    rules: '~old:* &old:* +@read +@write +@pubsub',
    acts: [...both('old:'), 'PUBLISH old:x y', 'PSUBSCRIBE old:*'],
    keys: ['old:1'],
    holds: ['PSUBSCRIBE old:*'],
  },
  { user: 'shop', rules: '~shop:* &shop:* +@all -@dangerous', acts: ['PING', ...both('shop:')], keys: ['shop:1'] },
  {
    user: 'hand',
    rules: '~hand:* &hand:* +@all -@dangerous',
    acts: ['PING', ...both('hand:'), 'PUBLISH hand:x y', 'TIME'],
    keys: ['hand:1'],
    holds: ['BLPOP hand:wait 0', 'SUBSCRIBE hand:news'],
  },
  { user: 'hand-ro', rules: '%R~hand:* +@read +ping', acts: ['PING', 'GET hand:1'], keys: [] },
  { user: 'eager', rules: '~eager:* +@all', acts: ['PING', ...both('eager:'), 'DBSIZE', 'KEYS eager:*'], keys: ['eager:1'] },
  {
    user: 'bull',
    rules: '~bull:* &bull:* +@all -@dangerous +info',
    acts: ['INFO', `EVALSHA ${SHA} 1 bull:1`, ...both('bull:'), 'XLEN bull:events', 'ZADD bull:delayed 1 a'],
    keys: ['bull:1'],
    holds: ['XREAD BLOCK 0 STREAMS bull:events $'],
    made: [
      ['SCRIPT', 'LOAD', SCRIPT],
      ['XADD', 'bull:events', '1-1', 'a', '1'],
      ['XGROUP', 'CREATE', 'bull:events', 'workers', '0'],
    ],
  },
  {
    user: 'celery',
    rules: '~celery:* &celery:* &celery:/0.celery.pidbox +@all -@dangerous',
    acts: ['PING', ...both('celery:'), 'PSUBSCRIBE celery:/0.celery.pidbox', 'LLEN celery:q', 'SADD celery:_kombu.binding x'],
    keys: ['celery:1'],
    holds: ['BRPOP celery:q 0', 'PSUBSCRIBE celery:/0.celery.pidbox'],
  },
  {
    user: 'sidekiq',
    rules: '~sidekiq:* +@all -@dangerous +info +scan',
    acts: ['PING', 'INFO', ...both('sidekiq:'), 'SCAN 0', 'ZCARD sidekiq:retry'],
    keys: ['sidekiq:1'],
  },
  {
    user: 'jobs',
    rules: '~jobs:* +@stream +@read +ping',
    acts: ['XLEN jobs:s', 'XPENDING jobs:s g', 'XREADGROUP GROUP g c COUNT 1 STREAMS jobs:s 0'],
    keys: [],
    holds: ['XREADGROUP GROUP g d BLOCK 0 STREAMS jobs:s >'],
    made: [
      ['XGROUP', 'CREATE', 'jobs:s', 'g', '$', 'MKSTREAM'],
      ['XADD', 'jobs:old', '1-1', 'a', '1'],
    ],
  },
  { user: 'tagged', rules: '~{tag}:* &{tag}:* +@read +@write +ping', acts: ['PING', ...both('{tag}:')], keys: ['{tag}:1'] },
];

/** Others, each with something of its own. */
const odd: readonly Piece[] = [
  { user: 'inner', rules: '~shop:eu:* +@read +@write', acts: both('shop:eu:'), keys: ['shop:eu:1'] },
  { user: 'outer', rules: '~sho* +get +set', acts: both('sho'), keys: ['sho1'] },
  { user: 'mixed', rules: '+ping (~mix:* +get +set) (%R~old:* +get)', acts: ['PING', ...both('mix:'), 'GET old:1'], keys: ['mix:1'] },
  { user: 'odd', rules: '~b[lm]og-?x* +get +set', acts: ['GET blog-1x1', 'SET blog-1x1 kept'], keys: ['blog-1x1'] },
  { user: 'open', rules: 'nopass ~open:* +get +set', acts: both('open:'), keys: ['open:1'] },
  { user: 'gone', rules: 'off ~crm:* +@all', acts: [], keys: ['crm:old'] },
  { user: 'flusher', rules: '~tmp:* +@write +ping', acts: ['PING', 'SET tmp:1 kept', 'DEL tmp:none'], keys: ['tmp:2'] },
  { user: 'seer', rules: '%R~crm:* %R~wiki:data +get +ttl +ping', acts: ['PING', 'GET crm:data', 'GET wiki:data'], keys: [] },
  {
    user: 'roamer',
    rules: '~web:* ~shop:* +get +set +select +move +ping',
    acts: ['PING', ...both('web:'), 'GET shop:basket', 'SET shop:basket kept'],
    keys: ['web:1', 'shop:basket'],
    database: 2,
  },
  {
    user: 'swapper',
    rules: '~swap:* +@all',
    acts: ['PING', ...both('swap:'), 'SWAPDB 13 14'],
    keys: ['swap:1'],
    database: 11,
  },
  {
    user: 'lender',
    rules: '~rent:* +get +set +pexpiretime +strlen +hget',
    acts: ['GET rent:1', 'PEXPIRETIME rent:1', 'STRLEN rent:big', 'HGET rent:h a'],
    keys: [],
    made: [
      ['SET', 'rent:1', KEPT, 'PXAT', '4102444800000'],
      ['SETRANGE', 'rent:big', '3000000', 'x'],
      ['HSET', 'rent:h', 'a', '1'],
    ],
  },
  {
    user: 'coder',
    rules: '~code:* +function|load +function|list +fcall +fcall_ro +eval +evalsha +script|load +get',
    acts: ['FCALL their_f 0', 'FUNCTION LIST', `EVALSHA ${SHA} 1 code:1`, 'GET code:1'],
    keys: ['code:1'],
    made: [
      ['FUNCTION', 'LOAD', 'REPLACE', LIBRARY],
      ['SCRIPT', 'LOAD', SCRIPT],
    ],
  },
  {
    user: 'single',
    rules: '~one:* -@all +get +set +expire +del +exists +incr +hset +hget +lpush +rpop',
    acts: both('one:'),
    keys: ['one:1'],
  },
  {
    user: 'theirs',
    rules: '~theirs:* &theirs:* +@read +@write -flushall -flushdb +ping',
    acts: ['PING', ...both('theirs:')],
    keys: ['theirs:1'],
    project: 'neighbour',
    holds: ['BLPOP theirs:wait 0'],
  },
  {
    user: 'theirs-too',
    rules: '~crm:eu:* +get +set +ping',
    acts: ['PING', ...both('crm:eu:')],
    keys: ['crm:eu:1'],
    project: 'neighbour',
    marked: 'access=prefix:prefix=crm%3Aeu%3A',
  },
  {
    user: 'theirs__gone_20260101',
    rules: 'off',
    acts: [],
    keys: ['blog:left'],
    project: 'neighbour',
    marked: 'retired=2026-01-01:was=theirs-gone:access=prefix:prefix=blog%3A',
  },
];

/** Users as the field has them. Each name fits its rules; prefixes meet those of apps now and then. */
export const strangers: readonly Piece[] = [...keepers, ...listeners, ...apps, ...odd];

/** Whoever connects without a login. */
export const nobodies: readonly Piece[] = [
  { user: 'default', rules: 'nopass ~* &* +@all', acts: ['PING', 'GET loose:1', 'SET loose:1 kept', 'INFO'], keys: ['loose:1'] },
  { user: 'default', rules: 'nopass ~loose:* +get +set +ping', acts: ['PING', 'GET loose:1', 'SET loose:1 kept'], keys: ['loose:1'] },
  { user: 'default', rules: 'nopass +ping', acts: ['PING'], keys: [], holds: ['PING'] },
];

/** Where the server holds users in databases. */
export const housed: readonly Piece[] = [
  { user: 'third', rules: '~* +@all db=3', acts: ['GET shop:3', 'SET shop:3 kept'], keys: ['shop:3'], database: 3 },
];
