import type { ProbeInfo } from '../../../engine/index.ts';
import { probe, SHARED } from './probe.ts';

/** Keys, their names, channels. */
export const keyProbes: readonly ProbeInfo[] = [
  probe('K10', 'both', 'BREACH', {
    title: 'Keys of another app',
    attack: 'A user reads, writes, or asks about a key of another app by its name, with each kind of command that takes a key.',
    example: 'GET app_b:secret',
    why: 'The data of the other app is read or changed.',
    hardening: 'One key pattern for each user, with the separator: ~app_a:*; `reset` before it, so that nothing older stays.',
    levels: SHARED,
  }),
  probe('K24', 'analysis', 'BREACH', {
    title: 'Patterns that say more than is meant',
    attack:
      'A pattern without the separator, with a letter that means something, or in a selector of its own reaches keys or channels outside of the app’s prefix.',
    example: 'ACL SETUSER app_a ~app_a*   (reaches app_a2:x)',
    why: 'Keys of another app are reached, if not today then when an app with such a name comes.',
    hardening: 'Patterns that end with the separator and a star, letters that mean something escaped, and no selectors.',
    levels: SHARED,
  }),
  probe('K11', 'both', 'LEAK', {
    title: 'Names of all keys',
    attack: 'SCAN, KEYS, RANDOMKEY and CLUSTERSCAN have no key that could be checked, so they show the names of all keys of the database.',
    example: 'SCAN 0',
    why: 'Names of keys hold names of customers, sessions, mail addresses.',
    hardening: '-scan -keys -randomkey -clusterscan; `relax.scan` and `relax.keys` open them.',
    levels: ['prefix'],
  }),
  probe('K12', 'both', 'LEAK', {
    title: 'A live feed of key names',
    attack: 'CLIENT TRACKING in broadcast mode tells the name of every key as it changes.',
    example: 'CLIENT TRACKING ON BCAST',
    why: 'What the other apps do is seen while they do it.',
    hardening: '-client|tracking -client|caching; `relax.clientTracking` opens them. A feed that runs goes on until its connection ends.',
  }),
  probe('K17', 'both', 'LEAK', {
    title: 'Events of all keys',
    attack: 'A user subscribes to keyspace events of keys that are not its own.',
    example: 'PSUBSCRIBE __keyevent@0__:*',
    why: 'Names of keys, and what becomes of them.',
    hardening: 'No pattern for __keyevent; for __keyspace only with the prefix in it: &__keyspace@0__:app_a:* (`keyspaceEvents: true`).',
    levels: SHARED,
  }),
  probe('K18', 'both', 'BREACH', {
    title: 'Channels of another app',
    attack: 'A user listens to the channels of another app, or speaks on them.',
    example: 'SUBSCRIBE app_b:jobs',
    why: 'Messages of the other app are read or forged.',
    hardening: 'resetchannels &app_a:* for each user. Channels belong to no database.',
    levels: SHARED,
  }),
  probe('K19', 'both', 'LEAK', {
    title: 'Names of all channels',
    attack: 'PUBSUB CHANNELS and its kin list what everybody listens to.',
    example: 'PUBSUB CHANNELS *',
    why: 'Names of channels tell what other apps do.',
    hardening: '-pubsub +pubsub|help; `relax.channelNames` opens them.',
    levels: SHARED,
  }),
  probe('K01', 'both', 'BREACH', {
    title: 'Other databases',
    attack: 'A user goes to another database, or moves, copies or swaps something between databases.',
    example: 'SELECT 1',
    why: 'A database number is no wall in itself: whoever may select one has its keys, as far as the key patterns go.',
    hardening: '-select -move -swapdb, and `db=` rules where the server has them (Valkey 9.1).',
    levels: SHARED,
  }),
];
