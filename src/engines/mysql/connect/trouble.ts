import { troubleOf } from '../../../engine/index.ts';
import { type Diagnostic, DiagnosticError, fail, type Command } from '../../../model/index.ts';
import { errorCode } from '../../../util/system.ts';

/** The server's error number, or 0. */
export function errorNumber(error: unknown): number {
  return typeof error === 'object' && error !== null && 'errno' in error && typeof error.errno === 'number' && error.errno > 0
    ? error.errno
    : 0;
}

/** Shut down, killed, gone away, or ended because it waited for too long. */
const GONE = new Set([1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1317, 1927, 2006, 2013, 4031]);
/** CT3004 where the connection broke or the server ended it, CT3003 where the server refused something. */
export function trouble(error: unknown, instance: string, statement?: Command): Diagnostic {
  const number = errorNumber(error);
  const ended = number === 0 || GONE.has(number);
  return troubleOf(error, instance, ended ? null : { what: `a statement (error ${number})`, hint: hintFor(number) }, statement);
}

/** CT3008: what was taken is still in use, and the next apply has to end it. */
export function stillThere(count: number, instance: string): DiagnosticError {
  const sessions = count === 1 ? 'a session' : `${count} sessions`;
  return fail('CT3008', `${sessions} on "${instance}" did not end: what was revoked from their login is still in use`, {
    hint: 'a long rollback can keep a session alive; check SHOW PROCESSLIST, and run apply again',
    instance,
  });
}

/** CT4001: the statement of a run that is gone may still be at work. */
export function laneTaken(instance: string): DiagnosticError {
  return fail('CT4001', `the server of "${instance}" is still executing a statement of another run`, {
    hint: 'run apply again in a moment',
    instance,
  });
}

/** A server's refusal or a broken connection as a DiagnosticError; anything else as it is: a defect. */
export function expected(error: unknown, instance: string): unknown {
  return isServerError(error) ? new DiagnosticError([trouble(error, instance)]) : error;
}

function isServerError(error: unknown): boolean {
  return errorNumber(error) > 0 || /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|PROTOCOL_|ER_|HANDSHAKE)/.test(errorCode(error));
}

function hintFor(number: number): string {
  if (number === 1205 || number === 1213) return 'another session holds a lock for more than 30 s: end it, or try again later';
  if ([1044, 1045, 1142, 1227, 1370, 1410].includes(number)) {
    return 'the admin of this instance lacks a privilege: cotenant plan lists the walls that it cannot build';
  }
  return 'earlier statements stay in effect; correct the cause and run apply again';
}
