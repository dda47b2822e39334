import { randomBytes } from 'node:crypto';
import type { Attacker } from './attack.ts';
import { leftOpen } from './left-open.ts';
import { TenantSession, outcomeOf } from './tenant-session.ts';
import { Closers } from '../../../util/closers.ts';

/** A password that is not the login's. The server must ask for one, and must care. */
export async function attackPassword(attacker: Attacker): Promise<void> {
  const { me, context } = attacker;
  const [login] = me.logins;
  // What the analysis tells of such a login is enough: the proof is not what shuts an app out.
  const isTried = context.locksOut !== null && !context.locksOut.has(login);
  const guess = {
    probe: 'MY-H1a',
    user: login,
    password: randomBytes(24).toString('base64url'),
    statement: `log in as ${login} with a wrong password`,
  };
  const doors = [
    ...(isTried ? [guess] : []),
    { probe: 'MY-Y02', user: `cotenant_${randomBytes(4).toString('hex')}`, password: '', statement: 'log in as nobody without a password' },
  ];
  for (const { probe, user, password, statement } of doors) {
    const entered = await TenantSession.enter(context.target, user, password, context.deadline);
    if (entered instanceof TenantSession) {
      await entered[Symbol.asyncDispose]();
      const stuck = probe === 'MY-Y02' ? leftOpen(context, true) : null;
      attacker.report({ probe, to: null, statement, outcome: 'succeeded', code: '', answer: 'connected', stuck });
    } else attacker.report({ probe, to: null, statement, outcome: outcomeOf(entered), code: entered.code, answer: entered.text });
  }
}

/** The same login without TLS, where the manifest asks for TLS. */
export async function attackWithoutTls(attacker: Attacker, password: string): Promise<void> {
  const { me, context } = attacker;
  if (!context.input.config.requireSsl) return;
  const statement = `log in as ${me.logins[0]} without TLS`;
  const entered = await TenantSession.enter({ ...context.target, ssl: null }, me.logins[0], password, context.deadline);
  if (entered instanceof TenantSession) {
    await entered[Symbol.asyncDispose]();
    attacker.report({ probe: 'MY-H3', to: null, statement, outcome: 'succeeded', code: '', answer: 'connected' });
  } else attacker.report({ probe: 'MY-H3', to: null, statement, outcome: outcomeOf(entered), code: entered.code, answer: entered.text });
}

/** The login has as many sessions as it may have. That the whole server has none left is something else. */
const LIMITS = new Set(['1203', '1226']);

/** As many sessions as the login may have, and one more. Only where nobody needs the server. */
export async function attackLimit(attacker: Attacker, password: string): Promise<void> {
  const { me, context } = attacker;
  await using open = new Closers();
  const statement = `${me.connections + 1} sessions of ${me.logins[0]}`;
  const base = { probe: 'MY-Y13c', to: null, statement };
  for (let count = 0; count <= me.connections; count++) {
    const entered = await TenantSession.enter(context.target, me.logins[0], password, context.deadline);
    if (entered instanceof TenantSession) open.use(entered);
    else {
      const outcome = LIMITS.has(entered.code) ? 'denied' : outcomeOf(entered);
      attacker.report({ ...base, outcome, code: entered.code, answer: `${count} were let in; ${entered.text}` });
      return;
    }
  }
  attacker.report({ ...base, outcome: 'succeeded', code: '', answer: 'all were let in' });
}
