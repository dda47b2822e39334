import { type ConnectionAttempt, connectFault, type Fault, refusedLogin, withoutPassword, wordsOf } from '../../../engine/index.ts';
import type { DiagnosticError } from '../../../model/index.ts';
import { errorCode } from '../../../util/system.ts';
import type { Target } from './target.ts';
import { errorNumber } from './trouble.ts';
import { urlForm } from './url-form.ts';

export async function connectTrouble(
  error: unknown,
  target: Target,
  tried: { instance: string; deadline: number },
): Promise<DiagnosticError> {
  const { host, port, connectTimeout, ssl } = target;
  const told = error instanceof Error && errorCode(error) === 'HANDSHAKE_SSL_ERROR' ? (error.cause ?? error) : error;
  return await connectFault(told, {
    ...WORDS,
    host,
    port,
    instance: tried.instance,
    deadline: connectTimeout ?? tried.deadline,
    tls: ssl !== null,
    namesAuthority: ssl?.ca !== undefined,
    faultOf: (caught) => faultOf(caught, target),
  });
}

/** The server speaks first: a packet with the number 0 that begins with the version of the protocol, or an error. */
const WORDS: Pick<ConnectionAttempt, 'kind' | 'first' | 'heard'> = {
  kind: urlForm.kind,
  first: null,
  heard: (said) => (said.length > 4 && said[3] === 0 && (said[4] === 10 || said[4] === 255) ? true : null),
};

/** Access denied to a login: the account, its password, or how it is locked. */
const REFUSED = new Set([1045, 1698, 1820, 1862, 3118, 3878, 4151]);
/** The host is not that of an account, or is blocked after too many failed attempts. */
const NOT_ADMITTED = new Set([1129, 1130]);
const FULL = new Set([1040, 1203, 1226]);
const INSECURE = 3159;
const NO_DATABASE = 1049;
const SHUTDOWN = 1053;

function faultOf(error: unknown, target: Target): Fault | null {
  const why = wordsOf(error);
  const number = errorNumber(error);
  const login = `the login "${target.user}"`;
  if (number === 1045 && target.password === '') return withoutPassword(`refused ${login}, and there is no password: ${why}`);
  if (REFUSED.has(number))
    return refusedLogin(login, why, target.ssl === null ? '; an account that requires TLS is refused in the same words without it' : '');
  if (NOT_ADMITTED.has(number))
    return {
      kind: 'notAdmitted',
      says: `does not admit ${login} from here: ${why}`,
      hint: number === 1129 ? 'FLUSH HOSTS on the server ends the block' : 'create an account for this host, or connect from another one',
    };
  if (FULL.has(number))
    return {
      kind: 'full',
      says: `has no connection left: ${why}`,
      hint: 'end idle sessions, or raise max_connections or the limit of the account',
    };
  if (number === INSECURE)
    return {
      kind: 'tls',
      says: `lets nobody in without TLS, and the manifest does not ask for it: ${why}`,
      hint: 'set `sslmode`: verify-full, with `tls: { ca: … }` where the authority is your own; require at least',
    };
  if (errorCode(error) === 'HANDSHAKE_NO_SSL_SUPPORT')
    return {
      kind: 'tls',
      says: 'does not speak TLS, and the manifest asks for it',
      hint: 'turn it on (ssl_ca, ssl_cert, ssl_key); on a network that you trust, `sslmode: disable`',
    };
  if (number === NO_DATABASE) return { kind: 'database', says: `has no such database: ${why}`, hint: 'remove it from `url`' };
  if (number === SHUTDOWN)
    return { kind: 'notReady', says: `takes no connections now: ${why}`, hint: 'try again when it is up; its log says what it does' };
  if (number > 0) return { kind: 'unreachable', says: `cannot be reached: ${why} (error ${number})`, hint: "see the server's log" };
  return null;
}
