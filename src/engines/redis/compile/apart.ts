import { placementOf } from '../../../engine/index.ts';
import type { Resource } from '../../../model/index.ts';
import type { Input } from './draft.ts';
import { literalStart } from '../glob.ts';
import { loginsOf } from './logins.ts';
import { channelPrefix } from './places.ts';
import { globOf } from '../rights.ts';
import type { Rules } from './rules.ts';
import type { UserSeen, UserSpec } from '../spec.ts';

/** Why a user that is adopted is somebody else's for all that the server tells, and what the manifest can say to take it all the same. */
export interface Apart {
  readonly why: string;
  readonly hint: string;
}

/**
 * `adopt` says that keys and their user are there, and not that whoever is called as a login of the app would be is one. A user
 * under a name that nobody wrote down is the app's where it has keys in the app's place, and nothing elsewhere.
 */
export function apartFrom(input: Input, { address: { name }, app, spec }: Resource<UserSpec>, seen: UserSeen, rules: Rules): Apart | null {
  const placed = placementOf(input, app ?? '');
  const login = placed && loginsOf(placed).find(({ user }) => user === name);
  if (!placed || !login) return null;
  const { placement } = placed;
  const fields = Object.values(placement.logins ?? {}).map((one) => (typeof one === 'string' ? undefined : one.user));
  if ([placement.user, ...fields].includes(name)) return null;
  const why =
    whyApart(seen, spec, channelPrefix(placed), rules) ?? (hasKeys(seen) ? null : `nothing on the server says that it is app "${app}"’s`);
  if (why === null) return null;
  const entry = name === app ? `user: ${name}` : `logins: { ${login.name}: { as: ${login.as}, user: ${name} } }`;
  return { why, hint: `if it is the app's, name it: \`${entry}\`; else give the app another one there` };
}

const hasKeys = ({ grants }: UserSeen): boolean => grants.some(({ keys }) => keys.length > 0);

function whyApart({ enabled, grants }: UserSeen, { access, prefix }: UserSpec, channelsOf: string, rules: Rules): string | null {
  if (!enabled) return 'it is switched off';
  // What has the server to itself has everything.
  if (access.startsWith('instance')) return null;
  for (const { keys, channels, databases } of grants) {
    const key = keys.find((pattern) => !literalStart(globOf(pattern)).startsWith(prefix));
    if (key !== undefined) return `it has keys ${key}`;
    // All of them is what earlier servers gave to everybody.
    const channel = channels.find(
      (pattern) => pattern !== '*' && !rules.channels.includes(pattern) && !literalStart(pattern).startsWith(channelsOf),
    );
    if (channel !== undefined) return `it has channels ${channel}`;
    if (keys.length > 0 && access.startsWith('database') && rules.databaseRules && databases !== String(rules.database))
      return databases === 'all' ? 'it comes into every database' : `it comes into database ${databases}`;
  }
  return null;
}
