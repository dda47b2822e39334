import type { Observation } from '../../../engine/index.ts';
import { compile } from '../compile/compile.ts';
import type { Draft } from '../compile/draft.ts';
import { type People, peopleOf } from '../effective/people.ts';
import { ident } from '../quote.ts';
import { isKind, type Theirs } from '../spec.ts';

/** How many are said one by one. */
const SHOWN = 5;

/**
 * CT2077: what an operator or a known login owns stays its own, and what a group of theirs owns too. Where the login that an
 * entry adopts has that by the same group, it would lose it: its sessions act as the owner role, which is not in the group.
 */
export function judgeOwnerGroups(draft: Draft, observation: Observation): void {
  const people = peopleOf(observation);
  if (people === null) return;
  const { resources } = compile(draft.input);
  const adopted = new Set(
    observation.resources.flatMap((one) =>
      one.address.kind === 'role' && !one.owned && people.isLogin(one.address.name) ? [one.address.name] : [],
    ),
  );
  for (const one of observation.resources) {
    if (!isKind(one, 'objects') || one.app === null) continue;
    const { schema, theirs = [] } = one.spec;
    const logins = resources.flatMap((role) =>
      isKind(role, 'role') && role.app === one.app && role.spec.purpose === 'login' && adopted.has(role.address.name) ? [role] : [],
    );
    const inside = theirs.filter((found) => schema === null || found.schema === schema);
    for (const login of logins) {
      const { name } = login.address;
      const through = inside.filter(({ owner }) => owner !== name && people.closure.usable(name).has(owner));
      for (const [owner, all] of Map.groupBy(through, (found) => found.owner))
        draft.error('CT2077', message(one.app, name, owner, all, people), login.path ?? draft.input.path, hint(name, owner, all, people));
    }
  }
}

function message(app: string, login: string, owner: string, all: readonly Theirs[], people: People): string {
  const named = all.flatMap(({ word, names }) => names.map((one) => `${word.toLowerCase()} ${one}`));
  const shown = named.slice(0, SHOWN).join(', ');
  const rest = named.length > SHOWN ? ` and ${named.length - SHOWN} more` : '';
  const members = [...people.closure.below(owner)].filter((one) => one !== login && one !== owner && people.isLogin(one)).sort();
  const others =
    members.length === 0 ? '' : `, which ${members.map((one) => `"${one}"`).join(', ')} ${members.length === 1 ? 'is' : 'are'} in as well`;
  return `app "${app}": login "${login}" has ${shown}${rest} by role "${owner}"${others}: it stays that role’s, and the app would lose it`;
}

function hint(login: string, owner: string, all: readonly Theirs[], people: People): string {
  if (people.roles.get(owner)?.[1] === false && people.roles.get(owner)?.[3] === false)
    return `write \`names: { owner: ${owner} }\` in the placement: the app works as that role then, and its other members keep what they have`;
  const [first] = all;
  const statement = first === undefined ? '' : `ALTER ${first.word} ${first.names[0] ?? ''} OWNER TO ${ident(login)}`;
  return `hand it to the app’s login, and grant "${owner}" by name what it needs: ${statement}`;
}
