import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { importServer } from '../../src/app/import.ts';
import type { Engine } from '../../src/engine/index.ts';
import { loadEngine } from '../../src/engines/index.ts';
import { startLine } from '../support/line.ts';
import { testProject } from '../support/project.ts';
import { isAskedFor } from '../support/roster.ts';
import { both, setUp } from './bench.ts';
import { benchOf, isWhole, steps } from './frame.ts';
import { describeLocks, describeTwo } from './locks.ts';
import { moments } from './moments.ts';
import { describeOwn } from './own.ts';
import { describeAfterRemoval } from './removal.ts';
import { describePasswords } from './passwords.ts';
import { describeStaged } from './staged.ts';
import type { Subject, Variables } from './subject.ts';

/**
 * What every engine has to hold, on a real server, with an adapter that knows the engine. What an engine cannot do yet is
 * skipped by name.
 */
export async function describeConformance(subject: Subject): Promise<void> {
  const engine = await loadEngine(subject.engine);
  if (!engine) throw new Error(`there is no engine ${subject.engine}`);
  const title = subject.start ? subject.version : `${subject.version}: no server`;
  describe.skipIf(!subject.start || !isAskedFor(subject.version, process.env))(`conformance [${title}]`, () => {
    describeApply(subject);
    describeTwo(subject);
    describeLocks(subject, engine);
    describeKill(subject);
    describeProof(subject, engine);
    describeRemoval(subject, engine);
    describeAfterRemoval(subject, engine);
    describePasswords(subject);
    describeStaged(subject);
    describeTrouble(subject);
    describeImport(subject, engine);
    describeOwn(subject, engine);
  });
}

function describeApply(subject: Subject): void {
  describe('plan and apply', () => {
    const bench = benchOf(subject);

    it('a plan sends nothing, and is the same twice', async () => {
      const before = await bench().server.mark();
      const first = await bench().plan();
      expect(first.plan.steps.map(({ app }) => app)).toEqual(expect.arrayContaining([...bench().apps]));
      expect(first.plan.steps.every(({ risk }) => risk !== 'destructive')).toBe(true);
      expect((await bench().plan()).plan).toEqual(first.plan);
      expect(await bench().server.mark()).toBe(before);
    });

    it('an apply makes it so, and the apps can work', async () => {
      expect(await bench().apply()).toMatchObject({ ending: 'done' });
      await isWhole(bench(), 'first');
      const { placements } = await bench().status();
      expect(placements.map(({ app, state, pending, drift }) => ({ app, state, pending, drift }))).toEqual(
        bench().apps.map((app) => ({ app, state: 'ready', pending: 0, drift: 0 })),
      );
    });

    it('a second one changes nothing at all', async () => {
      const before = await bench().server.mark();
      expect(await bench().apply()).toMatchObject({ ending: 'nothing-to-do' });
      expect(await bench().server.mark()).toBe(before);
    });

    it('a restart after a crash forgets nothing', async () => {
      await bench().server.crash();
      expect(await steps(bench())).toEqual([]);
      await isWhole(bench(), 'after the crash');
    });

    it('what somebody changed by hand is shown as drift, and corrected', async () => {
      await bench().server.drift('one');
      const { plan } = await bench().plan();
      expect(plan.steps.length).toBeGreaterThan(0);
      expect(new Set(plan.steps.map(({ cause }) => cause))).toEqual(new Set(['drift']));
      const concerned = new Set(plan.steps.map(({ app }) => app));
      expect([concerned.has('one'), concerned.has('two')]).toEqual([true, false]);
      const one = (await bench().status()).placements.find(({ app }) => app === 'one');
      expect(one?.drift).toBeGreaterThan(0);
      expect([3, null]).toContain(one?.connectionLimit);
      expect(await bench().apply()).toMatchObject({ ending: 'done' });
      await isWhole(bench(), 'corrected');
    });

    it('no secret stands in a plan, and the store is its owner’s alone', async () => {
      const apps = subject.alone ? bench().apps : [...both, 'three'];
      await bench().manifest(apps);
      const plan = JSON.stringify((await bench().plan()).plan);
      expect((await bench().apply()).ending).toBe(subject.alone ? 'nothing-to-do' : 'done');
      const store = JSON.parse(await readFile(join(bench().folder, '.cotenant/secrets.json'), 'utf8')) as { secrets: { value: string }[] };
      expect(store.secrets.length).toBeGreaterThanOrEqual(apps.length);
      for (const { value } of store.secrets) expect(plan).not.toContain(value);
      const masked = await bench().cli('env', apps.at(-1) ?? '');
      for (const { value } of store.secrets) expect(masked.stdout + masked.stderr).not.toContain(value);
    });
  });
}

