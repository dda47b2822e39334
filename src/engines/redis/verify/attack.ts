import { randomBytes } from 'node:crypto';
import { type Attempt, attackEach, type AttackPlan, type Observation, type Stuck } from '../../../engine/index.ts';
import { factsOf } from '../observe/server.ts';
import { callableNames, commandTable } from '../commands.ts';
import { commandText } from '../words.ts';
import { closedOwnAttempts, pairAttempts, PROBE } from './attempts.ts';
import { declaredAttempts, isChannelAttempt, closedAttempts } from './checks-commands.ts';
import { fixCommand, fixPatterns } from './fixes.ts';
import { type Answer, TenantSession } from './tenant-session.ts';
import { type Site, type Tenant, tenantsOf } from './tenants.ts';
import { unknownPasswords } from './unknown.ts';
import type { VerifyContext } from './catalog-snapshot.ts';

/** Attackers that are at work at the same time. */
const LANES = 4;

/** What one attacker knows while it is at work. */
interface Attacker {
  readonly context: VerifyContext;
  readonly observation: Observation;
  readonly me: Tenant;
  /** Other logins of its app. */
  readonly siblings: readonly Tenant[];
  readonly victims: readonly Tenant[];
  readonly password: string;
  /** Commands that this server has, under the names that they have everywhere. */
  readonly known: ReadonlySet<string>;
  /** The server has rules for databases. */
  readonly walled: boolean;
  readonly report: (attempt: Report) => void;
}

type Report = Pick<Attempt, 'probe' | 'to' | 'statement'> & Answer & Partial<Pick<Attempt, 'control' | 'declared' | 'fix' | 'stuck'>>;

/** Every login of every app comes in with its own credentials and tries. */
export async function* attack(context: VerifyContext, plan: AttackPlan): AsyncGenerator<Attempt> {
  const observation = await context.observe();
  await using connection = await context.open();
  const known = await callableNames(connection, commandTable(await connection.send('COMMAND')));
  const all = tenantsOf(context.input, observation);
  const byApp = Map.groupBy(all, (tenant) => tenant.app);
  const unknown = unknownPasswords(context, all, plan);
  const walled = factsOf(observation.server).databaseRules;
  yield* attackEach(plan, LANES, async ({ from, to, first }, push) => {
    const logins = byApp.get(from) ?? [];
    const victims = to.flatMap((name) => byApp.get(name) ?? []);
    for (const [index, me] of logins.entries()) {
      const by = index === 0 ? '' : ` (as ${me.user})`;
      const report: Attacker['report'] = ({ text, statement, ...attempt }) => {
        const told = { statement: statement + by, probe: `RD-${attempt.probe}`, answer: text };
        push({ from, fix: [], control: false, declared: false, ...attempt, ...told });
      };
      const siblings = logins.filter((one) => one !== me);
      const password = context.session.secrets.peek({ secret: me.secret });
      if (password === null) reportUnknown(me, report, unknown);
      else {
        const attacker: Attacker = { context, observation, me, siblings, victims, password, known, walled, report };
        // One wrong password shows how the server answers; one for each app would look like somebody who guesses them.
        if (first && index === 0) await attackWithoutCredentials(attacker);
        await attackAs(attacker);
      }
    }
  });
}

function reportUnknown(me: Tenant, report: Attacker['report'], unknown: Stuck | null): void {
  const text = 'cotenant does not know the password of this user';
  const stuck = me.resource.spec.adopt ? unknown : null;
  report({ probe: 'ID', to: me.app, statement: `log in as ${me.user}`, control: true, outcome: 'broken', code: '', text, stuck });
}

async function attackAs(attacker: Attacker): Promise<void> {
  const { me, report } = attacker;
  const entered = await enter(attacker, me.user, attacker.password);
  const statement = `log in as ${me.user}`;
  if (!(entered instanceof TenantSession)) {
    report({ probe: 'ID', to: me.app, statement, control: true, ...entered, outcome: 'broken' });
    return;
  }
  await using session = entered;
  const who = await session.whoami();
  const right = who === me.user;
  const text = right ? 'as expected' : `the server takes it for ${who}`;
  report({ probe: 'ID', to: me.app, statement: 'CLIENT INFO', control: true, outcome: right ? 'succeeded' : 'broken', code: '', text });
  if (!right) return;
  await begin(attacker, session);
  await attackServer(attacker, session);
  await attackOwn(attacker, session);
  for (const victim of attacker.victims) await attackNeighbour(attacker, session, victim);
}

async function enter({ context }: Attacker, user: string, password: string): Promise<TenantSession | Answer> {
  return await TenantSession.enter(context.target, { user, password }, context.session.deadline);
}

