import { type Analysis, Findings, type SecretSource } from '../../../engine/index.ts';
import { lookUp } from '../../../util/record.ts';
import type { Residual } from '../../../model/index.ts';
import type { Connection } from '../connect/connection.ts';
import type { Input } from '../compile/draft.ts';
import { checkAccounts, checkAnonymous, checkDefiners, checkServer } from './checks-accounts.ts';
import { checkOperators, checkReach, checkRetired, checkStrays } from './checks-people.ts';
import { checkCarriers } from './checks-carriers.ts';
import { checkLive, checkWaiting } from './checks-live.ts';
import { checkOtherHosts } from './checks-other-hosts.ts';
import { checkHeld, checkSessions } from './checks-sessions.ts';
import { checkStrangers } from './checks-strangers.ts';
import { checkEverybody, checkOutsiders, checkTenants } from './checks-rights.ts';
import { probes } from './probes.ts';
import { ONLY, residualProbes } from './probes-residual.ts';
import { readSnapshot } from './catalog-snapshot.ts';

/**
 * The half that the operator reads: who can do what to whom, from the server's own tables. Nothing is sampled, and the cost
 * grows with what is there and not with pairs.
 */
export async function analyse(connection: Connection, input: Input, secrets: SecretSource): Promise<Analysis> {
  const snapshot = await readSnapshot(connection, input, secrets);
  const findings = new Findings(probes, 'MY-', input.name);
  checkTenants(snapshot, findings);
  checkEverybody(snapshot, findings);
  checkOutsiders(snapshot, findings);
  checkOtherHosts(snapshot, findings);
  checkAccounts(snapshot, findings);
  checkAnonymous(snapshot, findings);
  checkDefiners(snapshot, findings);
  checkServer(snapshot, findings);
  checkOperators(snapshot, findings);
  checkRetired(snapshot, findings);
  checkStrays(snapshot, findings);
  checkReach(snapshot, findings);
  checkStrangers(snapshot, findings);
  checkCarriers(snapshot, findings);
  checkSessions(snapshot, findings);
  checkHeld(snapshot, findings);
  checkLive(snapshot, findings);
  checkWaiting(snapshot, findings);
  return {
    findings: findings.all,
    declared: declaredPairs(input),
    residual: residualOf(input.name, snapshot.facts.flavor),
    analysed: findings.judged,
  };
}

/** Readers and the apps that they read, shares and the apps that they open. */
function declaredPairs({ readers, shares }: Input): Analysis['declared'] {
  return [
    ...readers.flatMap((reader) => reader.reads.map((to) => ({ from: reader.name, to }))),
    ...shares.filter((share) => share.via === 'grant').map((share) => ({ from: share.to, to: share.from })),
  ];
}

/** What a shared server of this kind cannot close. */
function residualOf(instance: string, flavor: 'mysql' | 'mariadb'): readonly Residual[] {
  return residualProbes
    .filter(({ id }) => (lookUp(ONLY, id) ?? flavor) === flavor)
    .map(({ id, title, why, hardening }) => ({ probe: id, instance, what: `${title}: ${why} ${hardening}` }));
}
