import type { Findings } from '../../../engine/index.ts';
import type { Residual } from '../../../model/index.ts';
import { residualProbes } from './probes-residual.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

/** Less than so many connections are taken in a moment. */
const FEW_CLIENTS = 100;

/** Settings that no user can be held against. */
export function checkServer(snapshot: CatalogSnapshot, findings: Findings): void {
  const { facts, input } = snapshot;
  findings.judged += 5;
  const base = { from: null, to: null };
  if (facts.saving === 'none' && !input.config.unsavedAcl)
    findings.add('P1', { ...base, statement: 'CONFIG GET aclfile', answer: 'no aclfile, and no configuration file' });
  const evicts = facts.policy !== '' && facts.policy !== 'noeviction';
  // No fix: the setting is everybody's on the server, and may be what others live by.
  if (evicts && input.config.eviction === 'refuse' && input.placements.length > 1)
    findings.add('K30', { ...base, statement: 'CONFIG GET maxmemory-policy', answer: facts.policy });
  if (facts.maxmemory === 0) findings.add('K31', { ...base, statement: 'CONFIG GET maxmemory', answer: '0: no limit' });
  if (facts.maxclients >= 0 && facts.maxclients < FEW_CLIENTS)
    findings.add('K32', { ...base, statement: 'CONFIG GET maxclients', answer: String(facts.maxclients) });
  checkSerialised(snapshot, findings);
}

/** Whoever may RESTORE where nothing looks at the values. No fix: the setting is everybody's, and costs them time where they bring values themselves. */
function checkSerialised({ facts, tenants }: CatalogSnapshot, findings: Findings): void {
  if (facts.sanitizing !== 'no') return;
  const able = tenants.filter(({ access, allowed }) => !access.startsWith('instance') && allowed.has('restore'));
  for (const from of new Set(able.map(({ app }) => app)))
    findings.add('K27', { from, to: null, statement: 'CONFIG GET sanitize-dump-payload', answer: 'no, and this app may RESTORE' });
}

/** What this server cannot close, for the levels that are in use on it. */
export function residualOf({ input, facts, refused }: CatalogSnapshot): readonly Residual[] {
  const levels = new Set<string>(input.placements.map(({ placement }) => placement.isolation));
  return residualProbes
    .filter(({ id, levels: of }) => of.some((level) => levels.has(level)) && !(id === 'RD-K37' && facts.databaseRules))
    .map(({ id, title, why, hardening }) => {
      const found = id === 'RD-K40' ? ` ${loggedBefore(refused)}` : '';
      return { probe: id, instance: input.name, what: `${title}: ${why}${found} ${hardening}` };
    });
}

/** Users named in the report. */
const NAMED = 5;

/** What the attempts of this proof may push out of the log. */
function loggedBefore(refused: CatalogSnapshot['refused']): string {
  if (refused === null) return 'What it held before this proof could not be read.';
  if (refused.length === 0) return 'Before this proof it held no entry of anybody else.';
  const names = [...new Set(refused)];
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  const entries = refused.length === 1 ? '1 entry' : `${refused.length} entries`;
  return `Before this proof it held ${entries} of others (${names.slice(0, NAMED).join(', ')}${more}).`;
}
