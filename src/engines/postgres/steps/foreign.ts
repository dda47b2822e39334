import { type StepDraft, draftStep } from '../../../engine/index.ts';
import { lookUp, putIn } from '../../../util/record.ts';
import { type Acl, privilegeWords } from '../acl.ts';
import { type Context, factsOf } from './draft-steps.ts';
import { CLOSED, perimeter } from '../kinds/perimeter.ts';
import { lettersOf, lettersWithout } from '../effective/letters.ts';
import { peopleOf } from '../effective/people.ts';
import { ident, roles } from '../quote.ts';
import { isKind } from '../spec.ts';
import { SHARED } from '../connect/lanes.ts';

/**
 * With `foreignDatabases: close`, PUBLIC also loses the databases that are not in the manifest. Who is no app's and had it only
 * as everybody gets it by name first. Nothing else there is touched.
 */
export function closeForeign(context: Context): readonly StepDraft[] {
  if (context.input.config.foreignDatabases !== 'close') return [];
  return context.observation.resources.flatMap((one) => {
    if (!isKind(one, 'perimeter') || one.owned || one.spec.publicDatabase === '' || one.spec.beyond.includes('database')) return [];
    const { revokes } = perimeter.statements(one.address.name, one.spec, CLOSED, factsOf(context));
    const others = Map.groupBy(Object.entries(throughPublic(one.address.name, context)), ([, letters]) => letters);
    const named = [...others.values()].flat().length;
    const on = `ON DATABASE ${ident(one.address.name)}`;
    const grants = [...others].map(([letters, all]) => ({
      text: `GRANT ${privilegeWords(letters)} ${on} TO ${roles(all.map(([role]) => role))}`,
    }));
    return [
      draftStep({
        address: one.address,
        app: null,
        part: 'access',
        action: 'update',
        title: `revoke access of everybody to a foreign database${named === 0 ? '' : `, and grant it by name to ${named} ${named === 1 ? 'role' : 'roles'}`}`,
        facts: { database: one.address.name, ...(named === 0 ? {} : { 'granted by name': inWords(others) }) },
        fields: perimeter.diff(CLOSED, one.spec, factsOf(context), one.address.name),
        commands: [...grants, ...revokes],
        reverse: perimeter.statements(one.address.name, CLOSED, one.spec, factsOf(context)).grants,
        risk: 'access-reducing',
        needs: [],
        lane: SHARED,
        unit: `access:${one.address.name}`,
      }),
    ];
  });
}

/** All of them: nobody is granted anything without a word. */
function inWords(others: ReadonlyMap<string, readonly (readonly [role: string, letters: string])[]>): string {
  return [...others]
    .map(([letters, all]) => `${privilegeWords(letters).split(', ').sort().join(', ')} to ${all.map(([role]) => ident(role)).join(', ')}`)
    .join('; ');
}

/**
 * What roles that are no app's may do in the database only because everybody may: logins, and those that they become by
 * SET ROLE, for whom the way in is another's.
 */
export function throughPublic(database: string, { observation }: Context): Acl {
  const people = peopleOf(observation);
  const door = people?.door(database);
  if (!people || !door) return {};
  const { '': everybody = '', ...named } = door.acl;
  const ours = oursOf(observation);
  const out: Record<string, string> = {};
  const add = (role: string, letters: string): void => {
    if (letters !== '') putIn(out, role, [...new Set((lookUp(out, role) ?? '') + letters)].sort().join(''));
  };
  // Code runs as its owner, whoever comes in.
  for (const role of [...people.standing, ...people.ownersIn(database)]) {
    const has = lettersOf({ owner: door.owner, acl: named }, people.closure.inherited(role), 'CTc');
    if (!ours.has(role)) add(role, lettersWithout(everybody, `${has}c`));
  }
  for (const login of people.logins) {
    if (ours.has(login)) continue;
    for (const role of people.closure.becomes(login)) {
      if (ours.has(role) || people.roles.get(role)?.[3] !== false) continue;
      const has = lettersOf({ owner: door.owner, acl: named }, people.closure.inherited(role), 'CTc');
      add(role, lettersWithout(everybody, role === login ? has : `${has}c`));
    }
  }
  return out;
}

/** Roles of the apps, also of those that are put aside. */
export function oursOf({ resources }: Context['observation']): ReadonlySet<string> {
  const kinds = new Set(['role', 'retired']);
  return new Set(resources.flatMap(({ address }) => (kinds.has(address.kind) ? [address.name.replace(/^role\//, '')] : [])));
}
