import { type Change, type StepDraft, addressOf, draftStep } from '../../../engine/index.ts';
import { type Context, factsOf, nameOf } from './draft-steps.ts';
import { lacking, type OperatorPart } from '../kinds/operator.ts';
import { isKind } from '../spec.ts';
import { SHARED } from '../connect/lanes.ts';

export interface OperatorSteps {
  /** Before any wall goes up. */
  readonly before: readonly StepDraft[];
  /** In databases that this plan makes. */
  after(databases: ReadonlyMap<string, string>): readonly StepDraft[];
}

/** What operators lack. Nobody is shut out first and let in again. */
export function operatorSteps(changes: readonly Change[], context: Context): OperatorSteps {
  const standing = new Set(
    context.observation.resources.filter((one) => isKind(one, 'database') || isKind(one, 'perimeter')).map((one) => one.address.name),
  );
  const lacks = changes.flatMap((change) => {
    const { desired, observed } = change;
    if (!desired || !observed || !isKind(desired, 'operator') || !isKind(observed, 'operator')) return [];
    const parts = lacking(nameOf(change), desired.spec, observed.spec, factsOf(context).version);
    return [{ change, parts }];
  });
  const isFresh = ({ database }: OperatorPart): boolean => database !== null && !standing.has(database);
  return {
    before: lacks.flatMap(({ change, parts }) =>
      draft(
        change,
        'give',
        parts.filter((part) => !isFresh(part)),
        [],
      ),
    ),
    after: (databases) =>
      lacks.flatMap(({ change, parts }) => {
        const fresh = parts.filter(isFresh);
        return draft(
          change,
          'give-new',
          fresh,
          fresh.flatMap(({ database }) => databases.get(database ?? '') ?? []),
        );
      }),
  };
}

function draft(change: Change, part: string, parts: readonly OperatorPart[], after: readonly string[]): readonly StepDraft[] {
  if (parts.length === 0) return [];
  const fields = new Set(parts.map(({ field }) => field));
  return [
    draftStep({
      address: addressOf(change),
      app: null,
      part,
      action: 'update',
      title: 'grant operator its privileges',
      facts: { login: nameOf(change) },
      fields: change.fields.filter(({ field }) => fields.has(field)),
      commands: parts.map(({ grant }) => ({ text: grant })),
      reverse: parts.map(({ revoke }) => ({ text: revoke })),
      risk: 'safe',
      needs: after,
      lane: SHARED,
      unit: `operator:${nameOf(change)}`,
    }),
  ];
}
