import { type DraftInput, draftStep, type PlanContext, type StepDraft } from '../../../engine/index.ts';
import type { Address, Command, Loss, Observed } from '../../../model/index.ts';
import { ENGINE } from '../compile/draft.ts';
import type { Config, Placement } from '../config.ts';
import { type Mark, writeMark } from '../marks/mark.ts';
import type { Basis, Content, LedgerSeen, UserSeen } from '../spec.ts';
import { isSeen } from '../spec.ts';
import { statement } from '../words.ts';

export type Context = PlanContext<Config, Placement>;

/** The server runs what changes users one after the other: all steps go over one connection. */
const LANE = 'main';

export function step(input: Omit<DraftInput, 'lane'>): StepDraft {
  return draftStep({ ...input, lane: LANE });
}

export function addressIn(context: Context, kind: string, name: string): Address {
  return { engine: ENGINE, instance: context.input.name, kind, name };
}

/** Marks on the server, each with the name of the user that bears it. */
export interface Ledger extends LedgerSeen {
  readonly name: string;
}

export function ledgersOf({ observation }: Pick<Context, 'observation'>): readonly Ledger[] {
  return observation.resources.flatMap((one) => (isSeen(one, 'ledger') ? [{ ...one.spec, name: one.address.name }] : []));
}

/** Of this project. */
export function ownLedgers(context: Pick<Context, 'observation' | 'input'>): readonly Ledger[] {
  return ledgersOf(context).filter(({ mark }) => mark.project === context.input.project);
}

/** The mark of an app in use. */
export function liveLedger(app: string, context: Context): Ledger | null {
  return ownLedgers(context).find(({ mark }) => mark.app === app && mark.retired === undefined) ?? null;
}

/** Makes a mark, or writes one anew; [] where it says so already. */
export function markCommands(from: string | null, mark: Mark): readonly Command[] {
  const to = writeMark(mark);
  if (from === to) return [];
  if (from !== null) return [statement('RENAME USER $from IF EXISTS TO $to', { from, to })];
  return [statement('CREATE USER $mark IF NOT EXISTS SET PASSWORD $random CHANGE REQUIRED', { mark: to })];
}

export function dropUser(user: string): Command {
  return statement('DROP USER $user IF EXISTS', { user });
}

/** What somebody loses who had a login. */
export function lossOf(user: string, of: string | null, what: readonly string[], { observation }: Pick<Context, 'observation'>): Loss {
  const open = observation.facts instanceof Map ? (observation.facts.get(user) as readonly unknown[] | undefined) : undefined;
  return { who: user, of, what, sessions: open?.length ?? 0, keep: null };
}

/** Its login goes; with a password that is not cotenant's nobody can bring it back, so its name is asked for. */
export function loginLost(user: string, app: string, context: Context): Loss {
  const loss = lossOf(user, app, ['connect'], context);
  return userNamed(user, context)?.spec.stored === false ? { ...loss, confirm: user } : loss;
}

/** A user as it is on the server, whoever it is of. */
export function userNamed(user: string, { observation }: Pick<Context, 'observation'>): Observed<UserSeen> | undefined {
  return observation.resources.find((one): one is Observed<UserSeen> => isSeen(one, 'user') && one.address.name === user);
}

/** What lies in the database, where it was counted. */
export function graphOf({ observation }: Pick<Context, 'observation'>): Content | null {
  return (observation.basis as Basis).graph;
}
