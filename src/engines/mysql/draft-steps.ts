import type { Change, PlanContext, StepDraft } from '../../engine/index.ts';
import { type Action, type Address, addressKey, type FieldChange, type Risk, type Statement } from '../../model/index.ts';
import { flat } from '../../util/flat.ts';
import type { Config, Placement } from './config.ts';
import { type Facts, factsOf as serverFacts } from './facts.ts';

export type Context = PlanContext<Config, Placement>;

/** Everything is kept in tables of the whole server, which takes one change at a time: there is one lane. */
export const LANE = 'server';

export function factsOf(context: Context): Facts {
  return serverFacts(context.observation.server);
}

export function addressOf(change: Change): Address {
  const address = change.desired?.address ?? change.observed?.address;
  if (!address) throw new Error('a change is about something');
  return address;
}

export function appOf(change: Change): string | null {
  return change.desired ? change.desired.app : (change.observed?.app ?? null);
}

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
}

const NO_FACTS = Object.freeze({});

/** A step of its own: no two statements of this server succeed or fail together. */
export function step(input: DraftInput): StepDraft {
  const { address, app, action, title, risk, confirm } = input;
  return {
    id: flat(`${addressKey(address)}#${input.part}`),
    address,
    app,
    action,
    title,
    facts: input.facts ?? NO_FACTS,
    fields: input.fields ?? [],
    statements: input.statements.map(kept),
    reverse: input.reverse?.map(kept) ?? null,
    risk,
    ...(confirm === undefined ? {} : { confirm }),
    after: input.after ?? [],
    lane: LANE,
    unit: null,
  };
}

function kept({ text, params }: Statement): Statement {
  return params ? { text: flat(text), params } : { text: flat(text) };
}
