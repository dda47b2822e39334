import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { historyDocument } from '../../src/report/documents/history.ts';
import { planDocument } from '../../src/report/documents/plan.ts';
import { statusDocument } from '../../src/report/documents/status.ts';
import { type CliResult, runCli, startCli } from '../support/cli.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { at, changeMark, query } from '../support/query.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const manifest = `cotenant: 1
project: e2e
instances:
  main:
    engine: postgres
    url: postgres://postgres@\${PGHOST}:\${PGPORT}/postgres
    password: { env: ADMIN_PASSWORD }
apps:
  shop: { uses: { main: { connections: 5 } } }
  blog: { uses: { main: { isolation: schema, database: shared } } }
`;

describeEachPostgres('the command line on a real server', { versions: 'newest' }, (server) => {
  let folder: TempDir;
  let env: Record<string, string>;
  const cli = (...args: readonly string[]): Promise<CliResult> => runCli(args, { cwd: folder.path, env });

  beforeAll(async () => {
    folder = await tempDir();
    env = { PGHOST: server().host, PGPORT: String(server().port), ADMIN_PASSWORD: server().password };
    await writeFile(join(folder.path, 'cotenant.yaml'), manifest);
  });
  afterAll(async () => await folder[Symbol.asyncDispose]());

  describe('before anything is there', () => {
    it('plans: the same bytes twice, with the count, and nothing changed', async () => {
      const mark = await changeMark(server().url);
      const [text, one, two, detailed] = [
        await cli('plan'),
        await cli('plan', '--json'),
        await cli('plan', '--json'),
        await cli('plan', '--detailed-exitcode'),
      ];
      expect(await changeMark(server().url)).toBe(mark);
      expect(text.code).toBe(0);
      expect(text.stdout).toMatch(/\nPlan: [1-9]\d* to add, \d+ to change, 0 to destroy\./);
      expect(text.stdout).not.toContain('CREATE ');
      expect(one.stdout).toBe(two.stdout);
      planDocument.parse(JSON.parse(one.stdout));
      expect(JSON.parse(one.stdout)).toMatchObject({ format: 2, unreached: [], diagnostics: expect.any(Array) as unknown });
      expect(detailed).toMatchObject({ code: 2, stdout: text.stdout });
    });

    it('prints the statements on request', async () => {
      expect((await cli('plan', '--sql')).stdout).toMatch(/CREATE DATABASE "?shop"?/);
    });

    it('asks for consent by the name of the flag, where nobody can answer, and sends nothing', async () => {
      const mark = await changeMark(server().url);
      for (const flags of [[], ['--no-input'], ['--output', 'stream-json']]) {
        const result = await cli('apply', ...flags);
        expect(result.code).toBe(7);
        expect(result.stdout + result.stderr).toContain('Pass --yes');
      }
      expect(await changeMark(server().url)).toBe(mark);
    });

    it('prints in a dry run what would be sent, and sends nothing', async () => {
      const mark = await changeMark(server().url);
      const result = await cli('apply', '--dry-run');
      expect(result.code).toBe(0);
      expect(result.stdout).toMatch(/Would run: [^]*CREATE DATABASE [^]*Dry run: \d+ steps would run\. Nothing was sent\.\n$/);
      expect(await changeMark(server().url)).toBe(mark);
    });
  });

  describe('an apply', () => {
    it('does what a saved plan says, which only its owner can read', async () => {
      const saved = await cli('plan', '--out', 'plan.json');
      expect(saved.code).toBe(0);
      expect((await stat(join(folder.path, 'plan.json'))).mode & 0o777).toBe(0o600);
      const result = await cli('apply', 'plan.json', '--yes');
      expect(result.stderr).toMatch(/✔ +\+ shop +database shop on main +\d+ steps {2}\(\d+ of \d+\)\n/);
      expect(result.stdout).toMatch(/\nApply complete: [1-9]\d* added, /);
      expect(result.code).toBe(0);
      expect(await cli('apply', 'plan.json', '--yes')).toMatchObject({ code: 1, stderr: expect.stringContaining('CT4002') as unknown });
    });

    it('has nothing to do the second time', async () => {
      const mark = await changeMark(server().url);
      expect(await cli('apply')).toMatchObject({ code: 0, stdout: expect.stringContaining('No changes.') as unknown });
      for (const command of ['plan', 'status']) expect((await cli(command, '--detailed-exitcode')).code).toBe(0);
      const once = await cli('apply', '--json');
      expect(JSON.parse(once.stdout)).toMatchObject({ ending: 'nothing-to-do', exitCode: 0, steps: [] });
      const stream = await cli('apply', '--output', 'stream-json');
      const lines = stream.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines[0]).toMatchObject({ type: 'version', ui: '1.0' });
      expect(lines.at(-1)).toMatchObject({ type: 'result', ending: 'nothing-to-do', exitCode: 0 });
      expect(await changeMark(server().url)).toBe(mark);
    });

    it('shows drift apart, and corrects it', async () => {
      await query(server().url, 'ALTER DATABASE shop CONNECTION LIMIT 77');
      const plan = await cli('plan');
      expect(plan.stdout).toMatch(/^Changed outside of cotenant; an apply corrects this:\n {2}! /);
      expect(plan.stdout).toContain('Plan: 0 to add, 0 to change, 0 to destroy. 1 drift.');
      for (const command of ['plan', 'status']) expect((await cli(command, '--detailed-exitcode')).code).toBe(2);
      expect((await cli('status')).code).toBe(0);
      const stream = await cli('apply', '--yes', '--output', 'stream-json');
      expect(stream.code).toBe(0);
      expect(stream.stdout).toContain('"type":"drift"');
      expect((await cli('plan', '--detailed-exitcode')).code).toBe(0);
    });
  });

  describe('afterwards', () => {
    it('status has a row for each app, for people and machines', async () => {
      const [text, json] = [await cli('status'), await cli('status', '--json')];
      expect([text.code, json.code]).toEqual([0, 0]);
      expect(text.stdout).toMatch(/\nshop +postgres\/main +database .* ready\n/);
      expect(text.stdout).toContain('2 apps, 0 pending, 0 drift.');
      statusDocument.parse(JSON.parse(json.stdout));
      expect(JSON.parse(json.stdout)).toMatchObject({
        format: 1,
        placements: [{ app: 'shop', state: 'ready', drift: 0 }, { app: 'blog' }],
      });
    });

    it('env prints nothing into a pipe before secrets are asked for, and what it then prints opens the database', async () => {
      const [masked, clear] = [await cli('env', 'shop', '--format', 'json'), await cli('env', 'shop', '--format', 'json', '--reveal')];
      const variables = JSON.parse(clear.stdout) as Record<string, string>;
      const password = variables['POSTGRES_PASSWORD'] ?? '';
      expect(password.length).toBeGreaterThan(20);
      expect(masked.stdout + masked.stderr).not.toContain(password);
      expect(masked).toMatchObject({ code: 1, stderr: expect.stringMatching(/CT5103[^]*--reveal/) as unknown });
      // A document of its own says that it failed, and no variable stands in it.
      expect(JSON.parse(masked.stdout)).toMatchObject({ ending: 'failed', diagnostics: [{ code: 'CT5103' }] });
      for (const format of ['dotenv', 'shell', 'docker', 'k8s'])
        expect(await cli('env', 'shop', '--format', format)).toMatchObject({ code: 1, stdout: '' });
      expect(await query(variables['DATABASE_URL'] ?? '', 'SELECT current_database() AS here')).toEqual([{ here: 'shop' }]);
    });

    it('history tells what was done, newest first, and what of it was an app’s', async () => {
      const [text, json, shop, steps] = [
        await cli('history'),
        await cli('history', '--json'),
        await cli('history', 'shop', '--json'),
        await cli('history', 'shop', '--steps', '--limit', '1'),
      ];
      historyDocument.parse(JSON.parse(json.stdout));
      const { runs } = JSON.parse(json.stdout) as { runs: Record<string, unknown>[] };
      expect(runs).toMatchObject([
        { ending: 'done', intent: { verb: 'apply' }, resumes: null, steps: [{ status: 'done', app: 'shop' }] },
        { ending: 'done', intent: { verb: 'apply' } },
      ]);
      expect(text.stdout).toMatch(/^WHEN +WHAT +APP +WHO +ENDED +STEPS +RUN\n.* apply .* done +1 done /);
      expect(JSON.parse(shop.stdout)).toMatchObject({ runs: [{ steps: [{ app: 'shop' }] }, { planned: null }] });
      expect(steps.stdout).toMatch(/\n {2}✔ main {2}database shop {2}update {2}/);
      expect((await stat(join(folder.path, '.cotenant/runs'))).mode & 0o777).toBe(0o700);
    });

    it('completions know the apps', async () => {
      expect(await cli('__complete', 'apps')).toMatchObject({ code: 0, stdout: 'shop\nblog\n' });
    });

    it('a name that is nearly right gets an offer', async () => {
      const result = await cli('env', 'shpo');
      expect(result.code).toBe(1);
      expect(result.stderr).toMatch(/shop/);
    });
  });

  describe('trouble has its own exit code', () => {
    const cliWith = (more: Record<string, string>, ...args: readonly string[]) =>
      runCli(args, { cwd: folder.path, env: { ...env, ...more } });

    it('4 where the password is wrong, in every form', async () => {
      const wrong = { ADMIN_PASSWORD: 'not-it' };
      const [plan, json, status, apply] = await Promise.all([
        cliWith(wrong, 'plan'),
        cliWith(wrong, 'plan', '--json'),
        cliWith(wrong, 'status'),
        cliWith(wrong, 'apply', '--yes'),
      ]);
      expect([plan.code, json.code, status.code, apply.code]).toEqual([4, 4, 4, 4]);
      expect(JSON.parse(json.stdout)).toMatchObject({ unreached: ['main'], steps: [] });
      expect(plan.stderr).toContain('error[CT3002]');
      expect(plan.stderr + apply.stderr).not.toContain('not-it');
    });

    it('5 where the server is unreachable', async () => {
      const away = { PGPORT: '1' };
      const [plan, status, apply] = await Promise.all([cliWith(away, 'plan'), cliWith(away, 'status'), cliWith(away, 'apply', '--yes')]);
      expect([plan.code, status.code, apply.code]).toEqual([5, 5, 5]);
      expect(plan.stdout).toContain('Not reached: main.');
    });

    it('6 while another run holds the lock, and 130 for one that stops waiting for it', async () => {
      await writeFile(join(folder.path, 'cotenant.yaml'), manifest.replace('connections: 5', 'connections: 6'));
      const holder = query(server().url, "SELECT pg_advisory_lock(x'636f7465'::int, 0), pg_sleep(600)").catch(() => 'ended');
      const held = async (granted: boolean) =>
        (await query(server().url, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 0 AND granted = $1", [granted])).length >
        0;
      while (!(await held(true)));
      const refused = await cli('apply', '--yes');
      expect(refused.code).toBe(6);
      expect(refused.stderr).toContain('is held by');
      const waiting = startCli(['apply', '--yes', '--lock-timeout', '1h'], { cwd: folder.path, env });
      const waits = async () =>
        (await query(server().url, "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'cotenant apply %'")).length > 0;
      while (!(await waits()));
      waiting.kill('SIGINT');
      const result = await waiting.done;
      expect(result.stderr).toContain('Interrupted. Nothing is left half done.');
      expect(result.code).toBe(130);
      await query(server().url, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 0");
      expect(await holder).toBe('ended');
      expect((await cli('apply', '--yes')).code).toBe(0);
    });
  });

  it('says nothing anywhere that is secret', async () => {
    const variables = JSON.parse((await cli('env', 'shop', '--format', 'json', '--reveal')).stdout) as Record<string, string>;
    const secrets = [variables['POSTGRES_PASSWORD'] ?? '', server().password];
    await query(at(server().url, { database: 'shop' }), 'CREATE ROLE stranger');
    const results = [
      await cli('plan', '--sql', '--debug'),
      await cli('plan', '--json', '--out', 'canary.json'),
      await cli('apply', '--yes', '--verbose', '--debug'),
      await cli('status', '--verbose'),
      await cli('env', 'shop', '--debug'),
    ];
    const all =
      results.map((result) => result.stdout + result.stderr).join('\n') + (await readFile(join(folder.path, 'canary.json'), 'utf8'));
    for (const secret of secrets) {
      expect(secret).not.toBe('');
      expect(all).not.toContain(secret);
    }
  });
});
