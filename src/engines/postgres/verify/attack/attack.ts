import { type Attempt, attackEach, type AttackPlan, type SecretSource, type Stuck } from '../../../../engine/index.ts';
import type { Connection, Target } from '../../connect/connection.ts';
import type { Input } from '../../compile/draft.ts';
import { ident } from '../../quote.ts';
import { attackNeighbours } from './neighbours.ts';
import { attackLimit, attackPassword } from './credentials.ts';
import { attackLevel } from './level.ts';
import { attackLogins } from './login.ts';
import { attackRows } from './rows.ts';
import { attackServer } from './server.ts';
import { attackShares } from './shares.ts';
import { pairsOf } from '../../shares/shares.ts';
import { roleSwitchesOf, type RoleSwitches, readRoleSwitches } from '../role-switches.ts';
import { type Answer, TenantSession, outcomeOf } from '../tenant-session.ts';
import type { StuckAccess } from '../stuck-access.ts';
import { targetOf, type Tenant, tenantsOf } from '../tenants.ts';

/** Attackers that are at work at the same time. */
const LANES = 8;
const MAINTENANCE = ['postgres', 'template1'] as const;

export interface AttackContext {
  readonly input: Input;
  readonly target: Target;
  readonly secrets: SecretSource;
  /** Milliseconds to open a connection. */
  readonly deadline: number;
  /** As `180004`. */
  readonly version: number;
  /** The operator's connection to a database. */
  readonly open: (database: string) => Promise<Connection>;
  /** What this admin cannot close, and whether that is accepted. */
  readonly stuck: StuckAccess;
}

/** What one attacker knows while it is at work. */
export interface Attacker {
  readonly context: AttackContext;
  readonly me: Tenant;
  readonly all: readonly Tenant[];
  /** Those that it attacks with statements and connections of their own. */
  readonly victims: readonly Tenant[];
  /** Of every login. */
  readonly roleSwitches: ReadonlyMap<string, RoleSwitches>;
  /** Why logins with an unknown password may be left to the analysis; null: they may not. */
  readonly unknown: Stuck | null;
  report(attempt: Omit<Attempt, 'from' | 'fix' | 'control' | 'declared'> & Partial<Pick<Attempt, 'fix' | 'control' | 'declared'>>): void;
}

/** Every login of every app comes in with its own credentials and tries. What it does is undone before it leaves. */
export async function* attack(context: AttackContext, plan: AttackPlan): AsyncGenerator<Attempt> {
  const all = tenantsOf(context.input);
  const byName = Map.groupBy(all, (tenant) => tenant.app);
  const roleSwitches = await allRoleSwitches(context, all);
  const unknown = unknownPasswords(context, all, plan);
  yield* attackEach(plan, LANES, async ({ from, to, first }, push) => {
    const logins = byName.get(from) ?? [];
    const victims = to.flatMap((name) => byName.get(name)?.slice(0, 1) ?? []);
    for (const [index, me] of logins.entries()) {
      const by = index === 0 ? '' : ` -- as ${me.login}`;
      const report: Attacker['report'] = (attempt) =>
        push({ from, fix: [], control: false, declared: false, ...attempt, statement: attempt.statement + by });
      const attacker = { context, me, all, victims, roleSwitches, unknown, report };
      // One wrong password shows how the server answers; one for each app would look like somebody who guesses them.
      if (first && index === 0) await attackPassword(attacker);
      await attackAs(attacker, plan.destructive);
    }
  });
}

/**
 * Adopted logins keep their passwords, which only their apps know. The analysis judges them as all others; it stands alone only
 * where it was compared with an attack on the same server.
 */
function unknownPasswords({ secrets }: AttackContext, all: readonly Tenant[], { pairs }: AttackPlan): Stuck | null {
  const [known, unknown] = [true, false].map((has) =>
    all.filter(({ app, secret }) => pairs.has(app) && (secrets.peek({ secret }) !== null) === has),
  );
  const apps = [...new Set((unknown ?? []).filter(({ adopted }) => adopted).map(({ app }) => app))];
  if (!known || known.length === 0 || apps.length === 0) return null;
  const shown = apps.length > 5 ? `${apps.slice(0, 5).join(', ')} and ${apps.length - 5} more` : apps.join(', ');
  const what = apps.length === 1 ? '1 app' : `${apps.length} apps`;
  const why = `Not attacked, judged by analysis only: password not known (${what}: ${shown}); store it with cotenant credentials set ${apps[0] ?? ''} --password-file FILE.`;
  return { accepted: true, why };
}

async function allRoleSwitches(context: AttackContext, tenants: readonly Tenant[]): Promise<ReadonlyMap<string, RoleSwitches>> {
  await using connection = await context.open(context.target.database);
  const across = pairsOf(context.input).flatMap((pair) => (pair.across ? [pair.across] : []));
  return await readRoleSwitches(connection, [...tenants, ...across.map(({ login }) => ({ login, acts: login, reaches: [] }))]);
}

