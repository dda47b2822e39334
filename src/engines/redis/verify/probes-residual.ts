import type { ProbeInfo } from '../../../engine/index.ts';
import { probe, SHARED } from './probe.ts';

/** What no rule of the server closes. Told always. */
export const residualProbes: readonly ProbeInfo[] = [
  probe('K33', 'analysis', 'STARVE', {
    title: 'One thread',
    attack:
      'A large command (LRANGE of a long list, ZUNIONSTORE, a transaction of a hundred thousand commands) keeps the server from all others.',
    example: 'LRANGE app_a:long 0 -1',
    why: 'All wait while one command runs, and no user has a limit of time.',
    hardening: 'Watch LATENCY and SLOWLOG; give an app that works like this an instance of its own.',
  }),
  probe('K34', 'analysis', 'STARVE', {
    title: 'One memory',
    attack: 'An app fills the memory up to maxmemory.',
    example: 'SETRANGE app_a:big 8000000 x',
    why: 'With noeviction the others can no longer write, with any other policy they lose keys. No user has a share of its own.',
    hardening: 'Watch sizes with cotenant status; give an app that grows an instance of its own.',
    levels: SHARED,
  }),
  probe('K35', 'analysis', 'STARVE', {
    title: 'Sockets before the login',
    attack: 'Connections are opened and never log in.',
    example: 'nc host 6379',
    why: 'They count for maxclients, and `timeout` does not end them before.',
    hardening: 'A firewall in front of the port.',
  }),
  probe('K36', 'analysis', 'LEAK', {
    title: 'The counter of connections',
    attack: 'CLIENT ID counts the connections of everybody.',
    example: 'CLIENT ID',
    why: 'How often others connect.',
    hardening: 'Nothing closes it: drivers need the command.',
    levels: SHARED,
  }),
  probe('K37', 'analysis', 'LEAK', {
    title: 'Copies into other databases',
    attack: 'COPY with DB writes a key of the app’s own names into another database, where the server has no `db=` rules.',
    example: 'COPY app_a:x app_a:y DB 1',
    why: 'Nothing of others is reached, but keys lie where nobody looks for them.',
    hardening: 'Valkey 9.1, where `db=` rules close it.',
    levels: ['prefix'],
  }),
  probe('K38', 'analysis', 'BREACH', {
    title: 'Releases with known holes',
    attack: 'A flaw in the script engine or in a parser lets a user run code as the server.',
    example: 'INFO server',
    why: 'Whoever runs code as the server has everything. Distributions fix old versions without changing their number.',
    hardening: 'The latest patch release (Redis 8.2.2, 7.4.6 or 7.2.11, Valkey 8.1.4 or 9.1.1 at least), and no `relax.scripting`.',
  }),
  probe('K39', 'analysis', 'LEAK', {
    title: 'Hashes of passwords on disk',
    attack: 'Somebody reads the access list in its file or in a backup.',
    example: 'cat users.acl',
    why: 'Passwords are kept as plain SHA-256: short ones are found by trying. Those that cotenant makes have 256 bits.',
    hardening: 'Rights of the file; long passwords for adopted users.',
  }),
  probe('K40', 'analysis', 'LEAK', {
    title: 'The log of refusals',
    attack: 'Whoever is refused often enough pushes the entries of others out of ACL LOG, and so does each proof with what it tries.',
    example: 'ACL LOG',
    why: 'The server keeps the newest entries only (`acllog-max-len`, 128 unless it is set): older ones are gone.',
    hardening: 'Read ACL LOG before a proof; a larger `acllog-max-len` keeps more.',
  }),
];
