import { type StepDraft, draftStep } from '../../engine/index.ts';
import { type Context, factsOf, SHARED } from './draft-steps.ts';
import { CLOSED, perimeter } from './kinds/perimeter.ts';
import { isKind } from './spec.ts';

/** With `foreignDatabases: close`, PUBLIC also loses the databases that are not in the manifest. Nothing else there is touched. */
export function closeForeign(context: Context): readonly StepDraft[] {
  if (context.input.config.foreignDatabases !== 'close') return [];
  return context.observation.resources.flatMap((one) => {
    if (!isKind(one, 'perimeter') || one.owned || one.spec.publicDatabase === '' || one.spec.beyond.includes('database')) return [];
    const { take } = perimeter.moves(one.address.name, one.spec, CLOSED, factsOf(context));
    return [
      draftStep({
        address: one.address,
        app: null,
        part: 'access',
        action: 'update',
        title: 'close foreign database to every login',
        facts: { database: one.address.name },
        fields: perimeter.diff(CLOSED, one.spec, factsOf(context), one.address.name),
        statements: take,
        reverse: perimeter.moves(one.address.name, CLOSED, one.spec, factsOf(context)).give,
        risk: 'access-reducing',
        after: [],
        lane: SHARED,
        unit: `access:${one.address.name}`,
      }),
    ];
  });
}
