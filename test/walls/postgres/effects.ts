import type { Client } from 'pg';
import { ident, literal } from '../../../src/engines/postgres/quote.ts';
import type { Attacker, Victim } from './ground.ts';
import type { Effects } from '../suite.ts';
import { attemptsIn } from './attempts.ts';
import { helpers } from './helpers.ts';

/** What `walls.try` and `walls.trap` say of an attempt that worked. */
interface Worked {
  readonly kind: 'said' | 'changed' | 'ran' | 'stopped' | 'became';
  readonly act: string;
  readonly what: string;
}

/**
 * Everything that the attackers get to do in this database, tried in one transaction that is rolled back: what they read, change,
 * become, and whose sessions run their code. It knows nothing of rights: what works, works.
 */
export async function effectsIn(
  operator: Client,
  database: string,
  attackers: readonly Attacker[],
  victims: readonly Victim[],
): Promise<Effects> {
  const effects = new Map<string, string>();
  const here = victims.filter((one) => one.database === database);
  await operator.query("BEGIN; SET LOCAL search_path = ''; SET LOCAL lock_timeout = '5s'");
  try {
    await operator.query(helpers(here, attackers));
    for (const attacker of await insiders(operator, database, attackers)) {
      const attempts = await attemptsIn(operator, attacker, here);
      for (const role of attacker.role === null ? [null] : [null, attacker.role]) {
        await operator.query(
          `SAVEPOINT one; SET LOCAL walls.me = ${literal(attacker.app)}; SET LOCAL SESSION AUTHORIZATION ${ident(attacker.login)}; ${role === null ? '' : `SET LOCAL ROLE ${ident(role)};`}`,
        );
        const { rows: tried } = await operator.query<Worked>('SELECT * FROM walls.try($1, $2)', [attempts.queries, attempts.commands]);
        await operator.query(`ROLLBACK TO one`);
        const trapped = await trap(operator, attacker, role, { here, ...attempts });
        for (const one of [...tried, ...trapped]) note(effects, attacker, one, victims);
      }
    }
  } finally {
    await operator.query('ROLLBACK');
  }
  return effects;
}

interface Planted {
  readonly here: readonly Victim[];
  readonly plants: readonly string[];
  readonly queries: readonly string[];
}

/** The attacker lays what it can; then everybody does what they do every day, the operator last; then the attacker looks again. */
async function trap(
  operator: Client,
  { login, app }: Attacker,
  role: string | null,
  { here, plants, queries }: Planted,
): Promise<readonly Worked[]> {
  const as = `SET LOCAL SESSION AUTHORIZATION ${ident(login)}; ${role === null ? '' : `SET LOCAL ROLE ${ident(role)};`}`;
  await operator.query(`SAVEPOINT trap; ${as}`);
  await operator.query('SELECT walls.plant($1)', [plants]);
  for (const victim of here.filter((one) => one.app !== app)) {
    await operator.query(
      `RESET SESSION AUTHORIZATION; SET LOCAL SESSION AUTHORIZATION ${ident(victim.login)}; ${victim.role === null ? '' : `SET LOCAL ROLE ${ident(victim.role)};`}`,
    );
    await operator.query('SELECT walls.routine($1, $2)', [victim.app, victim.routine]);
  }
  await operator.query('RESET SESSION AUTHORIZATION');
  await operator.query('SELECT walls.routine($1, $2)', [
    'the operator',
    [
      'CREATE TABLE walls.made (a int)',
      'SELECT pg_catalog.count(*) FROM walls.made',
      'DROP TABLE walls.made',
      "SELECT lower('A'::varchar)",
      ...here.map(({ table }) => `ANALYZE ${table}`),
    ],
  ]);
  await operator.query(as);
  const { rows } = await operator.query<Worked>('SELECT * FROM walls.caught($1)', [queries]);
  await operator.query('RESET SESSION AUTHORIZATION');
  await operator.query('ROLLBACK TO trap');
  return rows;
}

/** Those who can log in and come into the database, with their password or somebody's role. */
async function insiders(operator: Client, database: string, attackers: readonly Attacker[]): Promise<readonly Attacker[]> {
  const names = attackers.map(({ login }) => literal(login)).join(', ');
  const { rows } = await operator.query<{ name: string }>(
    `SELECT rolname AS name FROM pg_roles WHERE rolname IN (${names}) AND rolcanlogin AND has_database_privilege(oid, ${literal(database)}, 'CONNECT')
       AND rolconnlimit <> 0`,
  );
  return attackers.filter(({ login }) => rows.some(({ name }) => name === login));
}

function note(effects: Map<string, string>, attacker: Attacker, { kind, act, what }: Worked, victims: readonly Victim[]): void {
  const { login, app } = attacker;
  const add = (key: string): void => void (effects.has(key) || effects.set(key, act));
  if (kind === 'said') {
    for (const victim of victims) if (victim.app !== app && holds(what, victim.canary)) add(`${login} reads ${victim.app}`);
    if (what.includes('SCRAM-SHA-256$')) add(`${login} reads password verifiers`);
    if (what.includes('private-query')) add(`${login} reads statements of others`);
    return;
  }
  for (const one of what.split('\n').filter((part) => part !== ''))
    if (one !== app && !one.startsWith(`${app}: `)) add(`${login} ${verbs[kind]} ${one}`);
}

const verbs: Readonly<Record<Exclude<Worked['kind'], 'said'>, string>> = {
  changed: 'changes',
  ran: 'runs code as',
  stopped: 'stops',
  became: 'becomes',
};

/** As text, or as the bytes of a large object. */
const holds = (text: string, canary: string): boolean => text.includes(canary) || text.includes(Buffer.from(canary).toString('hex'));
