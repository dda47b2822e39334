/** A part of the wall that a placement can open, with the commands that it adds and what they open. */
export interface RelaxationInfo {
  readonly adds: readonly string[];
  readonly opens: string;
}

export const RELAXATIONS = {
  scan: {
    adds: ['scan', 'clusterscan'],
    opens: 'SCAN shows the key names of every app in the database',
  },
  keys: {
    adds: ['keys', 'randomkey'],
    opens: 'KEYS and RANDOMKEY show the key names of every app, and KEYS blocks the server while it scans all of them',
  },
  dbsize: { adds: ['dbsize'], opens: 'DBSIZE shows how many keys all apps have together' },
  info: {
    adds: ['info'],
    opens: 'INFO shows memory, clients, versions and how many keys each database has',
  },
  select: {
    adds: ['select', 'move'],
    opens: 'the app can use the same key names in every database of the server',
  },
  scripting: {
    adds: ['eval', 'eval_ro', 'evalsha', 'evalsha_ro', 'script|load', 'script|exists'],
    opens:
      'an endless script blocks the server for everybody, scripts of other apps can be run by their hash (on keys of this app only), and flaws in the script engine have let scripts run code as the server',
  },
  functions: {
    adds: ['fcall', 'fcall_ro'],
    opens: 'function libraries are shared by all apps: every loaded function can be called',
  },
  clientTracking: {
    adds: ['client|tracking', 'client|caching'],
    opens: 'CLIENT TRACKING in broadcast mode reports the names of all keys as they change',
  },
  channelNames: {
    adds: ['pubsub|channels', 'pubsub|numsub', 'pubsub|numpat', 'pubsub|shardchannels', 'pubsub|shardnumsub'],
    opens: 'PUBSUB shows the channel names of every app',
  },
  wait: { adds: ['wait', 'waitaof'], opens: 'WAIT and WAITAOF tell how many replicas there are' },
  sort: { adds: ['sort', 'sort_ro'], opens: 'SORT of a large key blocks the server while it sorts' },
  restore: {
    adds: ['restore'],
    opens:
      'RESTORE makes the server read a serialised value that the app wrote: where `sanitize-dump-payload` is `no` a false one ends the server for everybody, and flaws in the server have let run code',
  },
} as const satisfies Readonly<Record<string, RelaxationInfo>>;

export type RelaxationName = keyof typeof RELAXATIONS;

export const RELAXATION_NAMES = Object.keys(RELAXATIONS).filter((name): name is RelaxationName => Object.hasOwn(RELAXATIONS, name));
