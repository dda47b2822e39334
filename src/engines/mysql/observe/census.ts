import type { Observation } from '../../../engine/index.ts';
import { accountKey, type Catalog, type ServerFacts } from './catalog.ts';
import type { Connection } from '../connect/connection.ts';
import type { Made } from './made.ts';
import { patternsOf } from './patterns.ts';
import { mandatoryIn } from './roles.ts';
import { type Everybody, outsidersIn } from './specs.ts';
import type { Census } from '../spec.ts';

/** Everybody and everything on the server that a step of ours can touch without naming it. */
export function censusOf(catalog: Catalog, made: readonly Made[], everybody: Everybody, project: string): Census {
  const { owners } = everybody;
  const accounts = catalog.accounts.map(({ user, host, isRole, locked, grants, roles, proxies, restrictions }) => {
    const key = accountKey({ user, host });
    const owner = owners.account(key);
    const of = owners.remade.has(key) ? null : owner.project === project ? owner.app : owner.known ? null : owners.wantedBy(key);
    return { key, user, host, isRole, locked, grants, roles, proxies, restrictions, of };
  });
  const ending = (catalog.ledger ?? []).filter((row) => row.kind === 'ending' && row.project === project);
  const foreign = (catalog.ledger ?? []).filter((row) => ['account', 'database'].includes(row.kind) && row.project !== project);
  const others = foreign.filter((row) => row.kind === 'account');
  const held = others.map((row) => ({ user: row.name.slice(0, row.name.lastIndexOf('@')), project: row.project, app: row.app }));
  return {
    databases: catalog.databases.map(({ name }) => name),
    accounts,
    everybody: catalog.everybodyFrom,
    mandatory: mandatoryIn(catalog),
    made,
    patterns: patternsOf(catalog, everybody, project),
    coming: comingIn(catalog, everybody),
    theirs: foreign.map((row) => [`${row.kind}/${row.name}`, row.project]),
    remade: [...owners.remade.keys()],
    held,
    ending: ending.map(({ name: user, app }) => ({ user, app })),
    endingIn: (catalog.ledger ?? []).filter((row) => row.kind === 'ending-in' && row.project === project).map(({ name }) => name),
  };
}

function comingIn(catalog: Catalog, everybody: Everybody): Census['coming'] {
  const there = new Set(catalog.databases.map(({ name }) => name));
  const coming = everybody.owners.databases.filter((name) => !there.has(name));
  return Object.fromEntries(coming.map((name) => [name, outsidersIn(name, everybody)]));
}

const NOTHING: Census = {
  databases: [],
  accounts: [],
  everybody: {},
  mandatory: [],
  made: [],
  patterns: [],
  coming: {},
  theirs: [],
  remade: [],
  held: [],
  ending: [],
  endingIn: [],
};

/** The census as it stands in an observation: steps are worked out from it, and it is nothing that could be changed. */
export class Basis {
  readonly census: Census;
  constructor(census: Census) {
    this.census = census;
  }
}

export function censusIn({ basis }: Observation): Census {
  return basis instanceof Basis ? basis.census : NOTHING;
}

/** What changes by the minute and decides no step: it stands beside what makes a saved plan stale. */
export class Moment {
  /** Open sessions by user. */
  readonly sessions: ReadonlyMap<string, number>;
  readonly open: readonly OpenSession[];
  constructor(open: readonly OpenSession[]) {
    this.open = open;
    this.sessions = new Map([...Map.groupBy(open, ({ user }) => user)].map(([user, mine]) => [user, mine.length]));
  }
}

export function sessionsIn({ facts }: Observation): ReadonlyMap<string, number> {
  return facts instanceof Moment ? facts.sessions : new Map();
}

export function openIn({ facts }: Observation): readonly OpenSession[] {
  return facts instanceof Moment ? facts.open : [];
}

/** An open session: who came, and the database that it is in. */
export interface OpenSession {
  readonly id: string;
  readonly user: string;
  /** The address or name that it comes from, without the port; null: the server does not say. */
  readonly from: string | null;
  readonly database: string | null;
}

export async function readSessions(connection: Connection): Promise<readonly OpenSession[]> {
  const rows = await connection.rows('SELECT ID AS id, USER AS user_, HOST AS host_, DB AS d FROM information_schema.PROCESSLIST');
  return rows.map((row) => ({
    id: String(row['id']),
    user: String(row['user_']),
    from: typeof row['host_'] === 'string' && row['host_'] !== '' ? row['host_'].replace(/:\d+$/, '') : null,
    database: typeof row['d'] === 'string' ? row['d'] : null,
  }));
}

/** Tables that a session has in its hands: open, locked, or touched by a transaction that has not ended. */
export interface HeldTable extends Omit<OpenSession, 'from'> {
  readonly database: string;
  readonly table: string;
}

/** [] where the server keeps no list of them. */
export async function readHeld(connection: Connection, { variables }: ServerFacts): Promise<readonly HeldTable[]> {
  if (variables.get('performance_schema') !== 'ON') return [];
  const rows = await connection.rows(
    `SELECT DISTINCT T.PROCESSLIST_ID AS id, T.PROCESSLIST_USER AS user_, L.OBJECT_SCHEMA AS d, L.OBJECT_NAME AS n
     FROM performance_schema.metadata_locks L JOIN performance_schema.threads T ON T.THREAD_ID = L.OWNER_THREAD_ID
     WHERE L.OBJECT_TYPE = 'TABLE' AND L.LOCK_STATUS = 'GRANTED' AND T.PROCESSLIST_ID <> CONNECTION_ID() AND T.PROCESSLIST_USER IS NOT NULL`,
  );
  return rows.map((row) => ({ id: String(row['id']), user: String(row['user_']), database: String(row['d']), table: String(row['n']) }));
}
