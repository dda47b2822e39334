import { type Attempt, attackEach, type AttackPlan, type SecretSource } from '../../../engine/index.ts';
import type { Input } from '../compile/draft.ts';
import type { Facts } from '../observe/facts.ts';
import type { Target } from '../connect/target.ts';
import { attackWithoutTls, attackLimit, attackPassword } from './attack-login.ts';
import { attackNeighbours } from './attack-neighbours.ts';
import { attackServer } from './attack-server.ts';
import { TenantSession } from './tenant-session.ts';
import { type Tenant, tenantsOf } from './tenants.ts';

/** Attackers that are at work at the same time. */
const LANES = 4;

export interface AttackContext {
  readonly input: Input;
  readonly target: Target;
  readonly secrets: SecretSource;
  /** Milliseconds to open a connection. */
  readonly deadline: number;
  readonly facts: Facts;
  /** The operator's account, `root@127.0.0.1`, and the number of a connection of it. */
  readonly operator: { readonly account: string; readonly connection: number };
  /** Names of all databases of the server. */
  readonly databases: ReadonlySet<string>;
  /** Users whom one wrong password may shut out; null: everybody. */
  readonly locksOut: ReadonlySet<string> | null;
}

/** What one attacker knows while it is at work. */
export interface Attacker {
  readonly context: AttackContext;
  readonly me: Tenant;
  /** Those that it attacks with statements of their own. */
  readonly victims: readonly Tenant[];
  report(attempt: Omit<Attempt, 'from' | 'fix' | 'control' | 'declared'> & Partial<Pick<Attempt, 'fix' | 'control' | 'declared'>>): void;
}

/** Every app logs in with its own credentials and tries. What it makes is taken away before it leaves. */
export async function* attack(context: AttackContext, plan: AttackPlan): AsyncGenerator<Attempt> {
  const byName = new Map(tenantsOf(context.input).map((tenant) => [tenant.app, tenant]));
  yield* attackEach(plan, LANES, async ({ from, to, first }, push) => {
    const me = byName.get(from);
    if (!me) return;
    const report: Attacker['report'] = (attempt) => push({ from, fix: [], control: false, declared: false, ...attempt });
    const attacker = { context, me, victims: to.flatMap((name) => byName.get(name) ?? []), report };
    // One wrong password shows how the server answers; one for each app would look like somebody who guesses them.
    if (first) await attackPassword(attacker);
    await attackAs(attacker, plan.destructive);
  });
}

async function attackAs(attacker: Attacker, destructive: boolean): Promise<void> {
  const { me, context } = attacker;
  const [login] = me.logins;
  const password = context.secrets.peek({ secret: me.secret });
  const base = { probe: 'MY-ID', to: me.app, statement: `log in as ${login}`, control: true, outcome: 'broken' as const };
  if (password === null) {
    attacker.report({ ...base, code: '', answer: 'cotenant does not know the password of this login' });
    return;
  }
  const entered = await TenantSession.enter(context.target, login, password, context.deadline);
  if (!(entered instanceof TenantSession)) {
    attacker.report({ ...base, code: entered.code, answer: entered.text });
    return;
  }
  {
    await using session = entered;
    await identify(attacker, session);
    await attackServer(attacker, session);
    await attackNeighbours(attacker, session);
  }
  await attackWithoutTls(attacker, password);
  if (destructive) await attackLimit(attacker, password);
}

/** The credentials must be this app's: a mix-up of secrets would prove the wrong walls. */
async function identify(attacker: Attacker, session: TenantSession): Promise<void> {
  const { me } = attacker;
  const answer = await session.ask('SELECT CURRENT_USER() AS me');
  const who = String(answer.rows[0]?.['me']);
  const right = me.accounts.has(who) && who.startsWith(`${me.logins[0]}@`);
  attacker.report({
    probe: 'MY-ID',
    to: me.app,
    statement: 'SELECT CURRENT_USER()',
    control: true,
    outcome: right ? 'succeeded' : 'broken',
    code: answer.code,
    answer: right ? 'as expected' : `came as ${who}`,
  });
}
