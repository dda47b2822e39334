import { type ConnectionAttempt, connectFault, type Fault, refusedLogin, withoutPassword, wordsOf } from '../../../engine/index.ts';
import type { DiagnosticError } from '../../../model/index.ts';
import type { Target } from './client.ts';
import { errorCode, EXPIRED, RATE_LIMITED } from './trouble.ts';
import { urlForm } from './url-form.ts';

/** The first words of Bolt, with the versions that a client knows: any server of this kind answers with one of them. */
const HELLO = Buffer.from('6060b01700000404000002040000010400000003', 'hex');

export async function connectTrouble(
  error: unknown,
  target: Target,
  tried: { readonly instance: string; readonly deadline: number },
): Promise<DiagnosticError> {
  const { host, port, connectTimeout, tls } = target;
  return await connectFault(plain(error), {
    kind: urlForm.kind,
    first: HELLO,
    host,
    port,
    instance: tried.instance,
    deadline: connectTimeout ?? tried.deadline,
    tls: tls !== null,
    namesAuthority: tls !== null && tls.ca !== null,
    faultOf: (caught) => faultIn(caught, target),
    heard,
  });
}

class SystemError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** The driver wraps what the system says into an error with a code of its own. */
function plain(error: unknown): unknown {
  if (errorCode(error) !== '' || !(error instanceof Error)) return error;
  const system = /\b(E[A-Z]{3,}|[A-Z]+_[A-Z_]+)\b/.exec(error.message.replaceAll('ServiceUnavailable', ''))?.[1];
  return system === undefined ? error : new SystemError(error.message, system);
}

/** The version that both know, in four bytes; a web server answers in words. */
function heard(said: Buffer): ReturnType<ConnectionAttempt['heard']> {
  return said.length === 4 ? true : null;
}

function faultIn(error: unknown, { user, password }: Target): Fault | null {
  const code = errorCode(error);
  const login = `the login "${user}"`;
  if (code === '') return null;
  if (code === EXPIRED)
    return {
      kind: 'credentials',
      says: `wants ${login} to choose another password before anything else`,
      hint: 'log in with cypher-shell and change it (ALTER CURRENT USER SET PASSWORD FROM … TO …), then point `password` at the new one',
    };
  if (code === RATE_LIMITED)
    return {
      kind: 'notReady',
      says: `lets nobody in as "${user}" for some seconds: there were too many wrong passwords`,
      hint: 'wait ten seconds, and look who tries',
    };
  if (code.startsWith('Neo.ClientError.Security.'))
    return password === '' ? withoutPassword(`asks for a password of ${login}, and there is none`) : refusedLogin(login, wordsOf(error));
  if (code.startsWith('Neo.TransientError.'))
    return { kind: 'notReady', says: `takes no statements now: ${wordsOf(error)}`, hint: 'try again' };
  return { kind: 'unreachable', says: `cannot be used: ${wordsOf(error)}`, hint: "see the server's log" };
}
