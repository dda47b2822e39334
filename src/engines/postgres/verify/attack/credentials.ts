import { randomBytes } from 'node:crypto';
import type { Attacker } from './attack.ts';
import { TenantSession, outcomeOf } from '../tenant-session.ts';
import { Closers } from '../../../../util/closers.ts';

/** A password that is not the login's. The server must ask for one, and must care. */
export async function attackPassword(attacker: Attacker): Promise<void> {
  const { me, context } = attacker;
  const entered = await TenantSession.enter(context.target, me.login, randomBytes(24).toString('base64url'), me.database, context.deadline);
  const base = { probe: 'PG-H1a', to: null, statement: `connect to ${me.database} as ${me.login} with a wrong password` };
  if (entered instanceof TenantSession) {
    await entered[Symbol.asyncDispose]();
    attacker.report({ ...base, outcome: 'succeeded', code: '', answer: 'connected' });
    return;
  }
  // Here, and only here, a refused password is the wall.
  const outcome = entered.code === '28P01' ? 'denied' : outcomeOf(entered);
  attacker.report({ ...base, outcome, code: entered.code, answer: entered.text });
}

/** As many sessions as the login may have, and one more. Only where nobody needs the server. */
export async function attackLimit(attacker: Attacker, password: string): Promise<void> {
  const { me, context } = attacker;
  await using open = new Closers();
  const statement = `${me.connections + 1} sessions of ${me.login}`;
  for (let count = 0; count <= me.connections; count++) {
    const entered = await TenantSession.enter(context.target, me.login, password, me.database, context.deadline);
    if (entered instanceof TenantSession) open.use(entered);
    else {
      attacker.report({
        probe: 'PG-D1c',
        to: null,
        statement,
        outcome: outcomeOf(entered),
        code: entered.code,
        answer: `${count} were let in; ${entered.text}`,
      });
      return;
    }
  }
  attacker.report({ probe: 'PG-D1c', to: null, statement, outcome: 'succeeded', code: '', answer: 'all were let in' });
}
