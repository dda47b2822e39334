import type { StepDraft } from '../../engine/index.ts';
import type { Address, FieldChange, Statement } from '../../model/index.ts';
import { type Context, step } from './draft-steps.ts';
import { targetOf } from './grants.ts';
import { literal } from './quote.ts';
import { isKind, type PerimeterSpec } from './spec.ts';

/** A statement that begins like this gives statements: the lane sends those as well. */
export const KILLING = "SELECT CONCAT('KILL CONNECTION ', ID) AS statement FROM information_schema.PROCESSLIST WHERE ";

/** Ends the sessions of these users, whatever host they come from. */
export function endUsers(users: readonly string[]): Statement {
  return { text: `${KILLING}USER IN (${users.map(literal).join(', ')}) AND ID <> CONNECTION_ID()` };
}

/** Sessions that no account stands behind any more: the server shows them under the name that the client gave. */
const NOBODY = "USER NOT IN (SELECT User FROM mysql.user) AND USER NOT IN ('system user', 'event_scheduler', 'unauthenticated user')";

/** Ends what came in through the doors of the perimeter: sessions without an account, and those that work in a place that was open to all. */
function endStrangers({ anonymous, everybody, rows }: PerimeterSpec, admin: string): Statement | null {
  const places = Object.keys({ ...everybody, ...rows }).flatMap((key) => {
    const target = targetOf(key);
    if (target[0] === 'global') return [];
    return [target[0] === 'pattern' ? `DB LIKE ${literal(target[1])}` : `DB = ${literal(target[1])}`];
  });
  const conditions = [...(anonymous.length > 0 ? [`(${NOBODY})`] : []), ...places];
  if (conditions.length === 0) return null;
  const user = literal(admin.slice(0, admin.lastIndexOf('@')));
  return { text: `${KILLING}(${conditions.join(' OR ')}) AND USER <> ${user} AND ID <> CONNECTION_ID()` };
}

/** Taking a right away does not end a session that holds it: every tightening is followed by this. */
export function endSessions(drafts: readonly StepDraft[], context: Context): readonly StepDraft[] {
  const out: StepDraft[] = [];
  const groups = Map.groupBy(
    drafts.filter((draft) => draft.risk === 'access-reducing'),
    (draft) => draft.app,
  );
  for (const [app, causes] of groups) {
    const users = [...new Set(causes.flatMap((cause) => holdersOf(cause)))].sort();
    const strangers = causes.some(({ address }) => address.kind === 'perimeter') ? strangersIn(context) : null;
    const statements = [...(users.length > 0 ? [endUsers(users)] : []), ...(strangers ? [strangers] : [])];
    const [first] = causes;
    if (statements.length === 0 || !first) continue;
    out.push(ending(first.address, app, users, statements, causes));
  }
  return out;
}

function strangersIn({ observation }: Context): Statement | null {
  const found = observation.resources.find((one) => isKind(one, 'perimeter'));
  return found && isKind(found, 'perimeter') ? endStrangers(found.spec, String(observation.server['admin'])) : null;
}

function ending(
  cause: Address,
  app: string | null,
  users: readonly string[],
  statements: readonly Statement[],
  causes: readonly StepDraft[],
): StepDraft {
  return step({
    address: { ...cause, kind: 'sessions', name: app ?? 'server' },
    app,
    part: 'end',
    action: 'run',
    title: 'end sessions that hold what was taken',
    facts: { of: users.join(', ') || 'nobody in particular' },
    statements,
    reverse: [],
    risk: 'access-reducing',
    after: causes.map(({ id }) => id),
  });
}

/** Whose sessions may still use what a step takes. A lower limit counts from the next session on. */
function holdersOf({ address, fields }: StepDraft): readonly string[] {
  if (address.kind === 'account') {
    const members = fields.flatMap(({ field }) =>
      field.startsWith('member ') ? [userOf(field.replace(/^member (role|proxy) /, ''))] : [],
    );
    const takesOwn = fields.length === 0 || fields.some(isTightening);
    return [...(takesOwn ? [userOf(address.name)] : []), ...members];
  }
  if (address.kind === 'database') {
    return fields.flatMap(({ field }) => {
      const at = field.lastIndexOf(' on ');
      return at < 0 ? [] : [userOf(field.slice(0, at))];
    });
  }
  return [];
}

function userOf(account: string): string {
  return account.slice(0, account.lastIndexOf('@'));
}

function isTightening({ field, from, to }: FieldChange): boolean {
  if (field.startsWith('max') || field.startsWith('member ') || field === 'noted' || field === 'plugin') return false;
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
