import type { Observation } from '../../../engine/index.ts';
import { accountKey, type Catalog } from './catalog.ts';
import type { Connection } from '../connection.ts';
import type { Made } from '../compile/made.ts';
import type { Owners } from './owners.ts';
import { mandatoryIn } from './roles.ts';
import { type CensusSpec, isKind } from '../spec.ts';

/** Everybody and everything on the server that a step of ours can touch without naming it. */
export function censusOf(catalog: Catalog, made: readonly Made[], owners: Owners, project: string): CensusSpec {
  const accounts = catalog.accounts.map(({ user, host, isRole, locked, grants, roles, proxies, restrictions }) => {
    const key = accountKey({ user, host });
    const owner = owners.account(key);
    const of = owner.project === project ? owner.app : owner.known ? null : owners.wantedBy(key);
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
    theirs: foreign.map((row) => [`${row.kind}/${row.name}`, row.project]),
    held,
    ending: ending.map(({ name: user, app }) => ({ user, app })),
    endingIn: (catalog.ledger ?? []).filter((row) => row.kind === 'ending-in' && row.project === project).map(({ name }) => name),
  };
}

const NOTHING: CensusSpec = {
  databases: [],
  accounts: [],
  everybody: {},
  mandatory: [],
  made: [],
  theirs: [],
  held: [],
  ending: [],
  endingIn: [],
};

export function censusIn({ resources }: Observation): CensusSpec {
  const found = resources.find((one) => isKind(one, 'census'));
  return found && isKind(found, 'census') ? found.spec : NOTHING;
}

/** What changes by the minute and decides no step: it stands beside what makes a saved plan stale. */
export interface Moment {
  /** Open sessions by user. */
  readonly sessions: ReadonlyMap<string, number>;
}

interface MysqlObservation extends Observation {
  readonly moment?: Moment;
}

export function withMoment(observation: Observation, moment: Moment): Observation {
  const out: MysqlObservation = { ...observation, moment };
  return out;
}

export function sessionsIn(observation: MysqlObservation): ReadonlyMap<string, number> {
  return observation.moment?.sessions ?? new Map();
}

export async function readMoment(connection: Connection): Promise<Moment> {
  const rows = await connection.rows('SELECT USER AS user_, COUNT(*) AS n FROM information_schema.PROCESSLIST GROUP BY USER');
  return { sessions: new Map(rows.map((row) => [String(row['user_']), Number(row['n'])])) };
}
