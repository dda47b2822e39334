import type { Observation } from '../../../engine/index.ts';
import type { Fix } from '../../../model/index.ts';
import { LANE } from '../steps/draft-steps.ts';
import { type Mark, markRule } from '../marks/mark.ts';
import { rulesOf } from '../compile/rules.ts';
import { endSessions } from '../steps/save.ts';
import type { UserSpec } from '../spec.ts';
import { command } from '../words.ts';
import type { Tenant } from './tenants.ts';

/** Takes a command away, and ends what was begun with it. */
export function fixCommand(tenant: Tenant, command: string): readonly Fix[] {
  return changed(tenant, `-${command}`);
}

/** Gives a user the patterns and the databases that it should have, and no others. */
export function fixPatterns(tenant: Tenant, observation: Observation): readonly Fix[] {
  const { keys, channels, databases } = rulesOf(tenant.resource, observation);
  return changed(
    tenant,
    'resetkeys',
    ...keys.map((pattern) => (pattern.startsWith('%') ? pattern : `~${pattern}`)),
    'resetchannels',
    ...channels.map((pattern) => `&${pattern}`),
    ...(databases === 'all' ? [] : ['resetdbs', `db=${databases}`]),
  );
}

/** Leaves one way to log in: the password that cotenant keeps. */
export function fixPassword(tenant: Tenant): readonly Fix[] {
  const { secret, resource } = tenant;
  if (resource.spec.adopt) return [];
  return changed(tenant, 'resetpass', '#:password').map((fix, index) =>
    index === 0 ? { ...fix, statement: { ...fix.statement, secrets: { password: { secret } } } } : fix,
  );
}

/**
 * Nothing where the user bears no mark of this app: it is somebody else's until it is adopted. The mark says no more that all
 * is done: nothing of this is on disk, and the next apply writes it there.
 */
function changed({ user, mark, resource }: Tenant, ...rules: readonly string[]): readonly Fix[] {
  if (mark === null || isElsewhere(mark, resource.spec)) return [];
  const { applied: _, ...unfinished } = mark;
  const rule = command('ACL', 'SETUSER', user, ...rules, 'clearselectors', markRule(unfinished));
  return [rule, endSessions(user)].map((statement) => ({ lane: LANE, statement }));
}

/** The app has its data where the manifest no longer says: an apply refuses to move it (CT2010), and so a fix does. */
function isElsewhere({ access, prefix = '', database }: Mark, spec: UserSpec): boolean {
  if (access === undefined) return false;
  const moved = access.startsWith('database') && spec.database !== null && database !== undefined && database !== spec.database;
  return access !== spec.access || prefix !== spec.prefix || moved;
}
