import { randomBytes } from 'node:crypto';
import { type Attempt, attackEach, type AttackPlan, hostAndPort, placementOf, type Stuck } from '../../../engine/index.ts';
import { userOf } from '../compile/draft.ts';
import { Connection } from '../connect/connection.ts';
import { logIn, tryLogin } from '../connect/login.ts';
import { readMark } from '../marks/mark.ts';
import { FIRST_USER, secretName } from '../names.ts';
import { usersOf } from '../observe/observe.ts';
import { settingsOf } from '../observe/server.ts';
import { SETTINGS } from './checks.ts';
import type { VerifyContext } from './context.ts';
import { statusWithoutLogin } from './http.ts';
import { type Answer, attempt, loginAnswer } from './tenant-session.ts';

type Report = Pick<Attempt, 'probe' | 'to' | 'statement'> & Answer & Partial<Pick<Attempt, 'control' | 'stuck'>>;

interface Attacker {
  readonly context: VerifyContext;
  readonly app: string;
  readonly user: string;
  readonly password: string;
  readonly report: (attempt: Report) => void;
}

/** The app comes in with its own credentials and tries what still counts where everybody is an administrator. */
export async function* attack(context: VerifyContext, plan: AttackPlan): AsyncGenerator<Attempt> {
  yield* attackEach(plan, 1, async ({ from }, push) => {
    const placed = placementOf(context.input, from);
    if (!placed) return;
    const report: Attacker['report'] = ({ text, probe, ...one }) =>
      push({ from, fix: [], control: false, declared: false, ...one, probe: `NE-${probe}`, answer: text });
    const user = userOf(placed);
    const password = context.session.secrets.peek({ secret: secretName(context.input.name, user) });
    if (password === null) reportUnknown(from, user, placed.placement.adopt, report);
    else await attackAs({ context, app: from, user, password, report });
  });
}

function reportUnknown(app: string, user: string, adopted: boolean, report: Attacker['report']): void {
  const text = 'cotenant does not know the password of this user';
  const why = `Not attacked: password not known (${user}); store it with cotenant credentials set ${app} --password-file FILE.`;
  const stuck: Stuck | null = adopted ? { accepted: false, why } : null;
  report({ probe: 'ID', to: app, statement: `log in as ${user}`, control: true, outcome: 'broken', code: '', text, stuck });
}

async function attackAs(attacker: Attacker): Promise<void> {
  const { context, app, user, password, report } = attacker;
  const client = await logIn({ ...context.target, user, password }, context.session.deadline);
  if (typeof client === 'string') {
    const text = client === '' ? 'no answer' : client;
    report({ probe: 'ID', to: app, statement: `log in as ${user}`, control: true, outcome: 'broken', code: client, text });
    return;
  }
  const { database } = context.input.config;
  try {
    const [row] = await client.run({ text: 'SHOW CURRENT USER YIELD user RETURN user' });
    const right = row?.['user'] === user;
    const text = right ? 'as expected' : 'the server takes it for somebody else';
    report({
      probe: 'ID',
      to: app,
      statement: 'SHOW CURRENT USER',
      control: true,
      outcome: right ? 'succeeded' : 'broken',
      code: '',
      text,
    });
    for (const [probe, url] of EXTERNAL) {
      // Without a URL it is nothing that could be refused.
      report({
        probe,
        to: app,
        statement: 'UNWIND [1] AS line RETURN line',
        control: true,
        ...(await attempt(client, 'UNWIND [1] AS line RETURN line', database)),
      });
      const load = `LOAD CSV FROM '${url}' AS line RETURN count(line)`;
      report({ probe, to: null, statement: load, ...(await attempt(client, load, database)) });
    }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    report({ probe: 'ID', to: app, statement: 'SHOW CURRENT USER', control: true, outcome: 'broken', code: '', text: said });
  } finally {
    await client.close();
  }
  await attackLogins(attacker);
  await attackHttp(attacker);
}

/** A file that no machine has, and a port where nobody listens: nothing is read, and it is seen whether the server would. */
const EXTERNAL: readonly (readonly [probe: string, url: string])[] = [
  ['N05', 'file:///cotenant-probe.csv'],
  ['N05h', 'http://127.0.0.1:1/cotenant-probe'],
];

async function attackLogins(attacker: Attacker): Promise<void> {
  const { context, user, password, report } = attacker;
  const { target, session, input, connection } = context;
  const enter = async (name: string, word: string): Promise<Answer> =>
    loginAnswer(await tryLogin({ ...target, user: name, password: word }, session.deadline));
  const wrong = await enter(user, randomBytes(24).toString('base64url'));
  report({ probe: 'A1', to: null, statement: `log in as ${user} with a wrong password`, ...wrong });
  if (target.password !== FIRST_USER || target.user !== FIRST_USER)
    report({
      probe: 'A2',
      to: null,
      statement: `log in as ${FIRST_USER} with the password ${FIRST_USER}`,
      ...(await enter(FIRST_USER, FIRST_USER)),
    });
  else
    report({
      probe: 'A2',
      to: null,
      statement: `log in as ${FIRST_USER}`,
      outcome: 'succeeded',
      code: '',
      text: 'cotenant itself logs in so',
    });
  report({
    probe: 'A3',
    to: null,
    statement: `log in as ${target.user} with the password of ${user}`,
    ...(await enter(target.user, password)),
  });
  const gone = (await usersOf(connection)).flatMap(({ name }) => {
    const mark = readMark(name);
    return mark?.project === input.project && mark.retired !== undefined && mark.user !== undefined && mark.user !== user
      ? [mark.user]
      : [];
  });
  for (const name of new Set(gone)) {
    const old = session.secrets.peek({ secret: secretName(input.name, name) });
    if (old !== null) report({ probe: 'A3', to: null, statement: `log in as the retired ${name}`, ...(await enter(name, old)) });
  }
  // Wrong passwords count until the right one comes: nobody is to be locked out by a proof.
  await using _right = await Connection.open(target, session);
  await tryLogin({ ...target, user, password }, session.deadline);
}

/** From where cotenant runs: a port that is closed to it is no way in. */
async function attackHttp({ context, report }: Attacker): Promise<void> {
  const settings = await settingsOf(context.connection, [SETTINGS.http, SETTINGS.httpAddress]);
  if (settings.get(SETTINGS.http) === 'false') return;
  const port = Number(/:(\d+)$/.exec(settings.get(SETTINGS.httpAddress) ?? '')?.[1] ?? 7474);
  const at = { host: context.target.host, port };
  const path = `/db/${encodeURIComponent(context.input.config.database)}/tx/commit`;
  const status = await statusWithoutLogin(at, path);
  if (status === null) return;
  const outcome = status === 401 || status === 403 ? 'denied' : status < 300 ? 'succeeded' : 'broken';
  const statement = `POST http://${hostAndPort(at)}${path} without a login`;
  report({ probe: 'H1', to: null, statement, outcome, code: String(status), text: `status ${status}` });
}
