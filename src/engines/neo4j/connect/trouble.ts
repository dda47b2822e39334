import { troubleOf } from '../../../engine/index.ts';
import type { Command, Diagnostic } from '../../../model/index.ts';
import { errorCode as codeOf } from '../../../util/system.ts';
import { lookUp } from '../../../util/record.ts';

/** What the server says, as `Neo.ClientError.Security.Unauthorized`; '' for anything else. */
export function errorCode(error: unknown): string {
  const code = codeOf(error);
  return code.startsWith('Neo.') ? code : '';
}

/** The name or the password is wrong. */
export const UNAUTHORIZED = 'Neo.ClientError.Security.Unauthorized';
/** After some wrong passwords nobody of that name is let in for some seconds, whoever it is. */
export const RATE_LIMITED = 'Neo.ClientError.Security.AuthenticationRateLimit';
/** It is let in to choose another password, and for nothing else. */
export const EXPIRED = 'Neo.ClientError.Security.CredentialsExpired';

/** CT3004 where the connection broke, CT3003 where the server refused something. */
export function trouble(error: unknown, instance: string, statement?: Command): Diagnostic {
  const code = errorCode(error);
  const hint = lookUp(HINTS, code) ?? 'correct the cause and run apply again';
  return troubleOf(error, instance, code === '' ? null : { what: `a statement (${code})`, hint }, statement);
}

const HINTS: Readonly<Record<string, string>> = {
  [EXPIRED]: 'the admin of this instance has to change its password first: ALTER CURRENT USER SET PASSWORD FROM … TO …',
  'Neo.TransientError.General.MemoryPoolOutOfMemoryError': 'raise dbms.memory.transaction.total.max, or wait until others have ended',
  'Neo.ClientError.Statement.UnsupportedAdministrationCommand': 'this edition of the server has no such command',
};
