import { appFull, clockSkew, type DoctorRequest, type Examining, serverFull, versionOver } from '../../../engine/index.ts';
import { bytes } from '../../../util/bytes.ts';
import { lasting } from '../../../util/duration.ts';
import { SHARED } from '../connect/lanes.ts';
import { literal } from '../quote.ts';
import { own } from './checks.ts';
import { lifetimes } from './lifetimes.ts';
import { member, number, type Row, text } from './rows.ts';
import type { Whose } from './whose.ts';

/** Numbers of transactions that there are before the oldest must be gone. */
const NUMBERS = 2 ** 31;
const SERIOUS = 0.7;

/** What the server says of itself. */
export interface Server {
  readonly standby: boolean;
  readonly started: number;
  readonly seesAll: boolean;
  readonly superuser: boolean;
  readonly settings: unknown;
  /** Settings that the command line gave, so that no statement changes them. */
  readonly fixed: readonly unknown[];
  /** Somebody has edited its files since it read them: a reload would put that in force too. */
  readonly edited: boolean;
}

export function serverOf([, standby, started, seesAll, superuser, settings, fixed]: Row, edited: boolean): Server {
  return {
    standby: standby === true,
    started: number(started),
    seesAll: seesAll === true,
    superuser: superuser === true,
    settings,
    fixed: Array.isArray(fixed) ? fixed : [],
    edited,
  };
}

const settingOf = ({ settings }: Server, name: string): string => text(member(settings, name));

export function examineServer(
  on: Examining,
  server: Server,
  { version, there, before, after }: { readonly version: number; readonly there: number; readonly before: number; readonly after: number },
  request: DoctorRequest,
): void {
  versionOver(on, lifetimes, `${Math.floor(version / 10000)}.${version % 10000}`, request);
  clockSkew(on, { before, after, there }, request.limits.skew);
  const off = ['autovacuum', 'track_counts'].filter((name) => settingOf(server, name) === 'off');
  if (off.length === 0) return;
  const free = off.every((name) => !server.fixed.includes(name));
  const lane = server.superuser && !server.standby && free && !server.edited ? { lane: SHARED } : {};
  on.found(own.autovacuum, 'error', {
    apps: [],
    what: `${off.join(' and ')} ${off.length === 1 ? 'is' : 'are'} off for the whole server`,
    evidence: Object.fromEntries(off.map((name) => [name, 'off'])),
    remedy: [
      ...off.map((name) => ({ say: `turn ${name} on`, where: 'any database', text: `ALTER SYSTEM SET ${name} = on;`, ...lane })),
      {
        say: server.edited
          ? 'and have the server read it, together with what else somebody has written into its files since it last did'
          : 'and have the server read it',
        where: 'any database',
        text: 'SELECT pg_reload_conf();',
        ...lane,
      },
    ],
  });
}

/** Sessions against the limits of logins, of databases, and of the server. */
export function examineConnections(
  on: Examining,
  server: Server,
  {
    connections,
    roles,
    databases,
  }: { readonly connections: readonly Row[]; readonly roles: readonly Row[]; readonly databases: readonly Row[] },
  whose: Whose,
  full: number,
): void {
  const sum = (rows: readonly Row[], at: number): number => rows.reduce((total, row) => total + number(row[at]), 0);
  const limited = (what: string, named: readonly Row[], at: number, appOf: (name: string) => string | null): void => {
    for (const [name, , limit] of named) {
      const app = appOf(text(name));
      const mine = connections.filter((row) => row[at] === name);
      if (app !== null)
        appFull(on, { app, what: `${what} "${text(name)}"`, open: sum(mine, 2), idle: sum(mine, 3), limit: number(limit) }, full);
    }
  };
  limited('login', roles, 0, (name) => whose.login(name).app);
  limited('database', databases, 1, (name) => whose.database(name));
  const kept = number(settingOf(server, 'superuser_reserved_connections')) + number(settingOf(server, 'reserved_connections'));
  const holders = [...Map.groupBy(connections, (row) => whose.login(text(row[0])).words)].map(([who, rows]) => ({
    who,
    open: sum(rows, 2),
  }));
  serverFull(on, holders, number(settingOf(server, 'max_connections')) - kept, full);
}

