import type { Observation } from '../../engine/index.ts';
import { accountKey, type Catalog } from './catalog.ts';
import type { Made } from './made.ts';
import { type CensusSpec, isKind } from './spec.ts';

/** Everybody and everything on the server that a step of ours can touch without naming it. */
export function censusOf(catalog: Catalog, made: readonly Made[], project: string): CensusSpec {
  const accounts = catalog.accounts.map(({ user, host, isRole, locked, grants, roles, proxies }) => ({
    key: accountKey({ user, host }),
    user,
    host,
    isRole,
    locked,
    grants,
    roles,
    proxies,
  }));
  const ending = (catalog.ledger ?? []).filter((row) => row.kind === 'ending' && row.project === project);
  return { accounts, made, ending: ending.map(({ name: user, app }) => ({ user, app })) };
}

const NOTHING: CensusSpec = { accounts: [], made: [], ending: [] };

export function censusIn({ resources }: Observation): CensusSpec {
  const found = resources.find((one) => isKind(one, 'census'));
  return found && isKind(found, 'census') ? found.spec : NOTHING;
}
