import { type StepDraft, draftStep } from '../../engine/index.ts';
import { privilegeWords } from './acl.ts';
import { type Context, factsOf, SHARED } from './draft-steps.ts';
import { CLOSED, perimeter } from './kinds/perimeter.ts';
import { peopleOf } from './effective/people.ts';
import { ident, roles } from './quote.ts';
import { isKind } from './spec.ts';

/**
 * With `foreignDatabases: close`, PUBLIC also loses the databases that are not in the manifest. Who is no app's and had it only
 * as everybody gets it by name first. Nothing else there is touched.
 */
export function closeForeign(context: Context): readonly StepDraft[] {
  if (context.input.config.foreignDatabases !== 'close') return [];
  return context.observation.resources.flatMap((one) => {
    if (!isKind(one, 'perimeter') || one.owned || one.spec.publicDatabase === '' || one.spec.beyond.includes('database')) return [];
    const { take } = perimeter.moves(one.address.name, one.spec, CLOSED, factsOf(context));
    const others = throughPublic(one.address.name, context);
    const on = `ON DATABASE ${ident(one.address.name)}`;
    const give = others.length === 0 ? [] : [{ text: `GRANT ${privilegeWords(one.spec.publicDatabase ?? '')} ${on} TO ${roles(others)}` }];
    return [
      draftStep({
        address: one.address,
        app: null,
        part: 'access',
        action: 'update',
        title: 'close foreign database to every login',
        facts: { database: one.address.name },
        fields: perimeter.diff(CLOSED, one.spec, factsOf(context), one.address.name),
        commands: [...give, ...take],
        reverse: perimeter.moves(one.address.name, CLOSED, one.spec, factsOf(context)).give,
        risk: 'access-reducing',
        needs: [],
        lane: SHARED,
        unit: `access:${one.address.name}`,
      }),
    ];
  });
}

/** Logins that are no app's and may connect to the database only because every login may. */
export function throughPublic(database: string, { observation }: Context): readonly string[] {
  const people = peopleOf(observation);
  const door = people?.door(database);
  if (!people || !door) return [];
  const named = new Set([
    door.owner,
    ...Object.entries(door.acl).flatMap(([grantee, letters]) => (letters.includes('c') ? [grantee] : [])),
  ]);
  const ours = new Set(
    observation.resources.flatMap(({ address }) =>
      address.kind === 'role' || address.kind === 'retired' ? [address.name.replace(/^role\//, '')] : [],
    ),
  );
  return people.logins.filter((login) => !ours.has(login) && ![...people.closure.inherited(login)].some((role) => named.has(role)));
}