/** The same attempts on what is its own: a refusal elsewhere proves something only beside these. */
async function begin(attacker: Attacker, session: TenantSession): Promise<void> {
  const { me, known, report } = attacker;
  const { home } = me;
  if (me.allowed.has('select') && known.has('select')) {
    const words = ['SELECT', String(home.database)];
    report({ probe: 'K01', to: me.app, statement: commandText(...words), control: true, ...(await tried(session, words)) });
  }
  // No key is made for it: of one that is not there the server answers too, and who listens to events of keys hears nothing.
  const attempts = pairAttempts.filter(
    ({ probe, command }) => me.allowed.has(command) && known.has(command) && probe !== 'K17' && (me.site !== null || probe !== 'K18'),
  );
  const aimed = attempts.map(({ probe, words }): AimedAttempt => {
    return { probe, to: me.app, words: words(home, { ...home, prefix: `${home.prefix}2` }), control: true };
  });
  await tryAll(attacker, session, aimed);
}

async function attackServer(attacker: Attacker, session: TenantSession): Promise<void> {
  const { me, known, walled, report } = attacker;
  const closed = closedAttempts(me, known, walled).map((attempt) => ({
    ...attempt,
    to: null,
    fix: isChannelAttempt(attempt) ? fixPatterns(me, attacker.observation) : fixCommand(me, attempt.command),
  }));
  await tryAll(
    attacker,
    session,
    closed.filter(({ apart }) => apart !== true),
  );
  for (const { probe, words, fix } of closed.filter(({ apart }) => apart === true))
    report({ probe, to: null, statement: commandText(...words), fix, ...(await attackApart(attacker, words)) });
  for (const { probe, words } of declaredAttempts(me, known)) {
    report({ probe, to: null, statement: commandText(...words), declared: true, ...(await tried(session, words)) });
    if (words[0] === 'SELECT') await tried(session, ['SELECT', String(me.home.database)]);
  }
  if (known.has('eval') && me.allowed.has('eval')) await attackByScript(attacker, session);
}

/** What would turn the connection into a stream, on one of its own. */
async function attackApart(attacker: Attacker, words: readonly string[]): Promise<Answer> {
  const entered = await enter(attacker, attacker.me.user, attacker.password);
  if (!(entered instanceof TenantSession)) return { ...entered, outcome: 'broken' };
  await using session = entered;
  return await session.attempt(words);
}

/** A script says by itself whether it got through: the error of a script has no code. */
const SCRIPT = [
  "local answer = redis.pcall('SELECT', ARGV[2])",
  "if type(answer) == 'table' and answer.err then return 0 end",
  "answer = redis.pcall('EXISTS', ARGV[1])",
  "if type(answer) == 'table' and answer.err then return 0 end",
  'return 1',
];

const REACHED = (reply: unknown): boolean => reply === 1;

/** In a script the keys need not be named: the server has to look at each command of it. */
async function attackByScript({ me, victims, walled, report }: Attacker, session: TenantSession): Promise<void> {
  const wordsFor = ({ prefix, database }: Site): readonly string[] => {
    const lines = me.allowed.has('select') ? SCRIPT : SCRIPT.slice(2).map((line) => line.replace(/^answer/, 'local answer'));
    return ['EVAL', lines.join(' '), '0', `${prefix}${PROBE}`, String(database)];
  };
  const own = wordsFor(me.home);
  report({ probe: 'K10', to: me.app, statement: commandText(...own), control: true, ...(await session.attempt(own, REACHED)) });
  for (const { site, app } of victims) {
    if (!site) continue;
    const words = wordsFor(site);
    const declared = me.unenforced && !walled;
    report({ probe: 'K10', to: app, statement: commandText(...words), declared, ...(await session.attempt(words, REACHED)) });
  }
}

/** What a login may not do though it is its own app's: to write where it only reads, and to come in as another one. */
async function attackOwn(attacker: Attacker, session: TenantSession): Promise<void> {
  const { me, known, siblings, observation } = attacker;
  const fix = fixPatterns(me, observation);
  const attempts = closedOwnAttempts(me).filter(({ command }) => known.has(command));
  const aimed = attempts.map(({ probe, words }): AimedAttempt => ({ probe, to: me.app, words: words(me.home, me.home), fix }));
  await tryAll(attacker, session, aimed);
  for (const sibling of siblings) await attackLogin(attacker, sibling);
}

