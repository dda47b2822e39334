import type { Observation } from '../../../engine/index.ts';
import type { Fix } from '../../../model/index.ts';
import { LANE } from '../draft-steps.ts';
import { markRule } from '../mark.ts';
import { rulesOf } from '../rules.ts';
import { endSessions } from '../save.ts';
import { isSeen } from '../spec.ts';
import { commandText } from '../words.ts';
import type { Tenant } from './tenants.ts';

/** Takes a command away, and ends what was begun with it. `apply` writes it down. */
export function fixCommand({ user }: Tenant, command: string): readonly Fix[] {
  return sent(commandText('ACL', 'SETUSER', user, `-${command}`), user);
}

/** Gives a user the patterns and the databases that it should have, and no others. */
export function fixPatterns({ user, resource }: Tenant, observation: Observation): readonly Fix[] {
  const { keys, channels, databases } = rulesOf(resource, observation);
  const seen = observation.resources.find((one) => isSeen(one, 'user') && one.address.name === user);
  const mark = seen && isSeen(seen, 'user') ? seen.spec.mark : null;
  const rules = [
    'resetkeys',
    ...keys.map((pattern) => (pattern.startsWith('%') ? pattern : `~${pattern}`)),
    'resetchannels',
    ...channels.map((pattern) => `&${pattern}`),
    ...(databases === 'all' ? [] : ['resetdbs', `db=${databases}`]),
    'clearselectors',
    ...(mark ? [markRule(mark)] : []),
  ];
  return sent(commandText('ACL', 'SETUSER', user, ...rules), user);
}

/** Leaves one way to log in: the password that cotenant keeps. */
export function fixPassword({ user, secret, resource }: Tenant): readonly Fix[] {
  if (resource.spec.adopt) return [];
  const text = commandText('ACL', 'SETUSER', user, 'resetpass', '#:password');
  return [
    { lane: LANE, statement: { text, params: { password: { secret } } } },
    { lane: LANE, statement: endSessions(user) },
  ];
}

function sent(text: string, user: string): readonly Fix[] {
  return [{ text }, endSessions(user)].map((statement) => ({ lane: LANE, statement }));
}
