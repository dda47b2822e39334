import type { Observation } from '../../engine/index.ts';
import type { Diagnostic } from '../../model/index.ts';
import type { Input } from './compile/draft.ts';
import { factsOf } from './observe/server.ts';
import { isSeen } from './spec.ts';
import { strangersOf } from './observe/strangers.ts';

type Found = Omit<Diagnostic, 'instance'>;

const OLDEST = [5, 26] as const;

/** What the server's edition, version, settings and users stand against. */
export function judge(input: Input, observation: Observation): readonly Diagnostic[] {
  const found = [...judgeServer(input, observation), ...judgeStrangers(input, observation)];
  return found.map((one) => ({ ...one, instance: input.name }));
}

function judgeServer({ config, path }: Input, observation: Observation): readonly Found[] {
  const { edition, version, databases, database, authEnabled } = factsOf(observation);
  const out: Found[] = [];
  const error = (code: string, message: string, hint: string): void => void out.push({ code, severity: 'error', message, hint });
  const more = databases.length === 0 ? '' : ` with databases besides the standard one (${databases.join(', ')})`;
  if (edition !== 'community' || more !== '') {
    const message = `the server is Neo4j ${edition === '' ? 'of an unknown edition' : edition}${more}: cotenant builds and verifies nothing there yet`;
    error('CT2081', message, 'use Community with one app on each instance');
  }
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    error('CT2015', `Neo4j ${version} is older than what cotenant was tried on`, 'use 5.26 or newer');
  if (!authEnabled)
    error('CT2084', 'the server asks nobody for a password: no user means anything there', 'set dbms.security.auth_enabled=true');
  if (database !== config.database) {
    const message = `the standard database of the server is "${database}", and the manifest has "${config.database}"`;
    out.push({ code: 'CT2086', severity: 'error', message, hint: `write \`database: ${database}\``, path: [...path, 'database'] });
  }
  return out;
}

/** Each of them may do everything, so it is said before an app gets there. Nothing is done about them. */
function judgeStrangers(input: Input, observation: Observation): readonly Found[] {
  if (input.placements.length === 0) return [];
  const users = observation.resources.flatMap((one) => (isSeen(one, 'user') && !one.owned ? [one.address.name] : []));
  return strangersOf(input, users).map((user) => ({
    code: 'CT2083',
    severity: 'warning',
    message: `the user "${user}" is nobody's of the manifest, and an administrator, as every user of Community is`,
    hint: `DROP USER \`${user}\`, or accept it: \`known: [{ user: ${user}, why: … }]\``,
  }));
}