async function attackNeighbour(attacker: Attacker, session: TenantSession, victim: Tenant): Promise<void> {
  const { me, known, walled, report } = attacker;
  const { site } = victim;
  // A reader, or another login of an app, has nothing of its own that could be reached: only its way in.
  if (!site) {
    await attackLogin(attacker, victim);
    return;
  }
  const open = me.unenforced && !walled;
  const reads = me.reads.includes(victim.app);
  const fix = fixPatterns(me, attacker.observation);
  const elsewhere = site.database !== me.home.database && me.allowed.has('select') && known.has('select');
  const select = ['SELECT', String(site.database)];
  const entered = elsewhere ? await tried(session, select) : null;
  if (entered) report({ probe: 'K01', to: victim.app, statement: commandText(...select), declared: open, fix, ...entered });
  // Who has a database to itself and cannot leave it finds nobody's keys there but its own.
  const kept = me.access.startsWith('database') && entered?.outcome !== 'succeeded';
  const aimed = pairAttempts
    .filter(({ probe, command }) => known.has(command) && (!kept || probe === 'K18'))
    .map(({ probe, command, words }) => {
      const declared = probe === 'K10' && (open || (reads && me.allowed.has(command)));
      return { probe, command, to: victim.app, words: words(site, me.home), declared, fix };
    });
  await tryAll(
    attacker,
    session,
    aimed.filter(({ declared, command }) => !declared || command === 'get'),
  );
  if (entered) await tried(session, ['SELECT', String(me.home.database)]);
  await attackLogin(attacker, victim);
}

/** One's own password with another one's name. */
async function attackLogin(attacker: Attacker, victim: Tenant): Promise<void> {
  const entered = await enter(attacker, victim.user, attacker.password);
  const statement = `log in as ${victim.user} with the password of ${attacker.me.user}`;
  if (!(entered instanceof TenantSession)) {
    attacker.report({ probe: 'A3', to: victim.app, statement, ...entered });
    return;
  }
  await entered[Symbol.asyncDispose]();
  attacker.report({ probe: 'A3', to: victim.app, statement, outcome: 'succeeded', code: '', text: 'logged in' });
}

/** A password that nobody has, and no login at all. */
async function attackWithoutCredentials(attacker: Attacker): Promise<void> {
  const { me, context, report } = attacker;
  const wrong = await enter(attacker, me.user, randomBytes(24).toString('base64url'));
  const base = { probe: 'A2', to: null, statement: `log in as ${me.user} with a wrong password` };
  if (wrong instanceof TenantSession) {
    await wrong[Symbol.asyncDispose]();
    report({ ...base, outcome: 'succeeded', code: '', text: 'logged in' });
  } else report({ ...base, ...wrong });
  const nobody = await TenantSession.enter(context.target, null, context.session.deadline);
  const statement = 'PING without a login';
  if (nobody instanceof TenantSession) {
    await using stranger = nobody;
    report({ probe: 'A1', to: null, statement, ...(await stranger.attempt(['PING'])) });
  } else report({ probe: 'A1', to: null, statement, ...nobody });
}

interface AimedAttempt extends Omit<Report, 'statement' | keyof Answer> {
  readonly words: readonly string[];
}

/** Answers to these come like messages do, or they change what comes after them: one after the other. */
const ALONE = new Set(['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE', 'SELECT', 'WATCH']);

/** The others all at once: the server answers in order. */
async function tryAll({ me, report }: Attacker, session: TenantSession, aimed: readonly AimedAttempt[]): Promise<void> {
  const isAlone = ({ words }: AimedAttempt): boolean => ALONE.has(words[0] ?? '');
  const together = aimed.filter((one) => !isAlone(one));
  const answers = await Promise.all(together.map(({ words }) => session.attempt(words)));
  const tell = ({ words, ...one }: AimedAttempt, answer: Answer | undefined): void => {
    if (answer) report({ probe: one.probe, to: one.to, ...picked(one), statement: commandText(...words), ...answer });
  };
  for (const [index, one] of together.entries()) tell(one, answers[index]);
  for (const one of aimed.filter(isAlone)) {
    tell(one, await tried(session, one.words));
    // Where it got through, what comes next would be tried in another database.
    if (one.words[0] === 'SELECT' && !one.control) await tried(session, ['SELECT', String(me.home.database)]);
  }
}

function picked({
  control = false,
  declared = false,
  fix = [],
}: Omit<AimedAttempt, 'words'>): Pick<Report, 'control' | 'declared' | 'fix'> {
  return { control, declared, fix };
}

/** An attempt must leave nothing behind that changes the next one. */
async function tried(session: TenantSession, words: readonly string[]): Promise<Answer> {
  const answer = await session.attempt(words);
  if (words[0] === 'WATCH') await session.attempt(['UNWATCH']);
  return answer;
}
