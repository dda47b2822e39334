import { type ConnectionAttempt, connectFault, type Fault, refusedLogin, withoutPassword, wordsOf } from '../../../engine/index.ts';
import { type DiagnosticError, fail } from '../../../model/index.ts';
import type { Target } from './connection.ts';
import { errorCode, renamedHint } from './trouble.ts';
import { urlForm } from './url-form.ts';

export async function connectTrouble(
  error: unknown,
  target: Target,
  tried: { instance: string; deadline: number },
): Promise<DiagnosticError> {
  const { host, port, connectTimeout, tls } = target;
  const faultOf = (caught: unknown): Fault | null => faultIn(caught, target);
  return await connectFault(error, {
    kind: urlForm.kind,
    first: PING,
    host,
    port,
    instance: tried.instance,
    deadline: connectTimeout ?? tried.deadline,
    tls: tls !== null,
    namesAuthority: tls?.ca !== undefined,
    faultOf,
    heard: (said) => heard(said, tls !== null, faultOf),
  });
}

/** CT3015: it answers in the right form, and nothing that a server would. */
export function noServer({ host, port }: Target, instance: string): DiagnosticError {
  return fail('CT3015', `"${instance}" at ${host}:${port} is no ${urlForm.kind} server: it does not answer PING as one`, {
    instance,
    path: ['instances', instance],
    hint: 'check the host and the port in `url`',
  });
}

const PING = Buffer.from('PING\r\n');

/** Answers begin with a letter of their kind; one that came without TLS says that the server has none on this port. */
function heard(said: Buffer, tls: boolean, faultOf: (error: unknown) => Fault | null): ReturnType<ConnectionAttempt['heard']> {
  const text = said.toString('latin1');
  if (!/^[+\-:$*]/.test(text)) return null;
  const fault = text.startsWith('-') && !text.startsWith('-NOAUTH') ? faultOf(new Error(text.slice(1).split('\r\n', 1)[0])) : null;
  if (fault !== null) return fault;
  if (!tls) return true;
  return {
    kind: 'tls',
    says: 'does not speak TLS on this port, and the manifest asks for it',
    hint: 'use the port that `tls-port` of the server says; on a network that you trust, redis://',
  };
}

const REFUSED = new Set(['WRONGPASS', 'NOAUTH', 'NOPERM', 'NOUSER']);

function faultIn(error: unknown, { user, password }: Target): Fault | null {
  const why = wordsOf(error);
  const code = errorCode(error);
  const login = `the login "${user}"`;
  if ((code === 'NOAUTH' || code === 'WRONGPASS') && password === '')
    return withoutPassword(`asks for a password of ${login}, and there is none`);
  if (REFUSED.has(code) || (code === 'ERR' && /AUTH/.test(why))) return refusedLogin(login, why);
  if (code === 'DENIED')
    return {
      kind: 'notAdmitted',
      says: `admits nobody from another machine: ${why.split('. ', 1)[0] ?? why}`,
      hint: 'it is in protected mode: give its users passwords, and turn that off in its configuration',
    };
  if (/max number of clients/.test(why))
    return { kind: 'full', says: `has no connection left: ${why}`, hint: 'end idle clients, or raise maxclients' };
  if (code === 'LOADING') return { kind: 'notReady', says: `takes no commands now: ${why}`, hint: 'try again when it has read its data' };
  if (/DB index is out of range/.test(why))
    return { kind: 'database', says: `has no such database: ${why}`, hint: 'remove the number from `url`' };
  const renamed = renamedHint(error);
  if (renamed !== null) return { kind: 'unreachable', says: `cannot be reached: ${why}`, hint: renamed };
  return code === '' || TLS_CODE.test(code)
    ? null
    : { kind: 'unreachable', says: `cannot be reached: ${why}`, hint: "see the server's log" };
}

/** A word of the system in front of an error, which no server says. */
const TLS_CODE = /^(E[A-Z]+|ERR_[A-Z_]+)$/;