function describeKill(subject: Subject): void {
  it('an apply that is killed at any piece it sends is finished by the next one', { timeout: 1_800_000 }, async () => {
    const pieces = await countPieces(subject);
    expect(pieces).toBeGreaterThan(3);
    const some = moments(pieces, subject.version);
    let killed = 0;
    for (const [n, how] of some) {
      await using bench = await setUp(subject);
      await using line = await startLine(bench.server);
      await bench.manifest(bench.apps, {}, line.port);
      const running = bench.start('apply', '--yes');
      line.onPiece = (at) => {
        if (at === n) running.kill('SIGKILL');
        return at < n ? 'forward' : how;
      };
      const { code, signal } = await running.done;
      // A run that was over before: what arrives at once is not always the same.
      if (signal === 'SIGKILL') killed += 1;
      else expect([n, code]).toEqual([n, 0]);
      await bench.manifest(bench.apps);
      const after = await bench.apply({ lockTimeout: 60_000 });
      expect([n, how, after]).toMatchObject([n, how, { ending: expect.stringMatching(/^(done|nothing-to-do)$/) as unknown }]);
      await isWhole(bench, `after ${n}`);
    }
    expect(killed).toBeGreaterThanOrEqual(some.length / 2);
  });
}

async function countPieces(subject: Subject): Promise<number> {
  await using bench = await setUp(subject);
  await using line = await startLine(bench.server);
  await bench.manifest(bench.apps, {}, line.port);
  expect((await bench.cli('apply', '--yes')).code).toBe(0);
  return line.pieces;
}

function describeProof(subject: Subject, engine: Engine): void {
  describe.skipIf(!engine.probes)('verify', () => {
    const bench = benchOf(subject);

    it('finds nothing on walls as they were built, and leaves nothing behind', async () => {
      expect(await bench().apply()).toMatchObject({ ending: 'done' });
      await isWhole(bench(), 'behind a wall');
      const before = await steps(bench());
      expect(await bench().findings()).toEqual([]);
      expect(await steps(bench())).toEqual(before);
    });

    it('sees one that is broken, from whom to whom, and an apply builds it again', async () => {
      await bench().server.breach('one', 'two');
      const found = await bench().findings();
      expect(
        found.filter(({ verdict, from, to }) => verdict === 'BREACH' && (from === 'one' || from === null) && (to === 'two' || to === null)),
      ).not.toEqual([]);
      expect((await bench().cli('verify')).code).toBe(2);
      expect(await bench().apply()).toMatchObject({ ending: 'done' });
      expect(await bench().findings()).toEqual([]);
    });
  });
}

function describeRemoval(subject: Subject, engine: Engine): void {
  describe.skipIf(subject.alone)('an app that leaves the manifest', () => {
    const bench = benchOf(subject);

    it('loses its login, and nothing of its data', async () => {
      await bench().apply();
      await isWhole(bench(), 'kept');
      const gone = await bench().variables('two');
      await bench().manifest(['one']);
      const { plan } = await bench().plan();
      expect(plan.steps.filter(({ risk }) => risk === 'destructive')).toEqual([]);
      expect(await bench().apply()).toMatchObject({ ending: 'done' });
      await expect(bench().server.get(gone)).rejects.toThrow();
      expect(await bench().server.get(await bench().variables('one'))).toBe('kept of one');
      expect(await steps(bench())).toEqual([]);
      expect((await bench().status()).placements).toContainEqual(expect.objectContaining({ app: 'two', state: 'retired' }));
    });

    it.skipIf(!engine.restore)('comes back with its data', async () => {
      expect(await bench().restore('two')).toMatchObject({ ending: 'done' });
      await bench().manifest(both);
      expect((await bench().apply()).ending).toMatch(/^(done|nothing-to-do)$/);
      expect(await bench().server.get(await bench().variables('two'))).toBe('kept of two');
      expect(await steps(bench())).toEqual([]);
    });

    it('is dropped by a second act only, which wants its name', async () => {
      await bench().manifest(['one'], { removal: 'delete' });
      expect(await bench().apply({ confirm: ['two'] })).toMatchObject({ ending: 'done' });
      const { plan } = await bench().plan();
      expect(plan.steps.filter(({ risk }) => risk === 'destructive').map(({ confirm }) => confirm)).toEqual(
        expect.arrayContaining(['two']),
      );
      const before = await bench().server.mark();
      for (const confirm of [[], ['one'], ['main']]) {
        const refused = await bench().apply({ confirm });
        expect([refused.ending, refused.said.map(({ code }) => code)]).toEqual(['refused', expect.arrayContaining(['CT4004'])]);
      }
      expect(await bench().server.mark()).toBe(before);
      expect(await bench().apply({ confirm: ['two'] })).toMatchObject({ ending: 'done' });
      expect(await steps(bench())).toEqual([]);
      expect(await bench().server.get(await bench().variables('one'))).toBe('kept of one');

      await bench().manifest(both);
      expect(await bench().apply()).toMatchObject({ ending: 'done' });
      expect(await bench().server.get(await bench().variables('two'))).toBe(null);
    });
  });
}

