import { candidatesOf, type SecretSource } from '../../../engine/index.ts';
import type { Diagnostic } from '../../../model/index.ts';
import { sha256 } from '../../../util/canonical.ts';
import type { AclUser } from '../acl.ts';
import type { Input } from '../compile/draft.ts';
import { retiredUser, secretName } from '../names.ts';
import { isLedger } from './ledger.ts';
import { isUsualUser, type Mark } from './mark.ts';

interface Evidence {
  readonly input: Input;
  readonly secrets: SecretSource;
  /** The apps of the users that the manifest asks for. */
  readonly wanted: ReadonlyMap<string, string | null>;
}

/** A user with a mark of this project that says nothing. */
export interface Unproven {
  readonly user: AclUser;
  readonly mark: Mark;
}

/**
 * Users with a mark of this project that came along with a copied line. An app's own is asked for by the manifest, lets in whoever has
 * the password that only the secret store has, or is called as its app's users are, or as its mark says; what was put aside, as it was called that day.
 */
export function unprovenMarks(users: readonly AclUser[], evidence: Evidence): readonly Unproven[] {
  const { project, operators, known } = evidence.input;
  const accepted = new Set([...operators.map(({ name }) => name), ...known.map(({ user }) => user)]);
  return users.flatMap((user) => {
    const { name, mark } = user;
    if (mark?.project !== project || isLedger(name) || evidence.wanted.get(name) === mark.app) return [];
    return !accepted.has(name) && isProven(user, mark, evidence) ? [] : [{ user, mark }];
  });
}

export function withoutMarks(users: readonly AclUser[], unproven: readonly Unproven[]): readonly AclUser[] {
  const bare = new Set(unproven.map(({ user }) => user.name));
  return users.map((user) => (bare.has(user.name) ? { ...user, mark: null } : user));
}

function isProven({ name, hashes }: AclUser, mark: Mark, { input, secrets }: Evidence): boolean {
  const was = mark.retired === undefined ? name : (mark.was ?? mark.app);
  const sent = ([1, 2] as const).flatMap((slot) => candidatesOf(secrets, { secret: secretName(input.name, was, slot) }));
  if (sent.some(({ value }) => hashes.includes(sha256(value)))) return true;
  if (mark.user === undefined ? !isUsualUser(mark.app, was) : mark.user !== was) return false;
  if (mark.retired === undefined) return true;
  const [head, rest] = [retiredUser(was, mark.retired), name.slice(retiredUser(was, mark.retired).length)];
  return name.startsWith(head) && /^(?:_\d+)?$/.test(rest);
}

export function toldOfUnproven(unproven: readonly Unproven[], { name: instance }: Input): readonly Diagnostic[] {
  return unproven.map(({ user: { name, selectors }, mark: { app } }) => ({
    code: 'CT2071',
    severity: 'warning',
    message: `user "${name}" on "${instance}" bears the mark of app "${app}", but nothing else shows that it is one: it is taken for nobody's of this project, and left as it is`,
    hint: `ACL SETUSER ${[name, 'clearselectors', ...selectors].join(' ')} takes the mark off`,
    instance,
  }));
}
