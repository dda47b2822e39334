import type { Diagnostic } from '../../../model/index.ts';
import type { AclUser } from '../acl.ts';
import { type Access, allowedCommands, type Command } from '../commands.ts';
import type { Input } from '../compile/draft.ts';
import { RELAXATION_NAMES, RELAXATIONS } from '../compile/relaxations.ts';
import { prefixOf, startsWith } from '../glob.ts';
import { isLedger } from '../marks/ledger.ts';
import { DEFAULT_USER } from '../names.ts';
import { type Grants, globOf } from '../rights.ts';

interface Looking {
  readonly input: Input;
  readonly table: readonly Command[];
  readonly grantsOf: Grants;
  /** Users that the manifest asks for, those that are told otherwise, and whom cotenant is logged in as. */
  readonly except: ReadonlySet<string>;
}

/**
 * Users without a mark that may exactly what cotenant gives to a login of an app: nobody writes such a list of commands by hand. Of an
 * adopted one whose mark and password are gone nothing else tells, and it would stay open without a word when its app leaves.
 */
export function toldOfLooks(users: readonly AclUser[], { input, table, grantsOf, except }: Looking): readonly Diagnostic[] {
  const named = new Set([DEFAULT_USER, ...except, ...input.operators.map(({ name }) => name), ...input.known.map(({ user }) => user)]);
  const known = new Map<string, boolean>();
  return users.flatMap((user): Diagnostic[] => {
    const { name, mark, enabled } = user;
    if (!enabled || mark !== null || named.has(name) || isLedger(name)) return [];
    const [first, ...more] = grantsOf(user);
    const [keys, ...others] = user.keys;
    if (!first || more.length > 0 || keys === undefined || others.length > 0) return [];
    const access: Access | null = accessOf(keys, user);
    if (access === null) return [];
    const key = `${access} ${first.commands}`;
    const looks = known.get(key) ?? isProfile(table, access, first.commands);
    known.set(key, looks);
    return looks ? [told(name, `keys ${keys}`, input.name)] : [];
  });
}

/** What keys and channels say of the level that it would have; null: it is none. */
function accessOf(keys: string, { channels, databases }: AclUser): Access | null {
  const reads = /^%R~/i.test(keys);
  const prefix = prefixOf(globOf(keys));
  if (prefix === null || (!reads && keys !== globOf(keys))) return null;
  if (reads && channels.length > 0) return null;
  if (prefix !== '') return reads ? 'reader' : channels.includes(startsWith(prefix)) ? 'prefix' : null;
  if (!/^\d+$/.test(databases)) return null;
  return reads ? 'database-reader' : 'database';
}

/** True where these commands are those of a level, with some relaxations whole. */
function isProfile(table: readonly Command[], access: Access, commands: string): boolean {
  const base = new Set(allowedCommands(table, access, []));
  const extra = new Set(commands.split(' ').filter((name) => !base.has(name)));
  const relax = RELAXATION_NAMES.filter((name) => RELAXATIONS[name].adds.some((one) => extra.has(one)));
  return allowedCommands(table, access, relax).join(' ') === commands;
}

function told(name: string, where: string, instance: string): Diagnostic {
  return {
    code: 'CT2068',
    severity: 'warning',
    message: `user "${name}" on "${instance}" bears no mark and has exactly what cotenant gives to a login of an app (${where}): it is left as it is, and nothing closes, restores or deletes it`,
    hint: `if it was an app's of this project, put that one back into the manifest with \`adopt: true\` and \`user: ${name}\`, and run cotenant apply; then the app can leave. If it is somebody else's, list it under \`known\``,
    instance,
  };
}
