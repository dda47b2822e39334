import type { Attempt, Stuck } from '../../../../engine/index.ts';
import { zip } from '../../../../util/zip.ts';
import { ident, literal } from '../../quote.ts';
import type { Attacker } from './attack.ts';
import { type Answer, type TenantSession, outcomeOf } from '../tenant-session.ts';
import { targetOf, type Tenant } from '../tenants.ts';

interface ProbeAttempt {
  readonly probe: string;
  readonly statement: string;
  /** Opened by the manifest: it must succeed then. */
  readonly declared?: boolean;
  readonly control?: boolean;
  readonly to?: string | null;
  readonly stuck?: Stuck | null;
  /** Codes of errors, or how they begin, that come only to somebody who has the right. */
  readonly passed?: readonly string[];
}

/** What every server offers to every login, tried from the app's own session. Each is undone at once. */
export async function attackServer(attacker: Attacker, session: TenantSession): Promise<void> {
  const attempts = [...files(), ...powers(attacker), ...catalogs(), ...settings(), ...ownDatabase(attacker)];
  const [answers, rights] = await Promise.all([
    session.attempts(attempts.map(({ statement }) => statement)),
    Promise.all(RIGHTS.map(([, role]) => askRight(session, role))),
  ]);
  for (const [one, answer] of zip(attempts, answers)) report(attacker, one, answer);
  for (const [[probe], answer] of zip(RIGHTS, rights)) attacker.report({ probe, to: null, ...answer });
  const attacked = new Set(attacker.victims.map(({ app }) => app));
  const victims = attacker.all.filter(({ app }) => attacked.has(app));
  const against = victims.flatMap((victim) => againstVictim(attacker, victim));
  const [met, killed] = await Promise.all([
    session.attempts(against.map(({ statement }) => statement)),
    Promise.all(victims.map(({ login }) => killAnswer(session, login))),
  ]);
  for (const [one, answer] of zip(against, met)) report(attacker, one, answer);
  for (const [victim, answer] of zip(victims, killed)) report(attacker, kill(victim.app, victim.login), answer);
  await attackExtension(attacker, session);
  await askDatabases(attacker, session);
}

function againstVictim(attacker: Attacker, victim: Tenant): readonly ProbeAttempt[] {
  const attempts = againstRoles(victim.app, victim.acts, victim.login);
  if (!attacker.victims.includes(victim) || victim.database === attacker.me.database || attacker.me.databases.includes(victim.database))
    return attempts;
  return [
    ...attempts,
    { probe: 'PG-P07', to: targetOf(victim), statement: `SELECT pg_catalog.pg_database_size(${literal(victim.database)})` },
  ];
}

function report(attacker: Attacker, one: ProbeAttempt, answer: Answer): void {
  const isPassed = one.passed?.some((code) => answer.code.startsWith(code)) ?? false;
  attacker.report({
    probe: one.probe,
    to: one.to ?? null,
    statement: one.statement,
    control: one.control ?? false,
    declared: one.declared ?? false,
    stuck: one.stuck ?? null,
    outcome: isPassed ? 'succeeded' : outcomeOf(answer),
    code: answer.code,
    answer: answer.text,
  });
}

/** With the right they fail later, on a file or a column that is not there. */
function files(): readonly ProbeAttempt[] {
  return [
    "SELECT pg_catalog.pg_read_file('PG_VERSION')",
    "SELECT pg_catalog.pg_ls_dir('.')",
    "SELECT pg_catalog.lo_import('/etc/hostname')",
    // The right is asked for before the column, so that nothing is run.
    "COPY (SELECT cotenant_probe) TO PROGRAM 'true'",
    "COPY (SELECT cotenant_probe) TO '/cotenant-no-such-folder/probe'",
    "CREATE FUNCTION pg_temp.cotenant_probe() RETURNS pg_catalog.int4 LANGUAGE c AS 'cotenant_probe'",
  ].map((statement) => ({ probe: 'PG-P14', statement, passed: ['58', '42703'] }));
}

/** Rights that the server asks for by membership: reading a file before it looks at the file, others' statements before it shows them. */
const RIGHTS = [
  ['PG-P14', 'pg_read_server_files'],
  ['PG-P05e', 'pg_read_all_stats'],
] as const;

