import { type ConnectionAttempt, connectFault, type Fault, refusedLogin, withoutPassword, wordsOf } from '../../../engine/index.ts';
import { type DiagnosticError, fail } from '../../../model/index.ts';
import { errorCode } from '../../../util/system.ts';
import { isAdmitted } from './admitted.ts';
import { NOT_BOUND } from './binding.ts';
import type { Target } from './connection.ts';
import { urlForm } from './url-form.ts';

/** What poolers answer with where a server would take a start, as `unsupported startup parameter`. */
const PROTOCOL_VIOLATION = '08P01';

/** CT3010: the lock, settings and temporary things of a session do not stay with a connection to a pooler. */
export function pooler({ host, port }: Target, instance: string, how: string): DiagnosticError {
  return fail('CT3010', `"${instance}" at ${host}:${port} is a pooler, not the server: ${how}`, {
    instance,
    path: ['instances', instance, 'url'],
    hint: 'use the address of the server itself in `url`, because the lock of a run would stay behind on a pooled session; set the address for apps in `pooler: { url: postgres://host:port }`',
  });
}

interface Tried {
  readonly database: string;
  readonly instance: string;
  readonly deadline: number;
}

/** How the driver says that the server asks for a password and there is none. */
const NO_PASSWORD = /^SASL: .*client password must be a/;

/** The server asked for the password itself, over a connection that others can read. */
export const IN_CLEAR = 'the server asks for the password in clear text, without TLS';

export async function connectTrouble(error: unknown, target: Target, tried: Tried): Promise<DiagnosticError> {
  const { instance, deadline, database } = tried;
  const why = wordsOf(error);
  const where = `"${instance}" at ${target.host}:${target.port}`;
  const about = { instance, path: ['instances', instance] };
  if (why === IN_CLEAR)
    return fail('CT3011', `${where}: ${why}; it was not sent`, {
      ...about,
      hint: 'set `sslmode: require`, or `password_encryption` and pg_hba.conf of the server to scram-sha-256',
    });
  if (why === NOT_BOUND)
    return fail('CT3011', `${where}: ${why}; nothing was proved to it`, {
      ...about,
      hint: 'use `sslmode: verify-full`, which checks who the server is, in place of channel_binding',
    });
  if (errorCode(error) === PROTOCOL_VIOLATION) return pooler(target, instance, `it says "${why}"`);
  const { host, port } = target;
  return await connectFault(error, {
    ...WORDS,
    instance,
    host,
    port,
    deadline: target.connectTimeout ?? deadline,
    tls: target.ssl !== false,
    namesAuthority: typeof target.ssl === 'object' && target.ssl.ca !== undefined,
    faultOf: (caught) => faultOf(caught, target, database),
  });
}

/** A client asks first whether there is TLS, and a server answers with one letter. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]);
const WORDS: Pick<ConnectionAttempt, 'kind' | 'first' | 'heard'> = {
  kind: urlForm.kind,
  first: SSL_REQUEST,
  heard: (said) => ((said.length === 1 && /^[SN]/.test(said.toString('latin1'))) || said[0] === 'E'.charCodeAt(0) ? true : null),
};

const START_AGAIN = 'try again when it is up; its log says what it does';

async function faultOf(error: unknown, target: Target, database: string): Promise<Fault | null> {
  const why = wordsOf(error);
  const login = `the login "${target.user}" for database "${database}"`;
  if (NO_PASSWORD.test(why)) return withoutPassword(`asks for a password of ${login}, and there is none`);
  if (/does not support SSL/.test(why))
    return {
      kind: 'tls',
      says: 'does not speak TLS, and the manifest asks for it',
      hint: 'turn it on (`ssl = on`, with a certificate); on a network that you trust, `sslmode: disable`',
    };
  const code = errorCode(error);
  if (code === '28P01')
    return target.password === '' ? withoutPassword(`asks for a password of ${login}, and there is none`) : refusedLogin(login, why);
  if (code === '28000') return await refusedFault(why, routineOf(error), { ...target, database }, login);
  if (code === '3D000')
    return { kind: 'database', says: `has no database "${database}"`, hint: 'write one that exists into `url`, such as postgres' };
  if (code === '53300')
    return { kind: 'full', says: `has no connection left: ${why}`, hint: 'end idle sessions, or raise max_connections' };
  if (code === '42501' || code === '55000')
    return {
      kind: 'notAdmitted',
      says: `does not admit ${login}: ${why}`,
      hint: 'let this login connect to the database, or write another one into `url`',
    };
  if (code === '57P03' || code === '57P01' || code === '57P02')
    return { kind: 'notReady', says: `takes no connections now: ${why}`, hint: START_AGAIN };
  // Another refusal of the server itself.
  if (/^[0-9A-Z]{5}$/.test(code) && routineOf(error) !== '')
    return { kind: 'unreachable', says: `cannot be reached: ${why} (SQLSTATE ${code})`, hint: "see the server's log" };
  return null;
}

/** 28000 says no more. The words depend on the server's language, the place in its source does not. */
async function refusedFault(why: string, routine: string, target: Target, login: string): Promise<Fault> {
  if (routine !== 'ClientAuthentication') return { kind: 'credentials', says: `refused ${login}: ${why}`, hint: 'check the user in `url`' };
  if (/client certificate/.test(why))
    return { kind: 'tls', says: `wants to see a certificate: ${why}`, hint: 'add `tls: { cert: { file: PATH }, key: { file: PATH } }`' };
  if (target.ssl === false && (await isAdmitted(target)))
    return {
      kind: 'tls',
      says: `does not let ${login} in without TLS, and the manifest does not ask for it: ${why}`,
      hint: 'set `sslmode`: verify-full, with `tls: { ca: … }` where the authority is your own; require at least',
    };
  return {
    kind: 'notAdmitted',
    says: `does not admit ${login} from here: ${why}`,
    hint: /rejects/.test(why)
      ? "a line of the server's pg_hba.conf rejects it: put one that admits it above that"
      : "the server's pg_hba.conf has no line for it: add one",
  };
}

function routineOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'routine' in error && typeof error.routine === 'string' ? error.routine : '';
}
