import type { Path } from '../../../model/index.ts';
import type { Draft } from './draft.ts';
import { attributesOf, groupsOf } from '../operators.ts';
import { existingTrouble } from '../names.ts';
import { isKind } from '../spec.ts';

/** Logins of the operator, after everything that has a name here: they must be nobody's of this file. */
export function compileOperators(draft: Draft, maintenance: readonly string[]): void {
  const { operators, known, placements, name: instance } = draft.input;
  if (operators.length + known.length === 0) return;
  const databases = draft.done().resources.flatMap((one) => (isKind(one, 'database') ? [one.address.name] : []));
  const seen = new Map<string, string>();
  const isFree = (name: string, what: string, path: Path): boolean => {
    const by = draft.claimedBy('role', name) ?? seen.get(name);
    if (by !== undefined) {
      draft.error(
        'CT2001',
        `${what} and ${by} both claim the role "${name}" on "${instance}"`,
        path,
        'a login is an app’s, an operator’s or a known stranger’s: remove it from one of them',
      );
      return false;
    }
    seen.set(name, what);
    const trouble = existingTrouble(name);
    if (trouble) draft.error(trouble.code, `role ${trouble.why}`, path, 'name a login that is on the server');
    return trouble === null;
  };
  for (const { name, may, path } of operators) {
    if (!isFree(name, `the operator "${name}"`, path)) continue;
    draft.add(
      'operator',
      name,
      null,
      { connect: [...maintenance, ...databases], groups: groupsOf(may), attributes: attributesOf(may), beyond: [] },
      path,
    );
    const hidden = placements.find(({ placement }) => placement.isolation === 'rows');
    if (hidden && may.includes('read-all') && !may.includes('bypass-rls'))
      draft.warn(
        'CT2029',
        `the operator "${name}" may read-all, and app "${hidden.app}" lives at level rows: its tables look empty to it, and pg_dump stops there`,
        path,
        'add `bypass-rls` where it makes dumps',
      );
  }
  for (const { user, why, path } of known) {
    if (isFree(user, `the known login "${user}"`, path))
      draft.relax(null, `known: ${user}`, `a login outside the manifest keeps its access: ${why}`, path);
  }
}
