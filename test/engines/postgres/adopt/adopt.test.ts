import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { initScripts, type InitScript, type RunningApp } from '../../../support/init-scripts.ts';
import { setUpByHand } from '../../../support/by-hand.ts';
import { describeEachMajor, freshPostgres } from '../../../support/engines.ts';
import { testProject } from '../../../support/project.ts';
import { at, changeMark, query } from '../../../support/query.ts';
import { isFull } from '../../../support/thorough.ts';
import { importServer } from '../../../../src/app/import.ts';
import type { PostgresServer } from '../runtime.ts';
import type { Major } from '../../../../src/engines/postgres/local/find.ts';

/** Variables that the manifests of the scripts point at. */
const variables = { SHOP_APP_JWT_SECRET: 'hush' };

/** Only ends what hangs. */
const patient = { timeout: 60_000 };

interface Written {
  readonly project: string;
  readonly instances: Record<string, Record<string, unknown>>;
  readonly apps: Record<string, { uses: Record<string, unknown> }>;
}

function placementsOf(yaml: string): Record<string, unknown> {
  const { apps } = parse(yaml) as Written;
  return Object.fromEntries(Object.entries(apps).map(([app, { uses }]) => [app, uses['main']]));
}

function urlOf(server: PostgresServer, { login, password, database }: RunningApp): string {
  return at(server.url, { user: login, password, database });
}

/** An app at work: the same statements over and over, on a connection that it opens again when it is ended; `fresh`: each time. */
class Worker {
  readonly #url: string;
  readonly #app: RunningApp;
  readonly #fresh: boolean;
  readonly #done: Promise<void>;
  #stop = false;
  rounds = 0;
  /** What went wrong, ended connections apart. */
  readonly troubles: string[] = [];

  constructor(server: PostgresServer, app: RunningApp, fresh: boolean) {
    this.#fresh = fresh;
    this.#url = urlOf(server, app);
    this.#app = app;
    this.#done = this.#work();
  }

  async stop(): Promise<void> {
    this.#stop = true;
    await this.#done;
  }

  async #rounds(client: pg.Client): Promise<void> {
    do {
      for (const sql of this.#app.does) await client.query(sql);
      this.rounds += 1;
      await sleep(2);
    } while (!this.#stop && !this.#fresh);
  }

  async #work(): Promise<void> {
    while (!this.#stop) {
      const client = new pg.Client(this.#url);
      client.on('error', () => undefined);
      try {
        await client.connect();
        await this.#rounds(client);
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        if (code !== '57P01' && !/terminated unexpectedly|connection error and is not queryable/.test(message))
          this.troubles.push(`${code}: ${message}`);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }
}

async function adopt(script: InitScript, major: Major, superuser = true): Promise<void> {
  await using server = await freshPostgres({ major });
  const { user, password } = superuser ? server : { user: 'steward', password: 'pw-of-steward' };
  await setUpByHand(server, script, { user, password, superuser });
  const before = await changeMark(server.url);
  const { yaml, diagnostics } = await importServer({ url: at(server.url, { user, password }), password: null, env: {}, cwd: '/by-hand' });
  expect(await changeMark(server.url)).toBe(before);
  expect(placementsOf(yaml)).toEqual(script.apps);
  const warnings = diagnostics.map(({ message }) => message);
  expect(warnings).toEqual((script.warnings ?? []).map((part) => expect.stringContaining(part) as unknown));
  expect(yaml).not.toContain(password);
  expect(yaml).not.toContain('hush');
  await using project = await testProject(yaml, { POSTGRES_PASSWORD: password, ...variables });
  const workers = script.running.flatMap((app) => [new Worker(server, app, false), new Worker(server, app, true)]);
  await expect.poll(() => workers.every(({ rounds }) => rounds > 2), patient).toBe(true);
  const { ending, trouble } = await project.apply();
  expect({ ending, trouble }).toEqual({ ending: 'done', trouble: '' });
  const after = workers.map(({ rounds }) => rounds);
  const troubles = (): readonly string[] => [...new Set(workers.flatMap((worker) => worker.troubles))];
  const going = (): boolean => workers.every(({ rounds }, index) => rounds > (after[index] ?? 0) + 2);
  await expect.poll(() => going() || troubles().length > 0, patient).toBe(true);
  for (const worker of workers) await worker.stop();
  expect(troubles()).toEqual([]);
  await afterwards(server, script, superuser ? ['postgres', 'template1'] : []);
  const { plan } = await project.plan();
  expect(plan.steps).toEqual([]);
}

/** Old passwords work, nothing belongs to a login any more, no app gets into what is another's. */
async function afterwards(server: PostgresServer, script: InitScript, closed: readonly string[]): Promise<void> {
  for (const app of script.running) {
    const url = urlOf(server, app);
    for (const sql of [...app.does, app.makes]) await query(url, sql);
    const [who] = await query(url, 'SELECT session_user::text AS login, current_user::text <> session_user::text AS "as owner"');
    expect(who).toEqual({ login: app.login, 'as owner': true });
    const owners = await query(
      at(server.url, { database: app.database }),
      `SELECT i.type, i.identity FROM pg_shdepend d, pg_identify_object(d.classid, d.objid, d.objsubid) i
       WHERE d.deptype = 'o' AND d.classid <> 'pg_default_acl'::regclass AND d.refobjid = (SELECT r.oid FROM pg_roles r WHERE r.rolname = $1)`,
      [app.login],
    );
    expect(owners).toEqual([]);
    for (const other of [...closed, ...script.running.map(({ database }) => database)].filter((one) => one !== app.database)) {
      await expect(query(at(url, { database: other }), 'SELECT 1')).rejects.toMatchObject({ code: '42501' });
    }
  }
  for (const app of script.running) {
    for (const other of script.running.filter((one) => one !== app && one.database === app.database)) {
      const crossing = `SELECT has_schema_privilege(n.oid, 'USAGE') AS crosses FROM pg_namespace n WHERE n.nspname = $1`;
      expect(await query(urlOf(server, app), crossing, [other.app])).toEqual([{ crosses: false }]);
    }
  }
}

describeEachMajor('imported and adopted', { versions: 'newest', whole: 'tables' }, (major) => {
  const everywhere = isFull(`postgres${major}`, 'tables');
  describe('while it runs, with its old password', () => {
    const some = initScripts.filter(({ racing }) => everywhere || (racing !== undefined && (major === 18 || racing === 'ends')));
    test.each(some.map((script) => [script.name, script] as const))('%s', async (_, script) => await adopt(script, major));
  });

  describe("by a managed service's admin who set it up", () => {
    const some = initScripts.filter(({ managed, racing }) => managed && (everywhere || racing === 'ends'));
    test.each(some.map((script) => [script.name, script] as const))('%s', async (_, script) => await adopt(script, major, false));
  });
});