async function attackAs(attacker: Attacker, destructive: boolean): Promise<void> {
  const { me, context } = attacker;
  const password = context.secrets.peek({ secret: me.secret });
  const statement = `connect to ${me.database} as ${me.login}`;
  if (password === null) {
    attacker.report({
      probe: 'PG-ID',
      to: me.app,
      statement,
      control: true,
      outcome: 'broken',
      code: '',
      answer: 'cotenant does not know the password of this login',
      stuck: me.adopted ? attacker.unknown : null,
    });
    return;
  }
  const entered = await TenantSession.enter(context.target, me.login, password, me.database, context.deadline);
  if (!(entered instanceof TenantSession)) {
    attacker.report({ probe: 'PG-ID', to: me.app, statement, control: true, outcome: 'broken', code: entered.code, answer: entered.text });
    return;
  }
  {
    await using session = entered;
    await session.begin();
    const known = await identify(attacker, session);
    // Who does not act as it should is not judged by what it acts as.
    session.switchesTo(
      known ? roleSwitchesOf(attacker.roleSwitches, me.login) : { ...roleSwitchesOf(attacker.roleSwitches, me.login), stronger: true },
    );
    await attackServer(attacker, session);
    await attackNeighbours(attacker, session);
    await attackShares(attacker, session);
    if (me.level === 'rows') await attackRows(attacker, session);
    await attackLevel(attacker, session);
  }
  await attackLogins(attacker);
  await attackDatabases(attacker, password);
  if (destructive) await attackLimit(attacker, password);
}

/** The credentials must be this app's: a mix-up of secrets would prove the wrong walls. */
async function identify(attacker: Attacker, session: TenantSession): Promise<boolean> {
  const { me } = attacker;
  const statement = 'SELECT session_user, current_user, pg_catalog.current_database()';
  const answer = await session.attempt(
    'SELECT session_user::pg_catalog.text, current_user::pg_catalog.text, pg_catalog.current_database()::pg_catalog.text',
  );
  const [user, current, database] = answer.first ?? [];
  const right = user === me.login && current === me.acts && database === me.database;
  attacker.report({
    probe: 'PG-ID',
    to: me.app,
    statement,
    control: true,
    outcome: right ? 'succeeded' : 'broken',
    code: answer.code,
    answer: right ? 'as expected' : `session ${String(user)} acts as ${String(current)} in ${String(database)}`,
  });
  return right;
}

/** Other databases: the victims' and the server's own. One connection for each. */
async function attackDatabases(attacker: Attacker, password: string): Promise<void> {
  const { me } = attacker;
  for (const database of MAINTENANCE) await attackDatabase(attacker, password, database, database, false);
  const seen = new Set(me.databases);
  for (const victim of attacker.victims) {
    if (seen.has(victim.database)) continue;
    seen.add(victim.database);
    await attackDatabase(attacker, password, victim.database, targetOf(victim), false);
  }
  for (const database of me.databases.filter((one) => one !== me.database))
    await attackDatabase(attacker, password, database, me.app, true);
}

async function attackDatabase(attacker: Attacker, password: string, database: string, to: string, own: boolean): Promise<void> {
  const { me, context } = attacker;
  const entered = await TenantSession.enter(context.target, me.login, password, database, context.deadline);
  const inside = entered instanceof TenantSession;
  const answer: Answer = inside ? { ok: true, code: '', text: 'connected', first: null, rows: [] } : entered;
  const stuck = own ? null : context.stuck.database(database);
  const fix =
    own || !inside || stuck !== null
      ? []
      : [
          {
            lane: 'shared',
            statement: {
              text: `REVOKE CONNECT, TEMPORARY ON DATABASE ${ident(database)} FROM ${ident(me.acts)}, ${ident(me.login)}`,
            },
          },
        ];
  attacker.report({
    probe: 'PG-P01',
    to,
    statement: `connect to ${database} as ${me.login}`,
    control: own,
    outcome: outcomeOf(answer),
    code: answer.code,
    answer: answer.text,
    fix,
    stuck,
  });
  if (database === 'template1')
    attacker.report({
      probe: 'PG-P24',
      to,
      statement: 'hold a session in template1',
      stuck,
      outcome: outcomeOf(answer),
      code: answer.code,
      answer: answer.text,
    });
  if (!inside) return;
  await using session = entered;
  if (own) return;
  await session.begin();
  session.switchesTo(roleSwitchesOf(attacker.roleSwitches, me.login));
  const more: readonly (readonly [string, string, Stuck | null])[] = [
    ['PG-P04', 'SELECT 1 FROM pg_catalog.pg_proc LIMIT 1', stuck],
    ['PG-P02', 'CREATE TEMPORARY TABLE cotenant_probe (x pg_catalog.int4)', stuck],
    ['PG-P03', 'CREATE TABLE public.cotenant_probe (x pg_catalog.int4)', context.stuck.publicSchema(database)],
    ['PG-P20', "SELECT pg_catalog.pg_logical_emit_message(true, 'cotenant', 'probe')", stuck],
  ];
  for (const [probe, statement, open] of more) {
    const result = await session.attempt(statement);
    attacker.report({ probe, to, statement, outcome: outcomeOf(result), code: result.code, answer: result.text, stuck: open });
  }
}
