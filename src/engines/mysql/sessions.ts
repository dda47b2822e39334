import type { StepDraft } from '../../engine/index.ts';
import type { Address, FieldChange, Statement } from '../../model/index.ts';
import { type Context, step } from './draft-steps.ts';
import { literal } from './quote.ts';
import { isKind } from './spec.ts';

/** A statement that begins like this gives statements: the lane sends those as well. */
export const KILLING = "SELECT CONCAT('KILL CONNECTION ', ID) AS statement FROM information_schema.PROCESSLIST WHERE ";

/** Ends the sessions of these users, whatever host they come from. */
export function endUsers(users: readonly string[]): Statement {
  return { text: `${KILLING}USER IN (${users.map(literal).join(', ')}) AND ID <> CONNECTION_ID()` };
}

/** Taking a right away does not end a session that holds it: every tightening is followed by this. */
export function endSessions(drafts: readonly StepDraft[], context: Context): readonly StepDraft[] {
  const out: StepDraft[] = [];
  const groups = Map.groupBy(
    drafts.filter((draft) => draft.risk === 'access-reducing'),
    (draft) => draft.app,
  );
  for (const [app, causes] of groups) {
    const users = [...new Set(causes.flatMap((cause) => holdersOf(cause, context)))].sort();
    const [first] = causes;
    if (users.length === 0 || !first) continue;
    out.push(ending(first.address, app, users, causes));
  }
  return out;
}

function ending(cause: Address, app: string | null, users: readonly string[], causes: readonly StepDraft[]): StepDraft {
  return step({
    address: { ...cause, kind: 'sessions', name: app ?? 'server' },
    app,
    part: 'end',
    action: 'run',
    title: 'end sessions that hold what was taken',
    facts: { of: users.join(', ') },
    statements: [endUsers(users)],
    reverse: [],
    risk: 'access-reducing',
    after: causes.map(({ id }) => id),
  });
}

/** Whose sessions may still use what a step takes. A lower limit counts from the next session on. */
function holdersOf({ address, fields }: StepDraft, { observation }: Context): readonly string[] {
  if (address.kind === 'account') return fields.length === 0 || fields.some(isTightening) ? [userOf(address.name)] : [];
  if (address.kind === 'database') {
    return fields.flatMap(({ field }) => {
      const at = field.lastIndexOf(' on ');
      return at < 0 ? [] : [userOf(field.slice(0, at))];
    });
  }
  if (address.kind !== 'perimeter') return [];
  const found = observation.resources.find((one) => isKind(one, 'perimeter'));
  // Sessions of logins without a name have one: what the client said.
  return found && isKind(found, 'perimeter') && found.spec.anonymous.length > 0 ? [''] : [];
}

function userOf(account: string): string {
  return account.slice(0, account.lastIndexOf('@'));
}

function isTightening({ field, from, to }: FieldChange): boolean {
  if (field.startsWith('max') || field === 'noted' || field === 'plugin') return false;
  if (field === 'password') return from !== 'impossible';
  if (field.startsWith('grant ')) return lost(from, to);
  return true;
}

function lost(from: FieldChange['from'], to: FieldChange['to']): boolean {
  const left = new Set(String(to ?? '').split(', '));
  return String(from ?? '')
    .split(', ')
    .some((privilege) => privilege !== '' && !left.has(privilege));
}
