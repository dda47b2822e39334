import { type Observation, otherProjects, type Theirs } from '../../../engine/index.ts';
import { censusIn } from '../observe/census.ts';
import { compile } from '../compile/compile.ts';
import type { Resource } from '../../../model/index.ts';
import type { Draft } from '../compile/draft.ts';
import { isKind } from '../spec.ts';

/**
 * What another project, or a retired app, holds: nobody else gets it, whatever it looks like and whatever `adopt` says. The server
 * lets a login in by the account whose host fits best: one more account of another app's user stands before that app's own.
 */
export function judgeClaims(draft: Draft, observation: Observation): void {
  const { name: instance, project } = draft.input;
  const there = new Map(observation.resources.map((one) => [`${one.address.kind}/${one.address.name}`, one]));
  const retired = new Set(observation.marks.filter((mark) => mark.retired !== null).map(({ app }) => app));
  const held = new Map(censusIn(observation).held.map((one) => [one.user, one]));
  const theirs = new Map(censusIn(observation).theirs);
  const others: Theirs[] = [];
  const said = new Set<string>();
  const strangers = Map.groupBy(
    censusIn(observation).accounts.filter(({ of, isRole }) => of === null && !isRole),
    ({ user }) => user,
  );
  /** A login of somebody else that has the same name: where both fit, the new account stands before it. */
  const judgeShadow = (desired: Resource, isThere: boolean): void => {
    if (!isKind(desired, 'account') || isThere || desired.spec.adopt || said.has(desired.spec.user)) return;
    const others = (strangers.get(desired.spec.user) ?? []).map(({ key }) => key);
    if (others.length === 0) return;
    said.add(desired.spec.user);
    const hint = 'give the app another login (`names.login`), or add `adopt: true` and all its hosts to take it over';
    draft.error(
      'CT2005',
      `the login "${desired.spec.user}" exists on "${instance}" as ${others.join(', ')}, and is not cotenant's`,
      desired.path ?? draft.input.path,
      hint,
    );
  };
  for (const desired of compile(draft.input).resources) {
    const path = desired.path ?? draft.input.path;
    const { kind, name } = desired.address;
    const found = there.get(`${kind}/${name}`);
    const noted = found && (isKind(found, 'account') || isKind(found, 'database')) && found.spec.noted;
    const holder = found?.owned === false ? theirs.get(`${kind}/${name}`) : undefined;
    if (holder !== undefined) {
      said.add(name);
      others.push({ project: holder, what: `${kind} "${name}"`, path });
    } else if (found && !found.owned && noted && !(desired.app !== null && retired.has(desired.app))) {
      said.add(name);
      const whose = found.app === null ? 'another project' : `app "${found.app}", in this project retired or in another one in use`;
      draft.error('CT2006', `${kind} "${name}" on "${instance}" belongs to ${whose}`, path, 'set a different name in this app’s placement');
    }
    if (found && !found.owned && !noted && isKind(desired, 'account') && isKind(found, 'account')) {
      // It would be shut: what is adopted is the login that works.
      if (desired.spec.adopt && desired.spec.locked && !found.spec.locked) {
        const hint = 'give the login that waits for the next rotation another name: `names.standbyLogin`';
        draft.error('CT2005', `account "${name}" exists on "${instance}", is open, and is not cotenant's`, path, hint);
      }
    }
    const other = isKind(desired, 'account') ? held.get(desired.spec.user) : undefined;
    if (!other) judgeShadow(desired, found !== undefined);
    if (!other || !isKind(desired, 'account') || said.has(name) || said.has(desired.spec.user)) continue;
    said.add(desired.spec.user);
    const whose = `the login "${desired.spec.user}" on "${instance}" belongs to app "${other.app ?? ''}" of project "${other.project}"`;
    draft.error('CT2006', `${whose}; "${project}" would stand before it`, path, 'give this app another login: `names.login`');
  }
  draft.tell(...otherProjects(others, { instance, rename: 'rename the apps of this project' }));
}
