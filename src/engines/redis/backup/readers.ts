import type { BackupContext } from '../../../engine/index.ts';
import { fail } from '../../../model/index.ts';
import { type AclUser, parseAclLine } from '../acl.ts';
import { commandTable } from '../commands.ts';
import { type Connection, listOf } from '../connect/connection.ts';
import { canSee, grantReader, type KeyRange, seesMore } from '../rights.ts';
import type { Input, Login } from './session.ts';

interface Drill {
  readonly input: Input;
  readonly login: Pick<Login, 'prefix' | 'database'>;
  /** Where its keys are to lie. */
  readonly range: KeyRange;
  /** As whom cotenant is logged in. */
  readonly admin: string;
}

/**
 * Throws CT4327 where somebody but operators could look at the keys of a drill and not at all of the app itself as well: by a
 * pattern that fits its name. Who may look at both is told.
 */
export async function refuseReaders(operator: Connection, { input, login, range, admin }: Drill, context: BackupContext): Promise<void> {
  const users = listOf(await operator.send('ACL', 'LIST')).map((line) => parseAclLine(String(line)));
  const grantsOf = grantReader(commandTable(await operator.send('COMMAND')));
  const own: KeyRange = { prefix: login.prefix, database: login.database };
  const isOurs = ({ name }: AclUser): boolean => name === admin || input.operators.some((one) => one.name === name);
  const readers = users
    .filter((user) => user.enabled && !isOurs(user))
    .map((user) => ({ user, grants: grantsOf(user) }))
    .filter(({ grants }) => canSee(grants, range))
    .map(({ user, grants }) => ({ user, more: seesMore(grants, range, own) }));
  const strange = readers.flatMap(({ user: { name }, more }) => (more.length > 0 ? [`"${name}" (${more.join(' ')})`] : []));
  if (strange.length > 0)
    throw fail('CT4327', `keys of a drill on "${input.name}" are open to ${strange.join(', ')}`, {
      instance: input.name,
      hint: 'give the user a narrower pattern, or name it under `operators`',
    });
  const told = readers.flatMap(({ user: { name, mark } }) => (mark ? [] : [`"${name}"`]));
  if (told.length > 0) context.say(`may look at this drill, as at the app's own keys on "${input.name}": ${told.join(', ')}`);
}
