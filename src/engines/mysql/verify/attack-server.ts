import { leftOpen } from './left-open.ts';
import { accountName, literal, qualified } from '../quote.ts';
import type { Attacker } from './attack.ts';
import { NONE } from './attack-neighbours.ts';
import { type Answer, type TenantSession, outcomeOf } from './tenant-session.ts';

interface ProbeAttempt {
  readonly probe: string;
  readonly statement: string;
  readonly to?: string | null;
  /** Errors that come only to somebody who has the right. */
  readonly passed?: readonly number[];
}

/**
 * No statement does anything for somebody who may: it fails for another reason once the right was there. What is made for a moment
 * is in the server's log of changes, on its replicas, and there for good where the run is cut in between.
 * What every server offers to every login, tried from the app's own session.
 */
export async function attackServer(attacker: Attacker, session: TenantSession): Promise<void> {
  const { me } = attacker;
  for (const one of [...powers(attacker), ...catalogs(attacker), ...(me.isReader ? [] : ownDatabase(attacker))]) {
    const answer = await session.attempt(one.statement);
    report(attacker, one, outcomeOf(answer, one.passed), answer);
  }
  await askProcesses(attacker, session);
  await askDatabases(attacker, session);
  await askFile(attacker, session);
}

function report(attacker: Attacker, one: ProbeAttempt, outcome: 'denied' | 'succeeded' | 'broken', answer: Answer): void {
  const { probe, statement, to = null } = one;
  const stuck = probe === 'MY-Y02' && outcome === 'succeeded' ? leftOpen(attacker.context, true) : null;
  attacker.report({ probe, statement, to, outcome, code: answer.code, answer: answer.text, stuck });
}

function powers({ me, context }: Attacker): readonly ProbeAttempt[] {
  const nobody = `'${NONE}'@'%'`;
  const own = me.database;
  const { facts, operator } = context;
  const at = operator.account.lastIndexOf('@');
  const root = accountName({ user: operator.account.slice(0, at), host: operator.account.slice(at + 1) });
  const server = { probe: 'MY-Y17', to: null };
  return [
    // Of a type that it cannot have: the server asks for the right first.
    { ...server, statement: "SET GLOBAL max_connections = 'cotenant'", passed: [1232] },
    { ...server, statement: `KILL QUERY ${operator.connection}` },
    { ...server, statement: `DROP USER ${nobody}`, passed: [1396] },
    { ...server, statement: `INSTALL PLUGIN ${NONE} SONAME '${NONE}.so'`, passed: [1126, 1127, 1123, 1210, 1290, 1030] },
    { ...server, statement: 'SHOW BINARY LOGS', passed: [1381] },
    { ...server, statement: `DROP SERVER ${NONE}`, passed: [1477] },
    { ...server, statement: facts.flavor === 'mariadb' ? 'SHOW SLAVE STATUS' : 'SHOW REPLICA STATUS' },
    // Of a source that is not there: FLUSH of anything else would be felt by others.
    {
      ...server,
      statement: facts.flavor === 'mariadb' ? `FLUSH RELAY LOGS '${NONE}'` : `FLUSH RELAY LOGS FOR CHANNEL '${NONE}'`,
      passed: [1617, 3074],
    },
    ...(me.isReader || own === ''
      ? []
      : [
          {
            ...server,
            // Two columns of one name: the server asks who may be the definer first.
            statement: `CREATE DEFINER = ${root} VIEW ${qualified(own, NONE)} AS SELECT 1 AS a, 2 AS a`,
            passed: [1060],
          },
        ]),
    {
      probe: 'MY-Y12',
      to: null,
      // One's own limits want the same right as those of others.
      statement: `ALTER USER ${nobody} WITH MAX_USER_CONNECTIONS 1`,
      passed: [1396],
    },
    { probe: 'MY-Y07', to: null, statement: `SELECT 1 INTO OUTFILE '/${NONE}/${NONE}'`, passed: [1, 2, 13, 29, 1086, 1290] },
  ];
}

