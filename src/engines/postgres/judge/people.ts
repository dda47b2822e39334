import type { Observation } from '../../../engine/index.ts';
import { addressKey, type Resource } from '../../../model/index.ts';
import type { Draft } from '../compile/draft.ts';
import { factsOf } from '../kinds/kind.ts';
import { peopleOf } from '../effective/people.ts';
import { isKind } from '../spec.ts';

/** Operators and known logins that are not there, and what this admin cannot grant the operators. */
export function judgePeople(draft: Draft, desired: readonly Resource[], observation: Observation): void {
  const { input } = draft;
  const facts = factsOf(observation.server);
  const found = new Map(observation.resources.map((one) => [addressKey(one.address), one]));
  for (const one of desired) {
    if (!isKind(one, 'operator')) continue;
    const { name } = one.address;
    const path = one.path ?? input.path;
    const has = found.get(addressKey(one.address));
    if (!has || !isKind(has, 'operator')) {
      draft.warn(
        'CT2028',
        `the operator "${name}" does not exist on "${input.name}", so nothing is granted`,
        path,
        `CREATE ROLE "${name}" LOGIN`,
      );
      continue;
    }
    if (has.spec.tenant !== undefined) {
      const message = `the operator "${name}" of "${input.name}" is a role of ${has.spec.tenant}: an app is granted nothing of what an operator may do`;
      draft.error('CT2006', message, path, 'create a login of its own for the operator (CREATE ROLE … LOGIN)');
      continue;
    }
    if (has.spec.beyond.length === 0) continue;
    draft.warn(
      'CT2008',
      `the admin "${facts.user}" of "${input.name}" cannot grant the operator "${name}" all of its privileges`,
      path,
      `have a superuser run: ${has.spec.beyond.join('; ')}`,
    );
  }
  const people = peopleOf(observation);
  for (const { user, path } of input.known)
    if (people && !people.roles.has(user)) draft.warn('CT2028', `the known login "${user}" does not exist on "${input.name}"`, path);
}
