import { type DiagnosticError, fail } from '../../model/index.ts';
import { NOT_BOUND } from './binding.ts';
import type { Target } from './connection.ts';
import { errorCode } from '../../util/system.ts';

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

/** 28000: the server's pg_hba.conf has no place for this login, from here or without TLS. */
function refusalHint(code: string, target: Target): string {
  if (target.password === '' && code !== '28000')
    return target.own
      ? 'the secret store has no password for this server: it is not the store that the server was created with'
      : 'the instance has no password: add `password: { env: NAME }` or `password: { file: PATH }`';
  if (code !== '28000') return 'check the user in `url` and the secret that `password` points to';
  const rule = "the server's pg_hba.conf does not allow this login from here";
  return target.ssl === false ? `${rule} without TLS: set \`sslmode\`, or add a line for it` : `${rule}: add a line for it`;
}

interface Tried {
  readonly database: string;
  readonly instance: string;
  /** Somebody took the connection. */
  readonly answered: boolean;
}

/** How the driver says that the server asks for a password and there is none. */
const NO_PASSWORD = /^SASL: .*client password must be a/;

/** The server asked for the password itself, over a connection that others can read. */
export const IN_CLEAR = 'the server asks for the password in clear text, without TLS';

export function connectTrouble(error: unknown, target: Target, { database, instance, answered }: Tried): DiagnosticError {
  const why = error instanceof Error ? error.message || errorCode(error) : errorCode(error);
  const code = NO_PASSWORD.test(why) ? '28P01' : errorCode(error);
  const where = `${target.host}:${target.port}`;
  const path = ['instances', instance];
  if (why === IN_CLEAR)
    return fail('CT3011', `"${instance}" at ${where}: ${why}; it was not sent`, {
      instance,
      path,
      hint: 'set `sslmode: require`, or `password_encryption` and pg_hba.conf of the server to scram-sha-256',
    });
  if (why === NOT_BOUND)
    return fail('CT3011', `"${instance}" at ${where}: ${why}; nothing was proved to it`, {
      instance,
      path,
      hint: 'use `sslmode: verify-full`, which checks who the server is, in place of channel_binding',
    });
  if (code === PROTOCOL_VIOLATION) return pooler(target, instance, `it says "${why}"`);
  if (code === '28P01' || code === '28000') {
    const refused = target.password === '' && code === '28P01' ? 'asks for a password of' : 'refused';
    return fail('CT3002', `"${instance}" at ${where} ${refused} the login "${target.user}" for database "${database}"`, {
      instance,
      path,
      hint: refusalHint(code, target),
    });
  }
  // Neither the server nor the system said no: the driver waited in vain, or could not read the answer.
  const silent = answered && code === '' && !why.includes('SSL');
  return fail('CT3001', `"${instance}" at ${where} (database "${database}") cannot be reached: ${why}`, {
    instance,
    path,
    hint: silent
      ? 'the program at that port does not answer like PostgreSQL: check the port'
      : 'check that the server is up and that the address is right from here',
  });
}
