import { createHash } from 'node:crypto';
import { candidatesOf, type SecretSource } from '../../../engine/index.ts';
import type { Diagnostic } from '../../../model/index.ts';
import type { AclUser } from '../acl.ts';
import type { Input } from '../compile/draft.ts';
import { DEFAULT_USER, secretName } from '../names.ts';

/** Users without a mark that let in whoever has a password that only this project's store has. */
export function lostUsers(
  users: readonly AclUser[],
  { input, secrets, user: admin }: { readonly input: Input; readonly secrets: SecretSource; readonly user: string },
): ReadonlySet<string> {
  const accepted = new Set([admin, DEFAULT_USER, ...input.operators.map(({ name }) => name), ...input.known.map(({ user }) => user)]);
  const isOurs = ({ name, hashes }: AclUser): boolean =>
    candidatesOf(secrets, { secret: secretName(input.name, name) }).some(({ value }) =>
      hashes.includes(createHash('sha256').update(value).digest('hex')),
    );
  return new Set(users.filter((one) => one.mark === null && !accepted.has(one.name) && isOurs(one)).map(({ name }) => name));
}

/** What the manifest does not name and no mark tells of is nobody's, and would be left open without a word. */
export function toldOfLost(names: readonly string[], { name: instance }: Input): readonly Diagnostic[] {
  return names.map(
    (name): Diagnostic => ({
      code: 'CT2068',
      severity: 'warning',
      message: `user "${name}" on "${instance}" bears no mark and has a password that this project set: it is left as it is, and nothing closes, restores or deletes it`,
      hint: `put its app back into the manifest as it was and run cotenant apply, which writes the mark anew; then the app can leave. ACL DELUSER ${name} ends the user at once and leaves its keys. If the user is somebody else's, list it under \`known\``,
      instance,
      waits: name,
    }),
  );
}
