import type { CheckText } from '../model/index.ts';
import { lasting } from '../util/duration.ts';
import type { DoctorRequest, Examining } from './doctor.ts';

/** Checks that every engine makes, by one id: what they look at is its own. */
export const common = {
  unreachable: 'CT-D101',
  missing: 'CT-D102',
  appFull: 'CT-D103',
  serverFull: 'CT-D104',
  version: 'CT-D105',
  clock: 'CT-D106',
  blocked: 'CT-D107',
  idle: 'CT-D108',
  transaction: 'CT-D109',
  query: 'CT-D110',
  prepared: 'CT-D111',
  counter: 'CT-D112',
} as const;

export const commonChecks: readonly CheckText[] = [
  {
    id: common.unreachable,
    title: 'An instance cannot be reached',
    severity: 'error',
    looks:
      'Logs in as the operator. The finding has the code of the trouble, which tells a wrong name from a closed port, TLS, a wrong password, and a rule that keeps this login out.',
    why: 'Nothing is known of this instance, and apps may be unable to reach it as well.',
    remedy: 'What the trouble itself says: `cotenant explain` with its code.',
  },
  {
    id: common.missing,
    title: 'Something of an app is not there',
    severity: 'error',
    looks: 'Compares the names of databases, schemas and logins on the server with those of the manifest.',
    why: 'The app cannot log in, or finds nothing.',
    remedy: '`cotenant apply` makes it. What held data and is gone comes back from a backup: `cotenant restore`.',
  },
  {
    id: common.appFull,
    title: 'An app is near its limit of connections',
    severity: 'error',
    looks:
      'Counts the sessions of each login and database, and compares them with the limits that the server itself has. At the limit it is a warning, and an error where none of the sessions is idle; below that, from 80 % on, a remark.',
    why: 'The next connection of the app is refused.',
    remedy: 'A smaller pool in the app, or a higher `connections` in the manifest.',
  },
  {
    id: common.serverFull,
    title: 'A server is near its limit of connections',
    severity: 'error',
    looks: 'Counts all sessions, and says who holds them. From 80 % of what ordinary logins may take it is a warning, from 95 % an error.',
    why: 'Every app is refused, whatever its own limit.',
    remedy: 'Lower limits for those who hold most, a pooler, or a higher limit of the server.',
  },
  {
    id: common.version,
    title: 'A version is past its end of life, or near it',
    severity: 'warning',
    looks: 'Compares the version with the dates in the table below, on the day of the run. A remark from 90 days before.',
    why: 'Holes in it are not closed any more.',
    remedy: 'An upgrade to a version that is still maintained.',
  },
  {
    id: common.clock,
    title: 'The clocks differ',
    severity: 'warning',
    looks: 'Asks the server for its time. What the answer took is no difference. From 5 s on it is a finding.',
    why: 'Passwords that end, times in logs and backups are not what they seem; TLS can fail.',
    remedy: 'Time synchronisation on the machine whose clock is wrong.',
  },
  {
    id: common.blocked,
    title: 'A session blocks others',
    severity: 'error',
    looks: 'Asks the server who waits for whom.',
    why: 'Whoever waits does nothing, and makes others wait in turn.',
    remedy: 'The one who holds the lock ends its transaction; or its session is ended, which loses what it has not committed.',
  },
  {
    id: common.idle,
    title: 'A transaction is open and does nothing',
    severity: 'warning',
    looks: 'Lists transactions in which nothing is under way.',
    why: 'It keeps its locks, and old versions of rows that it could still see are not removed, whosever they are.',
    remedy: 'The app commits sooner, or the server ends such sessions.',
  },
  {
    id: common.transaction,
    title: 'A transaction is open for long',
    severity: 'warning',
    looks: 'Lists transactions by their age.',
    why: 'Old versions of rows that it could still see are not removed, whosever they are.',
    remedy: 'Shorter transactions; what has to read for long, as a backup, does it on a replica.',
  },
  {
    id: common.query,
    title: 'A statement runs for long',
    severity: 'info',
    looks: 'Lists statements that are under way. Their text is not read.',
    why: 'It takes the processor and the disk that all apps share.',
    remedy: 'A limit for the time of a statement, an index, or a time of the day when nobody else is there.',
  },
  {
    id: common.prepared,
    title: 'A prepared transaction was left',
    severity: 'warning',
    looks: 'Lists transactions that wait for the second phase of their commit.',
    why: 'It keeps its locks over a restart, and old versions of rows that it could still see.',
    remedy: 'Whoever prepared it commits it or takes it back.',
  },
  {
    id: common.counter,
    title: 'A counter is near its end',
    severity: 'error',
    looks: 'Compares what numbers rows with the largest value that its column holds. From 80 % on it is a warning, from 95 % an error.',
    why: 'At the end every INSERT fails.',
    remedy: 'The column gets a larger type, by a migration: that writes the table anew.',
  },
];

/** Checks that core and its helpers make on any engine. */
const ALWAYS: ReadonlySet<string> = new Set([common.unreachable, common.missing, common.serverFull, common.version, common.clock]);

/** The common checks as an engine makes them. `looks`: what it reads for one, by id; those that it does not name and that core does not make are left out. */
export function commonChecksAs(looks: ReadonlyMap<string, string>): readonly CheckText[] {
  return commonChecks.flatMap((check) => {
    const own = looks.get(check.id);
    return own === undefined ? (ALWAYS.has(check.id) ? [check] : []) : [{ ...check, looks: own }];
  });
}