async function askRight(session: TenantSession, role: string): Promise<Pick<Attempt, 'statement' | 'outcome' | 'code' | 'answer'>> {
  const statement = `SELECT pg_catalog.pg_has_role('${role}', 'USAGE')`;
  const answer = await session.question(statement);
  const right = answer.rows.some(([has]) => has === true);
  const outcome = answer.ok ? (right ? 'succeeded' : 'denied') : 'broken';
  return { statement, outcome, code: answer.code, answer: answer.ok ? (right ? 'yes' : 'no') : answer.text };
}

/** An extension that needs a superuser. Where the server has none of these to offer, there is nothing to try. */
async function attackExtension(attacker: Attacker, session: TenantSession): Promise<void> {
  for (const name of ['dblink', 'file_fdw', 'pg_stat_statements']) {
    const statement = `CREATE EXTENSION ${name}`;
    const answer = await session.attempt(statement);
    if (['0A000', '58P01', '42710', '22023'].includes(answer.code)) continue;
    attacker.report({ probe: 'PG-P15', to: null, statement, outcome: outcomeOf(answer), code: answer.code, answer: answer.text });
    return;
  }
}

/** Role attributes and rights that no tenant has. */
function powers(attacker: Attacker): readonly ProbeAttempt[] {
  const { login } = attacker.me;
  return [
    { probe: 'PG-E5', statement: 'CREATE ROLE "cotenant_probe"' },
    { probe: 'PG-E10', statement: `ALTER ROLE ${ident(login)} CONNECTION LIMIT -1` },
    // No rollback takes a slot back: the server asks for the right before it looks at the name, which cannot be one.
    {
      probe: 'PG-E8',
      statement: "SELECT pg_catalog.pg_create_physical_replication_slot('cotenant probe', false, true)",
      passed: ['42602'],
    },
    { probe: 'PG-E9', statement: 'CREATE PUBLICATION cotenant_probe FOR ALL TABLES' },
    // Nor these: the server asks for the right when it begins, and then has no row to call them for.
    { probe: 'PG-E9', statement: 'SELECT pg_catalog.pg_reload_conf() WHERE false' },
    { probe: 'PG-E9', statement: 'SELECT pg_catalog.pg_stat_reset() WHERE false' },
    { probe: 'PG-E7', statement: 'SET LOCAL SESSION AUTHORIZATION DEFAULT', control: true },
  ];
}

function catalogs(): readonly ProbeAttempt[] {
  return [
    'pg_authid',
    'pg_shadow',
    'pg_statistic',
    'pg_user_mapping',
    'pg_hba_file_rules',
    'pg_backend_memory_contexts',
    'pg_shmem_allocations',
  ]
    .map((name): ProbeAttempt => ({ probe: 'PG-P11', statement: `SELECT 1 FROM pg_catalog.${name} LIMIT 1` }))
    .concat([{ probe: 'PG-P11', statement: 'SELECT 1 FROM pg_catalog.pg_roles LIMIT 1', control: true }]);
}

function settings(): readonly ProbeAttempt[] {
  return [
    { probe: 'PG-D6', statement: "SET LOCAL temp_file_limit = '-1'" },
    { probe: 'PG-E10', statement: "SET LOCAL session_replication_role = 'replica'" },
    { probe: 'PG-E10', statement: "SET LOCAL log_statement = 'none'" },
    { probe: 'PG-P17', statement: "SET LOCAL lo_compat_privileges = 'on'" },
    { probe: 'PG-E10', statement: "SET LOCAL work_mem = '1MB'", control: true },
    { probe: 'PG-P09', statement: 'SHOW data_directory' },
    { probe: 'PG-P09', statement: 'SHOW primary_conninfo' },
    { probe: 'PG-P09', statement: 'SHOW work_mem', control: true },
  ];
}