function catalogs({ context }: Attacker): readonly ProbeAttempt[] {
  const innodb = context.facts.flavor === 'mariadb' ? 'INNODB_SYS_TABLESPACES' : 'INNODB_TABLESPACES';
  return [
    { probe: 'MY-Y04', statement: `SELECT 1 FROM information_schema.${innodb} LIMIT 1` },
    { probe: 'MY-Y04', statement: 'SHOW ENGINE INNODB STATUS' },
    { probe: 'MY-Y06', to: 'mysql', statement: 'SELECT 1 FROM mysql.user LIMIT 1' },
    { probe: 'MY-Y06', to: 'mysql', statement: `INSERT INTO mysql.${NONE} VALUES (1)`, passed: [1146] },
    { probe: 'MY-Y06', to: 'sys', statement: 'SELECT 1 FROM sys.sys_config LIMIT 1', passed: [1146] },
    { probe: 'MY-Y06', to: 'cotenant', statement: 'SELECT 1 FROM cotenant.ledger LIMIT 1', passed: [1146] },
    { probe: 'MY-Y02', statement: `SELECT 1 FROM test.${NONE}`, passed: [1049, 1146] },
  ];
}

/** What nobody but the operator may do, in the app's own place. */
function ownDatabase({ me }: Attacker): readonly ProbeAttempt[] {
  const own = me.database;
  const [account] = me.accounts.values();
  if (own === '' || !account) return [];
  const standby = accountName({ user: me.logins[1], host: account.host });
  return [
    {
      probe: 'MY-Y22',
      to: me.app,
      statement: `GRANT SELECT ON ${qualified(own, NONE)} TO ${standby}`,
      passed: [1146, 1410],
    },
    ...(me.events ? [] : [{ probe: 'MY-Y19', to: me.app, statement: `DROP EVENT ${qualified(own, NONE)}`, passed: [1539] }]),
  ];
}

/** One's own sessions are shown; anybody else's are not. */
async function askProcesses(attacker: Attacker, session: TenantSession): Promise<void> {
  const { me } = attacker;
  const statement = 'SELECT USER FROM information_schema.PROCESSLIST';
  const answer = await session.attempt(statement);
  const users = answer.rows.map((row) => String(row['USER']));
  const own = users.includes(me.logins[0]);
  attacker.report({
    probe: 'MY-Y04',
    to: me.app,
    statement: `${statement}, for its own session`,
    control: true,
    outcome: own ? 'succeeded' : 'broken',
    code: answer.code,
    answer: own ? 'its own session is there' : answer.text,
  });
  const others = users.filter((user) => !me.users.has(user)).length;
  const outcome = !answer.ok ? outcomeOf(answer) : others > 0 ? 'succeeded' : 'denied';
  report(attacker, { probe: 'MY-Y04', statement }, outcome, { ...answer, text: `${others} sessions of others` });
}

async function askDatabases(attacker: Attacker, session: TenantSession): Promise<void> {
  const { me, context } = attacker;
  const answer = await session.attempt('SHOW DATABASES');
  const shares = context.input.shares.filter((one) => one.to === me.app && one.via === 'grant').map((one) => one.from);
  const shared = context.input.placements.filter((one) => shares.includes(one.app));
  const meant = new Set([
    'information_schema',
    'performance_schema',
    me.database,
    ...me.reads.map((one) => one.database),
    ...shared.map(({ app, placement }) => placement.database ?? app.replaceAll('-', '_')),
  ]);
  const names = answer.rows.map((row) => String(Object.values(row)[0]));
  const others = names.filter((name) => !meant.has(name)).length;
  if (me.database !== '') {
    const seen = names.includes(me.database);
    const control = { probe: 'MY-Y03', to: me.app, statement: `SHOW DATABASES LIKE ${literal(me.database)}`, control: true };
    attacker.report({
      ...control,
      outcome: seen ? 'succeeded' : 'broken',
      code: answer.code,
      answer: seen ? 'it is listed' : 'it is not listed',
    });
  }
  const outcome = !answer.ok ? outcomeOf(answer) : others > 0 ? 'succeeded' : 'denied';
  report(attacker, { probe: 'MY-Y03', statement: 'SHOW DATABASES' }, outcome, { ...answer, text: `${others} databases of others` });
}

/** Without FILE the server answers with nothing instead of a refusal. */
async function askFile(attacker: Attacker, session: TenantSession): Promise<void> {
  const statement = "SELECT LENGTH(LOAD_FILE('/etc/passwd')) AS n";
  const answer = await session.attempt(statement);
  const read = answer.ok && answer.rows[0]?.['n'] !== null;
  const outcome = !answer.ok ? outcomeOf(answer) : read ? 'succeeded' : 'denied';
  report(attacker, { probe: 'MY-Y07', statement }, outcome, { ...answer, text: read ? 'the file was read' : 'nothing came' });
}
