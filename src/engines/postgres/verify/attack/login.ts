import { secretName } from '../../compile/roles.ts';
import { ident, qualified } from '../../quote.ts';
import { type Across, type Pair, pairsOf } from '../../shares/shares.ts';
import type { Attacker } from './attack.ts';
import { columnsIn } from './shares.ts';
import { roleSwitchesOf } from '../role-switches.ts';
import { type Answer, TenantSession, outcomeOf } from '../tenant-session.ts';

/** Other tables and columns that are tried one by one. */
const SAMPLE = 3;

/**
 * The login of a share, as if its password had been found: where it comes in at all from here, it reads what is shared
 * and nothing else. That pg_hba.conf refuses it is as good.
 */
export async function attackLogins(attacker: Attacker): Promise<void> {
  const { context, me } = attacker;
  for (const pair of pairsOf(context.input)) {
    if (pair.across === null || pair.to !== me.app) continue;
    const password = context.secrets.peek({ secret: secretName(context.input.name, pair.across.login) });
    // Not made yet: there is nothing to find.
    if (password !== null) await attackLogin(attacker, pair, pair.across, password);
  }
}

async function attackLogin(attacker: Attacker, pair: Pair, { login }: Across, password: string): Promise<void> {
  const { target, deadline } = attacker.context;
  for (const database of [pair.target.database, 'postgres', 'template1']) {
    const entered = await TenantSession.enter(target, login, password, database, deadline);
    const inside = entered instanceof TenantSession;
    const answer: Answer = inside ? { ok: true, code: '', text: 'connected', first: null, rows: [] } : entered;
    report(attacker, pair, `connect to ${database} as ${login}`, answer);
    if (inside) await entered[Symbol.asyncDispose]();
  }
  const entered = await TenantSession.enter(target, login, password, pair.source.database, deadline);
  if (!(entered instanceof TenantSession)) return;
  await using session = entered;
  await session.begin();
  session.switchesTo(roleSwitchesOf(attacker.roleSwitches, login));
  for (const statement of await statementsOf(session, pair))
    report(attacker, pair, `${statement}, as ${login}`, await session.attempt(statement));
}

/** What must be refused. */
async function statementsOf(session: TenantSession, { source, tables }: Pair): Promise<readonly string[]> {
  const { schema } = source;
  const there = await columnsIn(session, schema);
  const shared = new Map(tables.map((one) => [one.table, one]));
  const out = [
    `CREATE TABLE ${qualified(schema, 'cotenant_probe')} (x pg_catalog.int4)`,
    'CREATE TEMPORARY TABLE cotenant_probe (x pg_catalog.int4)',
  ];
  for (const { table, columns } of tables) {
    const has = there.get(table);
    if (!has) continue;
    const it = qualified(schema, table);
    out.push(`EXPLAIN DELETE FROM ${it} WHERE false`);
    const others = columns === null ? [] : has.filter((column) => !columns.includes(column));
    out.push(...others.slice(0, SAMPLE).map((column) => `SELECT ${ident(column)} FROM ${it} LIMIT 0`));
  }
  const rest = [...there.keys()].filter((table) => !shared.has(table)).slice(0, SAMPLE);
  return [...out, ...rest.map((table) => `SELECT 1 FROM ${qualified(schema, table)} LIMIT 0`)];
}

function report(attacker: Attacker, pair: Pair, statement: string, answer: Answer): void {
  attacker.report({ probe: 'PG-X6', to: pair.from, statement, outcome: outcomeOf(answer), code: answer.code, answer: answer.text });
}
