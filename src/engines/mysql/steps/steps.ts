import { type Change, type Planned, type StepDraft, addressOf, appOf, halves, type Statements } from '../../../engine/index.ts';
import type { FieldChange, Command } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { conflicts } from '../compile/conflicts.ts';
import { dependentErrors } from '../observe/dependents.ts';
import { type Context, factsOf, step } from './draft-steps.ts';
import { dropSteps } from '../retire/drop.ts';
import type { Effect } from '../losses/effective.ts';
import { givenBy, takenBy } from './effects.ts';
import { kindOf } from '../kinds/index.ts';
import { takesOf } from '../kinds/account.ts';
import { ENTRY, note } from '../kinds/ledger.ts';
import { rivalWarnings } from '../losses/gains.ts';
import { limitLosses } from '../losses/limits.ts';
import { leftoverDrafts } from '../retire/leftover.ts';
import { type Taking, withLosses } from '../losses/losses.ts';
import { widenings } from '../losses/widened.ts';
import { markSteps } from './mark-steps.ts';
import { accountName, ident } from '../quote.ts';
import { patternSteps } from './patterns.ts';
import { comingSteps, leavingSteps, reopenedSteps } from './reopened.ts';
import { retireSteps } from '../retire/retire.ts';
import { shadowLosses } from '../losses/shadows.ts';
import { endSessions } from './sessions.ts';
import { isKind } from '../spec.ts';

const ORDER = ['ledger', 'operator', 'database', 'account', 'strays', 'perimeter'] as const;

/** What one change comes to. */
export interface Drafts {
  readonly grants: readonly StepDraft[];
  readonly given: readonly Effect[];
  readonly revokes: readonly Taking[];
}

/** The ledger, databases, accounts with what they get; then what takes rights away, then the sessions that still hold them, then the marks. */
export function steps(changes: readonly Change[], context: Context): Planned {
  const made = allDrafts(changes, context);
  const after = Map.groupBy(made.grants, (draft) => draft.app ?? '');
  const closing = [...comingSteps(context), ...leavingSteps(context), ...reopenedSteps(context), ...patternSteps(context)];
  const waiting = [...made.revokes, ...closing].map(({ draft, effects }) => ({
    draft: { ...draft, needs: [...draft.needs, ...(after.get(draft.app ?? '') ?? []).map(({ id }) => id)] },
    effects,
  }));
  const takings = [...waiting, ...retireSteps(context), ...dropSteps(context)];
  const lost = withLosses(made.given, takings, context);
  const wider = widenings([...made.given, ...takings.flatMap(({ effects }) => effects)], context);
  const taking = lost.slice(0, waiting.length);
  const ends = lost.slice(waiting.length);
  const { drafts, sessions } = endSessions([...made.grants, ...taking], changes, context);
  const all = [...drafts, ...sessions, ...ends, ...markSteps([...drafts, ...sessions], context)];
  return {
    steps: all,
    diagnostics: [...conflicts(changes, context), ...dependentErrors(context), ...wider, ...(all.length > 0 ? rivalWarnings(context) : [])],
  };
}

function allDrafts(changes: readonly Change[], context: Context): Drafts {
  const grants: StepDraft[] = [];
  const given: Effect[] = [];
  const revokes: Taking[] = [];
  const ledger: string[] = [];
  const databases = new Map<string, string>();
  for (const change of ORDER.flatMap((kind) => changes.filter((one) => addressOf(one).kind === kind))) {
    const { kind } = addressOf(change);
    const app = appOf(change) ?? '';
    const after = [...ledger, ...(kind === 'account' && databases.has(app) ? [databases.get(app) ?? ''] : [])];
    const made = change.desired ? draftsOf(change, context, after) : leftoverDrafts(change, context);
    grants.push(...made.grants);
    given.push(...made.given);
    revokes.push(...made.revokes);
    const last = made.grants.at(-1)?.id;
    if (last !== undefined && kind === 'ledger') ledger.push(last);
    if (last !== undefined && kind === 'database') databases.set(app, last);
  }
  return { grants, given, revokes };
}

function statementsOf(change: Change, context: Context): Statements {
  const { kind, name } = addressOf(change);
  const found = kindOf(kind);
  if (!found || !change.desired) throw new Error(`no kind for ${kind}`);
  const app = appOf(change);
  const noted = app !== null && (kind === 'account' || kind === 'database') ? note(kind, name, context.input.project, app) : null;
  return found.statements(name, change.observed?.spec ?? null, change.desired.spec, factsOf(context), noted);
}

function draftsOf(change: Change, context: Context, after: readonly string[]): Drafts {
  const statements = statementsOf(change, context);
  const address = addressOf(change);
  const app = appOf(change);
  const fresh = change.observed === null;
  const base = { address, app, facts: { [address.kind]: address.name } };
  const fields = fresh ? { given: [], taken: [] } : halves(change.fields, takesOf);
  const words = lookUp(TITLES, address.kind) ?? ['create', 'change', 'tighten'];
  const grants =
    statements.grants.length === 0
      ? []
      : [
          step({
            ...base,
            part: 'give',
            action: fresh ? 'create' : 'update',
            title: words[fresh ? 0 : 1],
            fields: statements.revokes.length === 0 ? change.fields : fields.given,
            commands: statements.grants,
            reverse: fresh ? undoing(change) : null,
            risk: statements.risk ?? 'safe',
            losses: shadowLosses(change, context),
            needs: after,
          }),
        ];
  const revokes =
    statements.revokes.length === 0
      ? []
      : [
          step({
            ...base,
            part: 'take',
            action: 'update',
            title: words[2],
            fields: statements.grants.length === 0 ? change.fields : fields.taken,
            commands: statements.revokes,
            risk: isHarmless(change.fields) ? 'safe' : 'access-reducing',
            losses: limitLosses(change, context),
            needs: [...after, ...grants.map(({ id }) => id)],
          }),
        ];
  const facts = factsOf(context);
  return { grants, given: givenBy(change, facts), revokes: revokes.map((draft) => ({ draft, effects: takenBy(change, facts) })) };
}

/** What ends nothing that somebody uses: a limit that is lower from the next session on is none of it. */
function isHarmless(fields: readonly FieldChange[]): boolean {
  return fields.length > 0 && fields.every(({ field }) => field === ENTRY);
}

function undoing(change: Change): readonly Command[] | null {
  const { desired } = change;
  if (!desired) return null;
  if (isKind(desired, 'account')) return [{ text: `DROP USER ${accountName(desired.spec)}` }];
  // Whatever was put into it since would go with it.
  return isKind(desired, 'database') ? [{ text: `-- DROP DATABASE ${ident(desired.address.name)}` }] : null;
}

const TITLES: Readonly<Record<string, readonly [string, string, string]>> = {
  ledger: ['create the ledger', 'complete the ledger', ''],
  operator: ['', 'grant the operator’s privileges', ''],
  database: ['create database', 'change database', 'revoke access of others to the database'],
  account: ['create account', 'change account', 'tighten account'],
  strays: ['', '', 'remove grants without an account'],
  perimeter: ['', 'grant by name what everybody could do', 'revoke access of everybody'],
};
