import { candidatesOf, type SecretSource } from '../../../engine/index.ts';
import type { Diagnostic } from '../../../model/index.ts';
import { sha256 } from '../../../util/canonical.ts';
import type { AclUser } from '../acl.ts';
import type { Input } from '../compile/draft.ts';
import { DEFAULT_USER, secretName } from '../names.ts';

export interface LostUsers {
  /** Without a mark, and they let in whoever has a password that only this project's store has. */
  readonly proven: ReadonlySet<string>;
  /** Under a name for which this project set a password once, that no retired user has left: with another one by now. */
  readonly replaced: ReadonlySet<string>;
}

/** As `retiredUser` writes it. */
const RETIRED = /^(.+)__gone_\d{8}/s;

export function lostUsers(
  users: readonly AclUser[],
  { input, secrets, user: admin }: { readonly input: Input; readonly secrets: SecretSource; readonly user: string },
): LostUsers {
  const accepted = new Set([admin, DEFAULT_USER, ...input.operators.map(({ name }) => name), ...input.known.map(({ user }) => user)]);
  // A name that a retired app has left is anybody's.
  for (const { name, mark } of users) if (mark?.retired !== undefined) accepted.add(mark.was ?? RETIRED.exec(name)?.[1] ?? name);
  const proven = new Set<string>();
  const replaced = new Set<string>();
  for (const { name, hashes, mark } of users) {
    if (mark !== null) continue;
    const set = candidatesOf(secrets, { secret: secretName(input.name, name) });
    if (set.some(({ value }) => hashes.includes(sha256(value)))) proven.add(name);
    else if (set.length > 0) replaced.add(name);
  }
  const open = (names: ReadonlySet<string>): ReadonlySet<string> => new Set([...names].filter((name) => !accepted.has(name)));
  return { proven: open(proven), replaced: open(replaced) };
}

/** What the manifest does not name and no mark tells of is nobody's, and would be left open without a word. */
export function toldOfLost({ proven, replaced }: LostUsers, named: ReadonlySet<string>, { name: instance }: Input): readonly Diagnostic[] {
  return [...proven, ...replaced]
    .filter((name) => !named.has(name))
    .map(
      (name): Diagnostic => ({
        code: 'CT2068',
        severity: 'warning',
        message: `user "${name}" on "${instance}" bears no mark and ${
          proven.has(name) ? 'has a password that this project set' : 'has another password than the one that this project set'
        }: it is left as it is, and nothing closes, restores or deletes it`,
        hint: `${
          proven.has(name)
            ? 'put its app back into the manifest as it was and run cotenant apply, which writes the mark anew; then the app can leave'
            : 'put its app back into the manifest with `adopt: true`, and run cotenant apply; then the app can leave'
        }. ACL DELUSER ${name} ends the user at once and leaves its keys. If the user is somebody else's, list it under \`known\``,
        instance,
        waits: name,
      }),
    );
}
