import { targetOf } from '../grants.ts';
import { wantedGrants } from '../kinds/account.ts';
import { ident, literal, qualified } from '../quote.ts';
import type { Attacker } from './attack.ts';
import { type Answer, type TenantSession, outcomeOf } from './tenant-session.ts';
import type { Tenant } from './tenants.ts';

/** Nothing is called so: a statement on it is refused for lack of a right, or because it is not there. */
export const NONE = 'cotenant_probe_none';

/** One statement on a database, and the errors that come only to somebody who has the right. */
export interface ProbeAttempt {
  readonly text: (database: string) => string;
  readonly passed: readonly number[];
  /** A reader may do it in the databases that it reads. */
  readonly reading?: boolean;
  /** So may a login that works on the data of its own app. */
  readonly working?: boolean;
  /** It lists tables: those that are shared may be seen. */
  readonly lists?: boolean;
}

/** The same statements against others and, as their control, against the own database. */
function attemptsOn(own: string): readonly ProbeAttempt[] {
  return [
    { text: (database) => `SELECT 1 FROM ${qualified(database, NONE)}`, passed: [1146], reading: true },
    { text: (database) => `INSERT INTO ${qualified(database, NONE)} VALUES (1)`, passed: [1146], working: true },
    { text: (database) => `CREATE TABLE ${qualified(database, NONE)} LIKE ${qualified(own, `${NONE}_2`)}`, passed: [1146] },
    { text: (database) => `DROP TABLE ${qualified(database, NONE)}`, passed: [1051] },
    { text: (database) => `CALL ${qualified(database, NONE)}()`, passed: [1305], working: true },
    { text: (database) => `SHOW TABLES FROM ${ident(database)}`, passed: [], reading: true, lists: true },
  ];
}

export async function attackNeighbours(attacker: Attacker, session: TenantSession): Promise<void> {
  const { me, victims, context } = attacker;
  const own = me.database;
  const attempts = attemptsOn(own);
  for (const one of attempts) {
    if (own === '' || (me.as === 'read' && !one.reading) || (me.as === 'rw' && !one.reading && !one.working)) continue;
    report(attacker, { statement: one.text(own), to: me.app, control: true }, await session.attempt(one.text(own)), one.passed);
  }
  for (const read of me.reads) {
    const statement = attempts[0]?.text(read.database) ?? '';
    report(attacker, { statement, to: read.app, declared: true }, await session.attempt(statement), [1146]);
  }
  for (const victim of victims) await attackVictim(attacker, session, victim, attempts);
  await attackShares(attacker, session);
  const gap = wildcardName(own, context.databases);
  if (gap !== null && !me.isReader) {
    // Somebody may make one of that name meanwhile.
    const statement = `SELECT 1 FROM ${qualified(gap, NONE)}`;
    report(attacker, { statement, to: null }, await session.attempt(statement), [1049, 1146]);
  }
}

async function attackVictim(attacker: Attacker, session: TenantSession, victim: Tenant, attempts: readonly ProbeAttempt[]): Promise<void> {
  const { me } = attacker;
  const reads = me.reads.some((one) => one.database === victim.database);
  if (!victim.isReader && victim.database !== '') {
    for (const one of attempts) {
      if (reads && one.reading) continue;
      const statement = one.text(victim.database);
      const answer = await session.attempt(statement);
      report(attacker, { statement, to: victim.app }, one.lists === true ? unshared(attacker, victim, answer) : answer, one.passed);
    }
  }
  const [account] = victim.accounts.keys();
  if (account === undefined) return;
  const at = account.lastIndexOf('@');
  const statement = `SHOW CREATE USER ${literal(account.slice(0, at))}@${literal(account.slice(at + 1))}`;
  const answer = await session.attempt(statement);
  attacker.report({
    probe: 'MY-Y20',
    to: victim.app,
    statement,
    outcome: outcomeOf(answer, [1141, 1396]),
    code: answer.code,
    answer: answer.text,
  });
}

/** A list that holds nothing but what is shared is as good as a refusal. */
function unshared({ me, context }: Attacker, victim: Tenant, answer: Answer): Answer {
  const shares = context.input.shares.filter((one) => one.from === victim.app && one.to === me.app && one.via === 'grant');
  const meant = new Set(shares.flatMap((one) => one.tables));
  const others = answer.rows.filter((row) => !meant.has(String(Object.values(row)[0]))).length;
  if (!answer.ok || meant.size === 0 || others > 0) return answer;
  return { ...answer, ok: false, code: '1044', text: 'nothing but what is shared is listed' };
}

/** What others share with this app must be there, and only that. */
async function attackShares(attacker: Attacker, session: TenantSession): Promise<void> {
  const { me, context } = attacker;
  const [spec] = me.accounts.values();
  if (!spec || me.isReader) return;
  const apps = new Map(context.input.placements.map(({ app, placement }) => [placement.database ?? app.replaceAll('-', '_'), app]));
  for (const key of Object.keys(wantedGrants(spec, context.facts))) {
    const [kind, database, table = '', column = ''] = targetOf(key);
    if (kind !== 'table' && kind !== 'column') continue;
    // By a name of ours: the driver refuses rows with a column that is called as something that every object inherits.
    const what = kind === 'table' ? '1' : `${ident(column)} AS shared`;
    const statement = `SELECT ${what} FROM ${qualified(database, table)} LIMIT 1`;
    report(attacker, { statement, to: apps.get(database) ?? database, declared: true }, await session.attempt(statement), []);
  }
}

function report(
  attacker: Attacker,
  one: { readonly statement: string; readonly to: string | null; readonly control?: boolean; readonly declared?: boolean },
  answer: Answer,
  passed: readonly number[],
): void {
  const { control = false, declared = false } = one;
  attacker.report({
    ...one,
    probe: 'MY-Y01',
    control,
    declared,
    outcome: outcomeOf(answer, passed),
    code: answer.code,
    answer: answer.text,
  });
}

/** A name that an unescaped grant on this one reaches and that no database has; null where the name has no wildcard. */
function wildcardName(name: string, taken: ReadonlySet<string>): string | null {
  if (!/[_%]/.test(name)) return null;
  for (const letter of 'XYZQJK') {
    const other = name.replace(/[_%]/, letter);
    if (!taken.has(other)) return other;
  }
  return null;
}
