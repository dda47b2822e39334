import { troubleOf } from '../../../engine/index.ts';
import { type Diagnostic, DiagnosticError, type Command } from '../../../model/index.ts';
import { type Blocker, blockerInWords, remedyFor } from './blockers.ts';
import { errorCode } from '../../../util/system.ts';

/** CT3004 where the connection broke or the server ended it, CT3003 where the server refused something. `blockers`: who held the lock that it waited for. */
export function trouble(error: unknown, instance: string, statement?: Command, blockers: readonly Blocker[] = []): Diagnostic {
  const state = errorCode(error);
  if (state === '55006') return inTheWay(error, instance);
  const ended = !isState(state) || state.startsWith('08') || state.startsWith('57P');
  const refusal = ended ? null : { what: `a statement (SQLSTATE ${state})`, hint: hintFor(state) };
  const told = troubleOf(error, instance, refusal, statement);
  if (state === '2BP01') return { ...told, message: `${told.message}${detailOf(error)}` };
  return state === '55P03' && blockers.length > 0 ? heldBy(told, blockers) : told;
}

function heldBy(told: Diagnostic, blockers: readonly Blocker[]): Diagnostic {
  return {
    ...told,
    message: `${told.message}; ${blockers.map(blockerInWords).join(', ')} ${blockers.length === 1 ? 'holds' : 'hold'} the lock that it waits for`,
    hint: `${[...new Set(blockers.map(remedyFor))].join('; ')}; then run the command again: it continues from here`,
  };
}

/** What the server adds to its message, as what depends on something. */
function detailOf(error: unknown): string {
  const detail = typeof error === 'object' && error !== null && 'detail' in error && typeof error.detail === 'string' ? error.detail : '';
  return detail === '' ? '' : ` (${detail.replaceAll('\n', '; ')})`;
}

/** CT2031: somebody has come in since the plan was made. */
function inTheWay(error: unknown, instance: string): Diagnostic {
  return {
    code: 'CT2031',
    severity: 'error',
    message: `"${instance}": ${error instanceof Error ? error.message : String(error)}${detailOf(error)}`,
    hint: 'it is in use by a session, prepared transaction, subscription or replication slot: wait until it ends (pg_stat_activity, pg_prepared_xacts) and run the command again; it continues from here',
    instance,
  };
}

/** CT3003 for a statement that the server took and that did not do what it says. */
export function closedNothing(warning: string, instance: string, statement: Command | undefined): Diagnostic {
  const hint = 'somebody else has to revoke it: the owner of the object, the grantor, or a superuser';
  return {
    code: 'CT3003',
    severity: 'error',
    message: `"${instance}" accepted a statement that had no effect: ${warning}`,
    ...(statement ? { expected: statement.text } : {}),
    hint,
    instance,
  };
}

/** A server's refusal or a broken connection as a DiagnosticError; anything else as it is: a defect. */
export function expected(error: unknown, instance: string): unknown {
  return isState(errorCode(error)) ? new DiagnosticError([trouble(error, instance)]) : error;
}

/** What a server or the way to it said, and no defect of ours. */
export function isTrouble(error: unknown): boolean {
  return error instanceof DiagnosticError || isState(errorCode(error));
}

function isState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code);
}

function hintFor(state: string): string {
  if (state === '55P03') return 'another session holds a lock for more than 30 s: end it, or try again later';
  if (state === '2BP01')
    return 'since the plan was made, an object of somebody else depends on what would be dropped: this unit was not executed; run cotenant plan again to see it';
  if (state === '42501') return 'the admin of this instance lacks a privilege: cotenant plan lists the walls that it cannot build';
  return 'this unit was rolled back; correct the cause and run apply again';
}