/** How far the numbers of transactions have gone, and whether pages are damaged. */
export function examineDatabases(on: Examining, server: Server, rows: readonly Row[], whose: Whose, { limits }: DoctorRequest): void {
  for (const [name, , , age, multi, , damaged] of rows) {
    const app = whose.database(text(name));
    const about = { apps: app === null ? [] : [app] };
    const kinds = [
      { what: 'transactions', used: number(age), due: number(settingOf(server, 'autovacuum_freeze_max_age')), of: 'age(relfrozenxid)' },
      {
        what: 'multixacts',
        used: number(multi),
        due: number(settingOf(server, 'autovacuum_multixact_freeze_max_age')),
        of: 'mxid_age(relminmxid)',
      },
    ];
    for (const { what, used, due, of } of kinds) {
      const oldest = `SELECT oid::regclass, ${of} FROM pg_class WHERE relkind IN ('r', 'm', 't') ORDER BY 2 DESC LIMIT 10;`;
      const where = `database ${text(name)}`;
      const remedy = [
        { say: 'see the oldest tables', where, text: oldest },
        {
          say: 'end what holds them back (old transactions, prepared ones, slots), then freeze them',
          where,
          text: 'VACUUM (FREEZE, TRUNCATE false, SKIP_LOCKED);',
        },
      ];
      const evidence = { database: text(name), age: used, end: NUMBERS };
      const share = `${Math.floor((100 * used) / NUMBERS)} %`;
      if (used >= limits.wraparound * NUMBERS)
        on.found(own.wraparound, used >= SERIOUS * NUMBERS ? 'error' : 'warning', {
          ...about,
          what: `database "${text(name)}" is ${used} ${what} old: ${share} of what there is before the server takes no more writes`,
          evidence,
          remedy,
        });
      else if (due > 0 && used >= limits.behind * due)
        on.found(own.behind, 'warning', {
          ...about,
          what: `database "${text(name)}" is ${used} ${what} old, and should have been vacuumed at ${due}`,
          evidence: { ...evidence, due },
          remedy,
        });
    }
    if (number(damaged) > 0)
      on.found(own.checksums, 'error', {
        ...about,
        what: `${number(damaged)} damaged pages were read in database "${text(name)}"`,
        evidence: { database: text(name), pages: number(damaged) },
        remedy: [
          {
            say: 'look at the disk; bring the app back from a backup from before, on another one',
            where: 'a shell',
            text: 'cotenant backup list',
          },
        ],
      });
  }
}

/** Slots for which the log is kept. */
export function examineSlots(on: Examining, rows: readonly Row[], whose: Whose, retained: number): void {
  for (const [name, type, database, active, status, kept] of rows) {
    const giving = status === 'unreserved' || status === 'lost';
    if (!giving && number(kept) < retained) continue;
    const app = whose.database(database === null ? null : text(database));
    const state =
      status === 'lost'
        ? 'has lost what it needs'
        : status === 'unreserved'
          ? 'is about to lose what it needs'
          : `holds ${bytes(number(kept))} of the log`;
    on.found(own.slots, giving ? 'error' : 'warning', {
      apps: app === null ? [] : [app],
      what: `the ${text(type)} replication slot "${text(name)}", which ${active === true ? 'is in use' : 'nobody uses'}, ${state}`,
      evidence: { slot: text(name), type: text(type), bytes: number(kept), status: text(status), active: active === true ? 'yes' : 'no' },
      remedy: [
        { say: 'start whoever reads from it again' },
        {
          say: 'or drop it where it has no reader any more; that reader then needs a new copy',
          where: 'any database',
          text: `SELECT pg_drop_replication_slot(${literal(text(name))});`,
        },
      ],
    });
  }
}

export function examineArchiver(on: Examining, rows: readonly Row[]): void {
  for (const [archived, failed, isFailing, segment, seconds] of rows) {
    if (isFailing !== true) continue;
    const since = seconds === null ? 'nothing has ever been archived' : `the last success was ${lasting(number(seconds))} ago`;
    on.found(own.archiver, 'error', {
      apps: [],
      what: `archiving the log fails (${number(failed)} times, last "${text(segment)}"); ${since}`,
      evidence: { failed: number(failed), archived: number(archived), segment: text(segment) },
      remedy: [{ say: 'put right what the command says in the log of the server', where: 'any database', text: 'SHOW archive_command;' }],
    });
  }
}

/** Megabytes of settings to bytes. */
const MEGABYTE = 2 ** 20;
const TOO_MUCH = 4;

export function examineLog(on: Examining, server: Server, rows: readonly Row[], retained: number): void {
  const size = number(rows[0]?.[0]);
  const wanted = Math.max(number(settingOf(server, 'max_wal_size')), number(settingOf(server, 'wal_keep_size'))) * MEGABYTE;
  if (size < retained || size < TOO_MUCH * wanted) return;
  on.found(own.log, 'warning', {
    apps: [],
    what: `pg_wal has ${bytes(size)}, and the settings ask for ${bytes(wanted)}`,
    evidence: { bytes: size, wanted },
    remedy: [
      {
        say: 'see what keeps it: a slot, or an archive that fails',
        where: 'any database',
        text: 'SELECT slot_name, restart_lsn, active FROM pg_replication_slots;',
      },
    ],
  });
}
