import type { Findings, Observation } from '../../../engine/index.ts';
import type { Residual } from '../../../model/index.ts';
import type { Input } from '../compile/draft.ts';
import { factsOf } from '../observe/server.ts';
import { strangersOf } from '../observe/strangers.ts';
import { isSeen } from '../spec.ts';
import { statement } from '../words.ts';
import { residualProbes } from './probes.ts';

/** Settings that the analysis reads. */
export const SETTINGS = {
  auth: 'dbms.security.auth_enabled',
  files: 'dbms.security.allow_csv_import_from_file_urls',
  unrestricted: 'dbms.security.procedures.unrestricted',
  paths: 'dbms.security.http_auth_allowlist',
  http: 'server.http.enabled',
  httpAddress: 'server.http.advertised_address',
  total: 'dbms.memory.transaction.total.max',
  each: 'db.memory.transaction.max',
  timeout: 'db.transaction.timeout',
} as const;

/** What the analysis works on. */
export interface Snapshot {
  readonly input: Input;
  readonly observation: Observation;
  readonly settings: ReadonlyMap<string, string>;
  /** Names of all procedures. */
  readonly procedures: readonly string[];
}

/** Name spaces that a server has without any plugin. */
const BUILT_IN: readonly string[] = ['db', 'dbms', 'tx'];
const OPEN_PATHS = new Set(['/', '/browser.*']);

export function check(snapshot: Snapshot, findings: Findings): void {
  const { input, settings } = snapshot;
  const at = (name: string): string => settings.get(name) ?? '';
  const read = (name: string): { statement: string; answer: string } => ({ statement: `SHOW SETTINGS, ${name}`, answer: at(name) });
  findings.judged += settings.size + snapshot.procedures.length;
  if (at(SETTINGS.auth) === 'false') findings.add('A1', { from: null, to: null, ...read(SETTINGS.auth) });
  for (const { app } of input.placements)
    if (at(SETTINGS.files) !== 'false') findings.add('N05', { from: app, to: null, ...read(SETTINGS.files) });
  if (at(SETTINGS.unrestricted) !== '') findings.add('N27', { from: null, to: null, ...read(SETTINGS.unrestricted) });
  const paths = at(SETTINGS.paths)
    .split(',')
    .filter((one) => one !== '' && !OPEN_PATHS.has(one));
  if (at(SETTINGS.http) !== 'false' && paths.length > 0) findings.add('H2', { from: null, to: null, ...read(SETTINGS.paths) });
  for (const name of [SETTINGS.total, SETTINGS.each, SETTINGS.timeout])
    if (isUnlimited(at(name))) findings.add('L1', { from: null, to: null, ...read(name) });
  checkProcedures(snapshot, findings);
  checkServer(snapshot, findings);
  checkUsers(snapshot, findings);
}

/** `0B`, `0s`. */
function isUnlimited(value: string): boolean {
  return /^0(?:\.0+)?\s*[a-z]*$/i.test(value);
}

function checkProcedures({ input, procedures }: Snapshot, findings: Findings): void {
  const accepted = [...BUILT_IN, ...input.config.procedures];
  const strange = procedures.filter((name) => !accepted.some((one) => name === one || name.startsWith(`${one}.`)));
  for (const [space, names] of Map.groupBy(strange, (name) => name.split('.')[0] ?? '')) {
    const answer = `${names.length} procedures of ${space}: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`;
    findings.add('N06', { from: null, to: null, statement: `SHOW PROCEDURES, ${space}`, answer });
  }
}

function checkServer({ observation }: Snapshot, findings: Findings): void {
  const { edition, databases } = factsOf(observation);
  if (edition === 'community' && databases.length === 0) return;
  const answer = databases.length === 0 ? edition : `${edition}, databases ${databases.join(', ')}`;
  findings.add('E1', { from: null, to: null, statement: 'CALL dbms.components()', answer });
}

/** Every user that there is: the operator, those of the manifest, marks that nobody can log in as, and nobody else. */
function checkUsers({ input, observation }: Snapshot, findings: Findings): void {
  const users = observation.resources.filter((one) => isSeen(one, 'user'));
  findings.judged += observation.resources.length;
  for (const user of strangersOf(
    input,
    users.map(({ address }) => address.name),
  ))
    for (const { app } of input.placements) findings.add('U1', { from: user, to: app, statement: 'SHOW USERS', answer: user });
  for (const one of observation.resources) {
    if (!isSeen(one, 'ledger') || !one.spec.opened) continue;
    const { name } = one.address;
    const text = statement('ALTER USER $user SET PASSWORD $random CHANGE REQUIRED', { user: name });
    const fix = one.spec.mark.project === input.project ? [{ lane: 'main', statement: text }] : [];
    findings.add('U2', { from: null, to: null, statement: 'SHOW USERS', answer: `${name}: no change of its password is required`, fix });
  }
}

export function residualOf({ name }: Input): readonly Residual[] {
  return residualProbes.map(({ id, title, why, hardening }) => ({ probe: id, instance: name, what: `${title}: ${why} ${hardening}` }));
}
