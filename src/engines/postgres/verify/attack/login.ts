import { secretName } from '../../compile/roles.ts';
import { ident, qualified } from '../../quote.ts';
import { type Across, type Pair, pairsOf } from '../../shares/shares.ts';
import type { Scene } from './attack.ts';
import { columnsIn } from './shares.ts';
import { disguiseOf } from '../disguises.ts';
import { type Answer, Intruder, outcomeOf } from '../intruder.ts';

/** Other tables and columns that are tried one by one. */
const SAMPLE = 3;

/**
 * The login of a share, as if its password had been found: where it comes in at all from here, it reads what is shared
 * and nothing else. That pg_hba.conf refuses it is as good.
 */
export async function attackLogins(scene: Scene): Promise<void> {
  const { context, me } = scene;
  for (const pair of pairsOf(context.input)) {
    if (pair.across === null || pair.to !== me.app) continue;
    const password = context.secrets.peek({ secret: secretName(context.input.name, pair.across.login) });
    // Not made yet: there is nothing to find.
    if (password !== null) await attackLogin(scene, pair, pair.across, password);
  }
}

async function attackLogin(scene: Scene, pair: Pair, { login }: Across, password: string): Promise<void> {
  const { target, deadline } = scene.context;
  for (const database of [pair.target.database, 'postgres', 'template1']) {
    const entered = await Intruder.enter(target, login, password, database, deadline);
    const inside = entered instanceof Intruder;
    const answer: Answer = inside ? { ok: true, code: '', text: 'connected', first: null, rows: [] } : entered;
    report(scene, pair, `connect to ${database} as ${login}`, answer);
    if (inside) await entered[Symbol.asyncDispose]();
  }
  const entered = await Intruder.enter(target, login, password, pair.source.database, deadline);
  if (!(entered instanceof Intruder)) return;
  await using intruder = entered;
  await intruder.begin();
  intruder.disguise(disguiseOf(scene.disguises, login));
  for (const statement of await statementsOf(intruder, pair))
    report(scene, pair, `${statement}, as ${login}`, await intruder.attempt(statement));
}

/** What must be refused. */
async function statementsOf(intruder: Intruder, { source, tables }: Pair): Promise<readonly string[]> {
  const { schema } = source;
  const there = await columnsIn(intruder, schema);
  const shared = new Map(tables.map((one) => [one.table, one]));
  const out = [
    `CREATE TABLE ${qualified(schema, 'cotenant_probe')} (x pg_catalog.int4)`,
    'CREATE TEMPORARY TABLE cotenant_probe (x pg_catalog.int4)',
  ];
  for (const { table, columns } of tables) {
    const has = there.get(table);
    if (!has) continue;
    const it = qualified(schema, table);
    out.push(`DELETE FROM ${it} WHERE false`);
    const others = columns === null ? [] : has.filter((column) => !columns.includes(column));
    out.push(...others.slice(0, SAMPLE).map((column) => `SELECT ${ident(column)} FROM ${it} LIMIT 0`));
  }
  const rest = [...there.keys()].filter((table) => !shared.has(table)).slice(0, SAMPLE);
  return [...out, ...rest.map((table) => `SELECT 1 FROM ${qualified(schema, table)} LIMIT 0`)];
}

function report(scene: Scene, pair: Pair, statement: string, answer: Answer): void {
  scene.report({ probe: 'PG-X6', to: pair.from, statement, outcome: outcomeOf(answer), code: answer.code, answer: answer.text });
}