function describeTrouble(subject: Subject): void {
  describe('a server that cannot be worked on', () => {
    const bench = benchOf(subject);

    it('because it refuses the admin: nothing is sent, and the exit code is 4', async () => {
      const before = await bench().server.mark();
      const project = await bench().open({ ADMIN_PASSWORD: 'not this one' });
      expect(await bench().apply({}, project)).toMatchObject({ ending: 'credentials' });
      expect(await bench().server.mark()).toBe(before);
    });

    it('because it is not there: it is named, and the exit code is 5', async () => {
      await bench().server.stop();
      const { plan } = await bench().plan();
      expect([plan.unreached, plan.diagnostics.map(({ code, instance }) => [code, instance])]).toEqual([['main'], [['CT3001', 'main']]]);
      const { code, stderr } = await bench().cli('apply', '--yes');
      expect([code, stderr]).toEqual([5, expect.stringContaining('"main"')]);
      const status = await bench().cli('status');
      expect(status.code).toBe(5);
      // The apps are still what the manifest says, even where nobody can tell how they are.
      for (const app of bench().apps) expect(status.stdout).toMatch(new RegExp(`^${app} .* \\? .* unknown$`, 'm'));
    });
  });
}

interface Imported {
  readonly instances: { readonly main: { readonly password: { readonly env?: string } } };
  readonly apps: Readonly<Record<string, unknown>>;
  readonly known?: readonly { readonly user: string }[];
}

/** The login that an app's variables have. */
function userOf(variables: Variables): string {
  return Object.entries(variables).find(([name]) => /^[A-Z]+_USER(NAME)?$/u.test(name))?.[1] ?? '';
}

function describeImport(subject: Subject, engine: Engine): void {
  describe.skipIf(!engine.readImport)('a server that was set up by hand', () => {
    const bench = benchOf(subject);
    // Another project lives there.
    let made: string | null = null;
    beforeAll(async () => {
      expect(await bench().apply()).toMatchObject({ ending: 'done' });
      made = (await bench().server.handMade?.()) ?? null;
    });

    it('is read without a change, and no password is written', async ({ skip }) => {
      const { server } = bench();
      if (made === null) return skip('the adapter sets up nothing by hand');
      const before = await server.mark();
      const { yaml, diagnostics } = await importServer({ url: made, password: server.password, env: {}, cwd: bench().folder });
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(await server.mark()).toBe(before);
      expect(yaml).not.toContain(server.password);
      expect(yaml).toMatch(/apps:\n(?: {2}#.*\n)* {2}\w+:/);
    });

    it('beside another project: that one is left as it is, everybody of it is named, and the first apply finishes', async ({ skip }) => {
      const { server, variables } = bench();
      if (made === null) return skip('the adapter sets up nothing by hand');
      const { yaml, diagnostics } = await importServer({ url: made, password: server.password, env: {}, cwd: '/srv/beside' });
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      const { apps, known: strangers = [], instances } = parse(yaml) as Imported;
      expect(Object.keys(apps).filter((app) => both.some((one) => app === one))).toEqual([]);
      const known = new Set(strangers.map(({ user }) => user.split('@')[0]));
      const logins = await Promise.all(both.map(async (app) => userOf(await variables(app))));
      expect(logins.filter((login) => !known.has(login))).toEqual([]);
      const { env = '' } = instances.main.password;
      await using project = await testProject(yaml, { [env]: server.password });
      expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
      await isWhole(bench(), 'beside');
    });
  });
}
