import { type Action, type Address, addressKey, type Cause, type FieldChange, type Loss, type Risk, type Command } from '../model/index.ts';
import { flat } from '../util/flat.ts';
import type { Change, StepDraft } from './engine.ts';

export interface DraftInput {
  readonly address: Address;
  readonly app: string | null;
  readonly touches?: readonly Address[];
  /** Sets the steps of one resource apart. */
  readonly part: string;
  readonly action: Action;
  readonly title: string;
  readonly facts?: StepDraft['facts'];
  readonly fields?: readonly FieldChange[];
  readonly commands: readonly Command[];
  readonly reverse?: readonly Command[] | null;
  readonly risk: Risk;
  readonly confirm?: string;
  /** Stated where the marks would tell it wrong: what follows from another app's change is nobody's drift. */
  readonly cause?: Cause;
  /** The id of the step that brings it about. */
  readonly follows?: string | undefined;
  readonly losses?: readonly Loss[];
  readonly needs?: readonly string[];
  readonly lane: string;
  /** null, or left out: a unit of its own. */
  readonly unit?: string | null;
}

// Shared: there are steps by the ten thousand.
const NO_FACTS = Object.freeze({});
const NOTHING: readonly never[] = Object.freeze([]);

/** A step of one resource, with all that is the same for every engine filled in. */
export function draftStep(input: DraftInput): StepDraft {
  const { address, app, touches = NOTHING, action, title, risk, confirm, cause, losses = NOTHING, lane, unit = null } = input;
  return {
    id: flat(`${addressKey(address)}#${input.part}`),
    address,
    app,
    ...(touches.length === 0 ? {} : { touches }),
    action,
    title,
    facts: input.facts ?? NO_FACTS,
    fields: input.fields?.length ? input.fields : NOTHING,
    commands: input.commands.map(kept),
    reverse: input.reverse?.map(kept) ?? null,
    risk,
    ...(confirm === undefined ? {} : { confirm }),
    ...(cause === undefined ? {} : { cause }),
    ...(input.follows === undefined ? {} : { follows: input.follows }),
    ...(losses.length === 0 ? {} : { losses }),
    needs: input.needs ?? NOTHING,
    lane,
    unit: unit === null ? null : flat(unit),
  };
}

function kept({ op, text, args, secrets }: Command): Command {
  return {
    ...(op === undefined ? {} : { op }),
    text: flat(text),
    ...(args === undefined ? {} : { args }),
    ...(secrets ? { secrets } : {}),
  };
}

export function addressOf(change: Change): Address {
  const address = change.desired?.address ?? change.observed?.address;
  if (!address) throw new Error('a change is about something');
  return address;
}

export function appOf(change: Change): string | null {
  return change.desired ? change.desired.app : (change.observed?.app ?? null);
}
