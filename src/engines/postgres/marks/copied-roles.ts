import type { Diagnostic, Resource } from '../../../model/index.ts';
import { usualRoles } from '../names.ts';
import type { SharedRows } from '../queries/shared.ts';
import { isKind } from '../spec.ts';
import type { Evidence, MarkedObjects } from './unproven.ts';
import { commentStatement } from './statement.ts';
import { type Mark, readMark, textOf } from './mark.ts';

/**
 * Roles that bear the mark of an app of this project that is whole, or retired, without them: neither their name nor the list in its
 * marks nor a password in the secret store says that they are its own. Somebody wrote it there, as with a comment that was copied.
 * What they hold of the app proves nothing: a stranger may have been given it.
 */
export function copiedRoles(
  rows: Pick<MarkedObjects, 'roles' | 'members'>,
  project: string,
  { desired, hasSecret }: Pick<Evidence, 'desired' | 'hasSecret'>,
): ReadonlyMap<string, Mark> {
  const marks = new Map(
    rows.roles.flatMap(({ name, comment }) => {
      const mark = readMark(comment);
      return mark?.project === project && mark.app !== null && mark.share === undefined ? [[name, mark] as const] : [];
    }),
  );
  const wanted = new Map(desired.flatMap((one) => (isKind(one, 'role') ? [[one.address.name, one.app] as const] : [])));
  // Nearly all of them: what is left is few.
  const odd = [...marks].filter(
    ([name, { app, retired }]) => app !== null && retired === undefined && wanted.get(name) !== app && !usualRoles(app).includes(name),
  );
  if (odd.length === 0) return new Map();
  const logins = new Set(rows.roles.flatMap(({ name, login }) => (login ? [name] : [])));
  const byApp = Map.groupBy(marks, ([, { app }]) => app);
  const usualElsewhere = new Set([...byApp.keys()].flatMap((app) => (app === null ? [] : usualRoles(app))));
  return new Map(
    odd.filter(([name, { app }]) => {
      const peers = (byApp.get(app) ?? []).filter(([other]) => other !== name);
      const isWhole = peers.some(([, { applied, retired }]) => applied !== undefined || retired !== undefined);
      if (!isWhole || peers.some(([, { roles = [] }]) => roles.includes(name))) return false;
      // What an app no longer uses is closed and tied to nothing.
      if (!wanted.has(name) && !logins.has(name) && !rows.members.some(([group, member]) => group === name || member === name))
        return false;
      return wanted.has(name) || usualElsewhere.has(name) || !hasSecret(name);
    }),
  );
}

/** What bears a mark that is not its own is nobody's of this project. */
export function toldOfCopiedRoles(
  copied: ReadonlyMap<string, Mark>,
  { roles, lost }: Pick<SharedRows, 'roles' | 'lost'>,
  instance: string,
  desired: readonly Resource[],
): readonly Diagnostic[] {
  const comments = new Map(roles.map((row) => [row[0], row[10]]));
  const settled = new Set([...lost.map(({ name }) => name), ...desired.map(({ address }) => address.name)]);
  return [...copied]
    .filter(([name]) => !settled.has(name))
    .map(([name, { app }]) => ({
      code: 'CT2066',
      severity: 'warning',
      message: `role "${name}" on "${instance}" bears the mark of app "${app ?? ''}", which has no such role: it is taken for nobody's of this project`,
      hint: `${commentStatement('role', name, textOf(comments.get(name) ?? null).text)} takes the mark off`,
      instance,
    }));
}
