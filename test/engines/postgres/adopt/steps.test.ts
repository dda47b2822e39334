import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { setUpByHand } from '../../../support/by-hand.ts';
import { describeEachMajor, freshPostgres } from '../../../support/engines.ts';
import { initScripts, type InitScript, type RunningApp } from '../../../support/init-scripts.ts';
import { testProject } from '../../../support/project.ts';
import { at } from '../../../support/query.ts';
import { sampled } from '../../../support/sample.ts';
import { isFull } from '../../../support/thorough.ts';
import { noIo } from '../../../support/step-io.ts';
import { importServer } from '../../../../src/app/import.ts';
import { planProject } from '../../../../src/app/plan.ts';
import { Sessions } from '../../../../src/app/sessions.ts';
import type { Lane } from '../../../../src/engine/index.ts';
import type { Step } from '../../../../src/model/index.ts';
import type { PostgresServer } from '../runtime.ts';
import type { Major } from '../../../../src/engines/postgres/local/find.ts';

/** The pieces in which a plan reaches the server: a unit at once, and what is in none statement by statement. */
function pieces(steps: readonly Step[]): readonly (readonly Step[])[] {
  const out: Step[][] = [];
  for (const step of steps) {
    const last = out.at(-1);
    if (step.unit === null) out.push(...step.commands.map((statement) => [{ ...step, commands: [statement] }]));
    else if (last?.[0]?.unit === step.unit && last[0].lane === step.lane) last.push(step);
    else out.push([step]);
  }
  return out;
}

/** An app's two kinds of sessions: one that it keeps, and a new one each time. */
class Looks implements AsyncDisposable {
  readonly #kept: pg.Client;
  readonly #app: RunningApp;
  readonly #url: string;
  #ended = false;

  private constructor(kept: pg.Client, app: RunningApp, url: string) {
    this.#kept = kept;
    this.#app = app;
    this.#url = url;
    kept.on('error', () => {
      this.#ended = true;
    });
  }

  static async start(server: PostgresServer, app: RunningApp): Promise<Looks> {
    const url = at(server.url, { user: app.login, password: app.password, database: app.database });
    const kept = new pg.Client(url);
    const looks = new Looks(kept, app, url);
    await kept.connect();
    return looks;
  }

  async look(after: string): Promise<void> {
    const fresh = new pg.Client(this.#url);
    fresh.on('error', () => undefined);
    await fresh.connect();
    for (const sql of this.#app.does) {
      await fresh.query(sql).catch((error: unknown) => this.#failed(error, `new session, ${sql}`, after));
      if (!this.#ended) await this.#kept.query(sql).catch((error: unknown) => this.#failed(error, `old session, ${sql}`, after));
    }
    await fresh.end();
  }

  #failed(error: unknown, what: string, after: string): void {
    if (what.startsWith('new') || !this.#ended) throw new Error(`${this.#app.login}: ${what}: ${String(error)}, after ${after}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kept.end().catch(() => undefined);
  }
}

async function adoptPieceByPiece(script: InitScript, major: Major): Promise<void> {
  await using server = await freshPostgres({ major });
  await setUpByHand(server, script, server);
  const { yaml } = await importServer({ url: server.url, password: null, env: {}, cwd: '/by-hand' });
  await using folder = await testProject(yaml, { POSTGRES_PASSWORD: server.password, SHOP_APP_JWT_SECRET: 'hush' });
  const project = await folder.open();
  const { plan } = await planProject(project);
  await using sessions = await Sessions.open(project);
  await using stack = new AsyncDisposableStack();
  const lanes = new Map<string, Lane>();
  const looks: Looks[] = [];
  for (const app of script.running) looks.push(stack.use(await Looks.start(server, app)));
  for (const piece of pieces(plan.steps)) {
    const [step] = piece;
    if (!step) continue;
    const lane = lanes.get(step.lane) ?? stack.use((await sessions.reached[0]?.session.lane(step.lane)) ?? never());
    lanes.set(step.lane, lane);
    expect(await lane.run(piece, noIo)).toEqual({ ok: true });
    const said = `${step.title} ${step.address.name}: ${step.commands.map(({ text }) => text).join('; ')}`;
    for (const one of looks) await one.look(said);
  }
  expect((await planProject(await folder.open())).plan.steps).toEqual([]);
}

function never(): never {
  throw new Error('the server was reached');
}

describeEachMajor('an adoption, piece by piece', { versions: 'newest', whole: 'tables' }, (major) => {
  describe('takes nothing from the app at any point', () => {
    const all = initScripts.filter(({ md5 }) => !md5);
    const some = sampled(all, { oneOf: isFull(`postgres${major}`, 'tables') ? 1 : 2, name: `postgres${major}` });
    test.each(some.map((script) => [script.name, script] as const))('%s', async (_, script) => await adoptPieceByPiece(script, major));
  });
});