/** What the app may do with the database that it lives in is part of the wall: it belongs to the operator. */
function ownDatabase({ me, context: { stuck } }: Attacker): readonly ProbeAttempt[] {
  const it = ident(me.database);
  const to = me.home;
  const attempts: ProbeAttempt[] = [
    { probe: 'PG-P25a', to, statement: `ALTER DATABASE ${it} CONNECTION LIMIT -1` },
    { probe: 'PG-P25a', to, statement: `ALTER DATABASE ${it} SET search_path = public` },
    { probe: 'PG-P25c', to, statement: `COMMENT ON DATABASE ${it} IS 'cotenant probe'` },
    {
      probe: 'PG-P20',
      to,
      statement: "SELECT pg_catalog.pg_logical_emit_message(true, 'cotenant', 'probe')",
      declared: me.logicalMessages,
      stuck: stuck.functions('logical-messages'),
    },
    {
      probe: 'PG-D3',
      to,
      statement: 'SELECT pg_catalog.pg_try_advisory_xact_lock(7232636875)',
      declared: me.advisoryLocks,
      stuck: stuck.functions('advisory-locks'),
    },
    { probe: 'PG-P02', to, statement: 'CREATE TEMPORARY TABLE cotenant_probe (x pg_catalog.int4)', declared: me.temporary },
    { probe: 'PG-S10', to, statement: 'CREATE SCHEMA "cotenant_probe"', declared: me.createOnDatabase },
  ];
  const inPublic = { probe: 'PG-P03', to, statement: 'CREATE TABLE public.cotenant_probe (x pg_catalog.int4)' };
  if (me.level !== 'database') attempts.push({ ...inPublic, stuck: stuck.publicSchema(me.database) });
  return attempts;
}

function againstRoles(to: string, acts: string, login: string): readonly ProbeAttempt[] {
  return [
    { probe: 'PG-E7', to, statement: `SET LOCAL ROLE ${ident(acts)}` },
    { probe: 'PG-E7', to, statement: `GRANT ${ident(acts)} TO CURRENT_USER` },
    { probe: 'PG-E5', to, statement: `ALTER ROLE ${ident(login)} CONNECTION LIMIT -1` },
    { probe: 'PG-E3', to, statement: `SET LOCAL SESSION AUTHORIZATION ${ident(login)}` },
  ];
}

function kill(to: string, login: string): ProbeAttempt {
  return { probe: 'PG-P13', to, statement: `SELECT pg_catalog.pg_cancel_backend(pid) -- of a session of ${login}` };
}

/** Cancels a session of the victim that is idle: if the wall is down, nothing happens to it. Without such a session the right itself is asked for. */
async function killAnswer(session: TenantSession, login: string): Promise<Answer> {
  const answer = await session.question(
    `SELECT pg_catalog.pg_has_role(${literal(login)}, 'USAGE') OR pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')`,
  );
  if (!answer.ok) return answer;
  return answer.rows.some(([right]) => right === true) ? answer : { ...answer, ok: false, code: '42501', text: 'no right to signal it' };
}

/** Every database of the server at once: which of them would let this login in. */
async function askDatabases(attacker: Attacker, session: TenantSession): Promise<void> {
  const { me, all } = attacker;
  const statement =
    "SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND pg_catalog.has_database_privilege(session_user, oid, 'CONNECT')";
  const answer = await session.attempt(
    `SELECT d.datname::pg_catalog.text FROM pg_catalog.pg_database d WHERE d.datallowconn AND pg_catalog.has_database_privilege(session_user, d.oid, 'CONNECT')`,
  );
  const open = new Set(answer.rows.map(([name]) => String(name)));
  for (const database of me.databases) {
    attacker.report({
      probe: 'PG-P01',
      to: me.app,
      statement,
      control: true,
      outcome: open.has(database) ? 'succeeded' : 'broken',
      code: answer.code,
      answer: `${database}: ${open.has(database) ? 'yes' : 'no'}`,
    });
  }
  for (const database of open) {
    if (me.databases.includes(database)) continue;
    const owner = all.find((one) => one.database === database && one.level !== 'reader');
    const to = owner ? targetOf(owner) : database;
    const stuck = attacker.context.stuck.database(database);
    attacker.report({ probe: 'PG-P01', to, statement, outcome: 'succeeded', code: '', answer: `${database}: yes`, stuck });
  }
}