/** Share of a limit of a server from which on nothing is left for a surprise. */
const NEARLY_ALL = 0.95;

interface Limited {
  readonly app: string;
  /** `login "shop_user"`. */
  readonly what: string;
  readonly open: number;
  readonly idle: number;
  readonly limit: number;
}

/** CT-D103. */
export function appFull(on: Examining, { app, what, open, idle, limit }: Limited, full: number): void {
  if (limit <= 0 || open < full * limit) return;
  const atLimit = open >= limit;
  on.found(common.appFull, !atLimit ? 'info' : idle === 0 ? 'error' : 'warning', {
    apps: [app],
    what: `${app} holds ${open} of the ${limit} connections of ${what}, ${idle} of them idle${atLimit ? ': the next one is refused' : ''}`,
    evidence: { open, idle, limit },
    remedy: [
      { say: 'make the pool of the app smaller' },
      { say: `or raise \`connections\` of ${app} in the manifest`, where: 'a shell', text: `cotenant plan --app ${app}` },
    ],
  });
}

interface Holder {
  /** As a subject: an app, or `login "x"`. */
  readonly who: string;
  readonly open: number;
}

/** Holders that one finding names. */
const SHOWN = 5;

/** CT-D104. `most`: what ordinary logins may take together. */
export function serverFull(on: Examining, holders: readonly Holder[], most: number, full: number): void {
  const open = holders.reduce((sum, one) => sum + one.open, 0);
  if (most <= 0 || open < full * most) return;
  const first = holders.toSorted((a, b) => b.open - a.open).slice(0, SHOWN);
  on.found(common.serverFull, open >= NEARLY_ALL * most ? 'error' : 'warning', {
    apps: [],
    what: `${open} of ${most} connections are taken: ${first.map(({ who, open: n }) => `${n} by ${who}`).join(', ')}`,
    evidence: { open, limit: most, ...Object.fromEntries(first.map(({ who, open: n }) => [who, n])) },
    remedy: [
      { say: 'lower `connections` of whoever holds most, or put a pooler in front' },
      { say: 'or raise max_connections (maxclients) of the server, where its memory allows' },
    ],
  });
}

/** The last days of versions. */
export interface Lifetimes {
  /** What people call it. */
  readonly title: string;
  /** Where the dates are from, and when they were read there. */
  readonly source: string;
  readonly read: string;
  /** The beginning of a version, as `17` or `10.11`, with its ISO day; null: none was announced. The newest first. */
  readonly ends: readonly (readonly [version: string, day: string | null])[];
}

/** CT-D105. */
export function versionOver(on: Examining, lifetimes: Lifetimes, version: string, { now, limits }: DoctorRequest): void {
  const { title, source, ends } = lifetimes;
  const [cycle, end = null] = ends.find(([one]) => version === one || version.startsWith(`${one}.`)) ?? [];
  if (cycle === undefined || end === null) return;
  const days = Math.floor((Date.parse(end) - now.getTime()) / 86_400_000);
  if (days > limits.notice) return;
  const newest = ends.find(([, day]) => day === null || Date.parse(day) > now.getTime() + limits.notice * 86_400_000);
  on.found(common.version, days < 0 ? 'warning' : 'info', {
    apps: [],
    what: days < 0 ? `${title} ${cycle} has had no fixes since ${end}` : `${title} ${cycle} gets its last fixes on ${end}`,
    evidence: { version, end, source },
    remedy: [{ say: `upgrade${newest ? ` to ${title} ${newest[0]}` : ''}; \`cotenant backup run\` before it` }],
  });
}

interface Clock {
  /** Milliseconds since 1970: here before and after the question, and there. */
  readonly before: number;
  readonly after: number;
  readonly there: number;
}

/** CT-D106. The answer was given somewhere between the two. */
export function clockSkew(on: Examining, { before, after, there }: Clock, limit: number): void {
  const ahead = there > after ? there - after : there < before ? there - before : 0;
  const seconds = Math.abs(ahead) / 1000;
  if (seconds < limit || seconds === 0) return;
  on.found(common.clock, 'warning', {
    apps: [],
    what: `the clock of the server is ${lasting(seconds)} ${ahead > 0 ? 'ahead of' : 'behind'} that of this machine`,
    evidence: { seconds: Math.round(seconds), server: new Date(there).toISOString(), here: new Date(before).toISOString() },
    remedy: [{ say: 'see which of the two is wrong, there and here', where: 'a shell', text: 'timedatectl' }],
  });
}

interface Gone {
  /** null: several apps share it. */
  readonly app: string | null;
  /** `database "shop"`. */
  readonly what: string;
  /** It held data. */
  readonly held: boolean;
}

/** CT-D102: what the manifest has and the server has not. */
export function missingThings(on: Examining, gone: readonly Gone[]): void {
  for (const [app, some] of Map.groupBy(gone, ({ app: name }) => name)) {
    const names = some.map(({ what }) => what).join(', ');
    on.found(common.missing, 'error', {
      apps: app === null ? [] : [app],
      what: `${app ?? 'what several apps share'} lacks ${names}`,
      evidence: { missing: names },
      remedy: [
        { say: 'see what makes it again', where: 'a shell', text: app === null ? 'cotenant plan' : `cotenant plan --app ${app}` },
        ...(app === null || !some.some(({ held }) => held)
          ? []
          : [{ say: 'if it held data, that comes from a backup', where: 'a shell', text: `cotenant backup list ${app}` }]),
      ],
    });
  }
}
