import { type Change, type Planned, type StepDraft, addressOf, appOf } from '../../engine/index.ts';
import type { FieldChange, Statement } from '../../model/index.ts';
import { lookUp } from '../../util/record.ts';
import { conflicts } from './conflicts.ts';
import { type Context, factsOf, step } from './draft-steps.ts';
import { kindOf } from './kinds/index.ts';
import type { Moves } from './kinds/kind.ts';
import { note } from './kinds/ledger.ts';
import { markSteps } from './mark-steps.ts';
import { accountName, ident } from './quote.ts';
import { dropSteps, retireSteps } from './retire.ts';
import { endSessions } from './sessions.ts';
import { leftoverDrafts } from './leftover.ts';
import { isKind } from './spec.ts';

const ORDER = ['ledger', 'database', 'account', 'perimeter'] as const;

/** The book, databases, accounts with what they get; then what takes rights away, then the sessions that still hold them, then the marks. */
export function steps(changes: readonly Change[], context: Context): Planned {
  const give: StepDraft[] = [];
  const take: StepDraft[] = [];
  const book: string[] = [];
  const databases = new Map<string, string>();
  const sorted = ORDER.flatMap((kind) => changes.filter((one) => addressOf(one).kind === kind));
  for (const change of sorted) {
    const address = addressOf(change);
    if (!change.desired) {
      const made = leftoverDrafts(change, context);
      give.push(...made.give);
      take.push(...made.take);
      continue;
    }
    const app = appOf(change) ?? '';
    const after = [...book, ...(address.kind === 'account' && databases.has(app) ? [databases.get(app) ?? ''] : [])];
    const made = draftsOf(change, context, after);
    give.push(...made.give);
    take.push(...made.take);
    const last = made.give.at(-1)?.id;
    if (last !== undefined && address.kind === 'ledger') book.push(last);
    if (last !== undefined && address.kind === 'database') databases.set(app, last);
  }
  const given = Map.groupBy(give, (draft) => draft.app ?? '');
  const waiting = take.map((draft) => ({ ...draft, after: [...draft.after, ...(given.get(draft.app ?? '') ?? []).map(({ id }) => id)] }));
  const { drafts, sessions } = endSessions([...give, ...waiting], context);
  const retired = retireSteps(context);
  return {
    steps: [...drafts, ...sessions, ...retired, ...dropSteps(context), ...markSteps([...drafts, ...sessions], context)],
    diagnostics: conflicts(changes, context),
  };
}

function movesOf(change: Change, context: Context): Moves {
  const { kind, name } = addressOf(change);
  const found = kindOf(kind);
  if (!found || !change.desired) throw new Error(`no kind for ${kind}`);
  const app = appOf(change);
  const noted = app !== null && (kind === 'account' || kind === 'database') ? note(kind, name, context.input.project, app) : null;
  return found.moves(name, change.observed?.spec ?? null, change.desired.spec, factsOf(context), noted);
}

function draftsOf(change: Change, context: Context, after: readonly string[]): { give: readonly StepDraft[]; take: readonly StepDraft[] } {
  const moves = movesOf(change, context);
  const address = addressOf(change);
  const app = appOf(change);
  const fresh = change.observed === null;
  const base = { address, app, facts: { [address.kind]: address.name }, fields: change.fields };
  const words = lookUp(TITLES, address.kind) ?? ['create', 'change', 'tighten'];
  const give =
    moves.give.length === 0
      ? []
      : [
          step({
            ...base,
            part: 'give',
            action: fresh ? 'create' : 'update',
            title: words[fresh ? 0 : 1],
            statements: moves.give,
            reverse: fresh ? undoing(change) : null,
            risk: moves.risk ?? 'safe',
            after,
          }),
        ];
  const take =
    moves.take.length === 0
      ? []
      : [
          step({
            ...base,
            part: 'take',
            action: 'update',
            title: words[2],
            statements: moves.take,
            risk: isHarmless(change.fields) ? 'safe' : 'access-reducing',
            after: [...after, ...give.map(({ id }) => id)],
          }),
        ];
  return { give, take };
}

/** What ends nothing that somebody uses: a limit that is lower from the next session on is none of it. */
function isHarmless(fields: readonly FieldChange[]): boolean {
  return fields.length > 0 && fields.every(({ field }) => field === 'noted');
}

function undoing(change: Change): readonly Statement[] | null {
  const { desired } = change;
  if (!desired) return null;
  if (isKind(desired, 'account')) return [{ text: `DROP USER ${accountName(desired.spec)}` }];
  // Whatever was put into it since would go with it.
  return isKind(desired, 'database') ? [{ text: `-- DROP DATABASE ${ident(desired.address.name)}` }] : null;
}

const TITLES: Readonly<Record<string, readonly [string, string, string]>> = {
  ledger: ['make the book of what is managed', 'complete the book of what is managed', ''],
  database: ['create database', 'change database', 'take rights of others in the database'],
  account: ['create account', 'change account', 'tighten account'],
  perimeter: ['', '', 'close doors that are open to everybody'],
};
