import { type Observation, otherProjects, type Theirs } from '../../../engine/index.ts';
import { censusIn } from '../observe/census.ts';
import { compile } from '../compile/compile.ts';
import type { Observed, Resource } from '../../../model/index.ts';
import { apartFrom } from './apart.ts';
import type { Draft } from '../compile/draft.ts';
import { keyOf } from '../grants.ts';
import { type Holder, isKind } from '../spec.ts';
import { isNamed } from './people.ts';
import { remadeInTheWay } from '../retire/remade.ts';
import { lookUp } from '../../../util/record.ts';

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
  const { resources } = compile(draft.input);
  const wanted = new Set(resources.map(({ address }) => `${address.kind}/${address.name}`));
  const others: Theirs[] = [];
  const said = new Set<string>();
  const strangers = Map.groupBy(
    censusIn(observation).accounts.filter(({ of, isRole }) => of === null && !isRole),
    ({ user }) => user,
  );
  /** A login of somebody else that has the same name: where both fit, the new account stands before it. */
  const judgeShadow = (desired: Resource, isThere: boolean): void => {
    if (!isKind(desired, 'account') || isThere || said.has(desired.spec.user)) return;
    // With `adopt`, one of its hosts is new, and what is there already stays only where the manifest says so.
    const isMeant = (login: Holder): boolean => desired.spec.adopt && (wanted.has(`account/${login.key}`) || isNamed(draft.input, login));
    const others = (strangers.get(desired.spec.user) ?? []).filter((one) => !isMeant(one)).map(({ key }) => key);
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
  for (const desired of resources) {
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
    const tie = found && !found.owned && !noted && adopts(desired) ? tieOf(desired, observation) : null;
    if (tie !== null) {
      said.add(name);
      const hint = 'set a different name in the placement; if that project has nothing to do with it any more, revoke that by hand first';
      draft.error('CT2006', `${kind} "${name}" on "${instance}" ${tie}: \`adopt\` takes nothing that another project holds`, path, hint);
    }
    if (found && !found.owned && !noted && isKind(desired, 'account') && isKind(found, 'account')) {
      // It would be shut: what is adopted is the login that works.
      if (desired.spec.adopt && desired.spec.locked && !found.spec.locked) {
        const hint = 'give the login that waits for the next rotation another name: `names.standbyLogin`';
        draft.error('CT2005', `account "${name}" exists on "${instance}", is open, and is not cotenant's`, path, hint);
      }
    }
    judgeApart(draft, desired, found?.owned === false && !noted && tie === null ? found : undefined);
    const other = isKind(desired, 'account') ? held.get(desired.spec.user) : undefined;
    if (!other) judgeShadow(desired, found !== undefined);
    if (!other || !isKind(desired, 'account') || said.has(name) || said.has(desired.spec.user)) continue;
    said.add(desired.spec.user);
    const whose = `the login "${desired.spec.user}" on "${instance}" belongs to app "${other.app ?? ''}" of project "${other.project}"`;
    draft.error('CT2006', `${whose}; "${project}" would stand before it`, path, 'give this app another login: `names.login`');
  }
  judgeRemade(draft, resources, observation);
  draft.tell(...otherProjects(others, { instance, rename: 'rename the apps of this project' }));
}

/** An account of a retired app that is asked for again, and that somebody may have made anew. */
function judgeRemade(draft: Draft, resources: readonly Resource[], observation: Observation): void {
  const remade = new Set(censusIn(observation).remade);
  for (const { address, app, path = draft.input.path } of resources)
    if (address.kind === 'account' && remade.has(address.name))
      draft.tell({ ...remadeInTheWay(address.name, app ?? '', draft.input.name), path });
}

function judgeApart(draft: Draft, desired: Resource, found: Observed | undefined): void {
  if (!found || !isKind(desired, 'account') || !isKind(found, 'account') || !desired.spec.adopt) return;
  const apart = apartFrom(draft.input, desired, found.spec);
  if (apart === null) return;
  const what = `account "${desired.address.name}" exists on "${draft.input.name}" and may be somebody else's: ${apart.why}`;
  draft.error('CT2005', what, desired.path ?? draft.input.path, apart.hint);
}

const adopts = (desired: Resource): boolean => (isKind(desired, 'account') || isKind(desired, 'database')) && desired.spec.adopt;

/** Somebody may have deleted its row of the ledger: what another project has to do with it still tells. Nobody adopts that. */
function tieOf(desired: Resource, observation: Observation): string | null {
  const { name } = desired.address;
  const { accounts, theirs } = censusIn(observation);
  if (isKind(desired, 'account')) {
    const grants = accounts.find(({ key }) => key === name)?.grants ?? {};
    const there = theirs.find(([key]) => key.startsWith('database/') && lookUp(grants, keyOf(['database', key.slice('database/'.length)])));
    return there ? `has rights in ${there[0].replace('/', ' "')}" of project "${there[1]}"` : null;
  }
  if (!isKind(desired, 'database')) return null;
  const projects = new Map(theirs);
  const owner = accounts.find(({ key, grants }) => projects.has(`account/${key}`) && lookUp(grants, keyOf(['database', name])));
  return owner ? `is where ${owner.key} of project "${projects.get(`account/${owner.key}`) ?? ''}" has rights` : null;
}
