import type { PlanContext, StepDraft } from '../../engine/index.ts';
import { type Action, type Address, addressKey, type FieldChange, type Risk, type Statement } from '../../model/index.ts';
import { flat } from '../../util/flat.ts';
import type { Config, Placement } from './config.ts';
import { ENGINE } from './draft.ts';

export type Context = PlanContext<Config, Placement>;

/** The server runs one command after the other anyway: all steps go over one connection. */
export const LANE = 'main';

export interface DraftInput {
  readonly address: Address;
  readonly app: string | null;
  /** Sets the steps of one resource apart. */
  readonly part: string;
  readonly action: Action;
  readonly title: string;
  readonly facts?: StepDraft['facts'];
  readonly fields?: readonly FieldChange[];
  readonly statements: readonly Statement[];
  readonly reverse?: readonly Statement[] | null;
  readonly risk: Risk;
  readonly confirm?: string;
  readonly after?: readonly string[];
  readonly unit?: string;
}

const NO_FACTS = Object.freeze({});
const NOTHING: readonly never[] = Object.freeze([]);

export function step(input: DraftInput): StepDraft {
  const { address, app, action, title, risk, confirm } = input;
  return {
    id: flat(`${addressKey(address)}#${input.part}`),
    address,
    app,
    action,
    title,
    facts: input.facts ?? NO_FACTS,
    fields: input.fields ?? NOTHING,
    statements: input.statements.map(kept),
    reverse: input.reverse?.map(kept) ?? null,
    risk,
    ...(confirm === undefined ? {} : { confirm }),
    after: input.after ?? NOTHING,
    lane: LANE,
    // Every step is a transaction of its own, unless it says otherwise.
    unit: input.unit ?? null,
  };
}

function kept({ text, params }: Statement): Statement {
  return params ? { text: flat(text), params } : { text: flat(text) };
}

export function addressIn(context: Context, kind: string, name: string): Address {
  return { engine: ENGINE, instance: context.input.name, kind, name };
}
