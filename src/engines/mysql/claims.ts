import type { Observation } from '../../engine/index.ts';
import { censusIn } from './census.ts';
import { compile } from './compile.ts';
import type { Draft } from './draft.ts';
import { isKind } from './spec.ts';

/**
 * What another project, or a retired app, holds: nobody else gets it, whatever it looks like and whatever `adopt` says. The server
 * lets a login in by the account whose host fits best: one more account of another app's user stands before that app's own.
 */
export function judgeClaims(draft: Draft, observation: Observation): void {
  const { name: instance, project } = draft.input;
  const there = new Map(observation.resources.map((one) => [`${one.address.kind}/${one.address.name}`, one]));
  const retired = new Set(observation.marks.filter((mark) => mark.retired !== null).map(({ app }) => app));
  const held = new Map(censusIn(observation).held.map((one) => [one.user, one]));
  const said = new Set<string>();
  for (const desired of compile(draft.input).resources) {
    const path = desired.path ?? draft.input.path;
    const { kind, name } = desired.address;
    const found = there.get(`${kind}/${name}`);
    const noted = found && (isKind(found, 'account') || isKind(found, 'database')) && found.spec.noted;
    if (found && !found.owned && noted && !(desired.app !== null && retired.has(desired.app))) {
      said.add(name);
      const whose = found.app === null ? 'another project' : `app "${found.app}", in this project retired or in another one in use`;
      draft.error('CT2006', `${kind} "${name}" on "${instance}" belongs to ${whose}`, path, 'give this app another name for it');
    }
    const other = isKind(desired, 'account') ? held.get(desired.spec.user) : undefined;
    if (!other || !isKind(desired, 'account') || said.has(name) || said.has(desired.spec.user)) continue;
    said.add(desired.spec.user);
    const whose = `the login "${desired.spec.user}" on "${instance}" belongs to app "${other.app ?? ''}" of project "${other.project}"`;
    draft.error('CT2006', `${whose}; "${project}" would stand before it`, path, 'give this app another login: `names.login`');
  }
}
