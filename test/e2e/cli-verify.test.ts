import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyDocument } from '../../src/report/documents/verify.ts';
import { z } from 'zod';
import { type CliResult, runCli, startCli } from '../support/cli.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { at, query } from '../support/query.ts';
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
  blog: { uses: { main: { isolation: schema, database: shared, connections: 5 } } }
  wiki: { uses: { main: { isolation: schema, database: shared, connections: 5 } } }
`;

const report = z.object({
  exitCode: z.number(),
  seed: z.number(),
  findings: z.array(
    z.object({
      probe: z.string(),
      verdict: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
      statement: z.string(),
      answer: z.string(),
      fix: z.array(z.object({ lane: z.string(), statement: z.object({ text: z.string() }) })),
    }),
  ),
  residual: z.array(z.object({ probe: z.string(), what: z.string() })),
  relaxations: z.array(z.unknown()),
  cells: z.array(z.object({ from: z.string(), to: z.string(), verdict: z.string(), attempts: z.number() })),
  unreached: z.array(z.string()),
  fix: z.object({ ending: z.string(), steps: z.array(z.object({ status: z.string() })) }).optional(),
});

function parsed(result: CliResult): z.infer<typeof report> {
  return report.parse(JSON.parse(result.stdout));
}

describeEachPostgres('verify on the command line', { versions: 'newest' }, (server) => {
  let folder: TempDir;
  let env: Record<string, string>;
  const cli = (...args: readonly string[]): Promise<CliResult> => runCli(args, { cwd: folder.path, env });
  const open = async (): Promise<unknown> => await query(server().url, 'GRANT CONNECT ON DATABASE shop TO PUBLIC');
  const closed = async (): Promise<boolean> => {
    const [row] = await query(server().url, "SELECT has_database_privilege('blog_user', 'shop', 'CONNECT')");
    return Object.values(row ?? {})[0] === false;
  };

  beforeAll(async () => {
    folder = await tempDir();
    env = { PGHOST: server().host, PGPORT: String(server().port), ADMIN_PASSWORD: server().password };
    await writeFile(join(folder.path, 'cotenant.yaml'), manifest);
  });
  afterAll(async () => await folder[Symbol.asyncDispose]());

  it('before an apply nothing is proved, and that is as loud as a breach', async () => {
    const result = await cli('verify', '--json');
    expect(result.code).toBe(2);
    verifyDocument.parse(JSON.parse(result.stdout));
    expect(new Set(parsed(result).findings.map(({ verdict }) => verdict))).toContain('UNPROVEN');
    expect(new Set(parsed(result).cells.map(({ verdict }) => verdict))).toEqual(new Set(['UNPROVEN']));
  });

  describe('on a server that is as the manifest says', () => {
    beforeAll(async () => {
      expect(await cli('apply', '--yes')).toMatchObject({ code: 0 });
    });

    it('is clean, says how to repeat itself, and lists what stays open', async () => {
      const result = await cli('verify', '--seed', '7');
      expect(result.code).toBe(0);
      // A line of progress is all that may stand there.
      expect(result.stderr).toMatch(/^(Attacking….*\n)*$/);
      expect(result.stdout).toMatch(/^main \(row: attacker, column: target\)\n +shop +blog +wiki\nshop +- +✔ +✔\n/);
      expect(result.stdout).toContain('6 pairs: 6 closed (6 attempted, 0 by analysis only).');
      expect(result.stdout).toContain('To repeat this run: cotenant verify --seed 7\n');
      expect(result.stdout).toMatch(/\n\d+ residual risks, inherent in a shared server\. Read about each: cotenant verify -v\n/);
      expect(result.stdout).toMatch(/\n\nClean: no way from one app to another was found\.\n$/);
    });

    it('leaves nothing behind', async () => {
      const leftovers = "SELECT 1 FROM pg_class WHERE relname ~ 'cotenant_probe' UNION ALL SELECT 1 FROM pg_roles WHERE rolname ~ 'probe'";
      for (const database of ['postgres', 'shop', 'shared']) expect(await query(at(server().url, { database }), leftovers)).toEqual([]);
      expect((await cli('plan', '--detailed-exitcode')).code).toBe(0);
    });

    it('prints no secret in any form', async () => {
      const variables = z.record(z.string(), z.string());
      const values = [server().password];
      for (const app of ['shop', 'blog', 'wiki']) {
        const { stdout } = await cli('env', app, '--reveal', '--format', 'json');
        values.push(new URL(variables.parse(JSON.parse(stdout))['DATABASE_URL'] ?? '').password);
      }
      expect(new Set(values.filter((value) => value.length > 5)).size).toBe(4);
      const results = [
        await cli('verify'),
        await cli('verify', '--json'),
        await cli('verify', '--format', 'sarif'),
        await cli('verify', '--format', 'junit'),
      ];
      const said = results.map(({ stdout, stderr }) => stdout + stderr).join('\n');
      for (const value of values) expect(said).not.toContain(value);
    });

    it('watches until Ctrl-C, a line each round, each with its own code', async () => {
      const watch = startCli(['verify', '--watch=1s', '--json', '--out', 'watch.json'], { cwd: folder.path, env });
      await expect
        .poll(async () => (await stat(join(folder.path, 'watch.json')).catch(() => null)) !== null, { timeout: 60_000 })
        .toBe(true);
      watch.kill('SIGINT');
      const result = await watch.done;
      const lines = result.stdout
        .trimEnd()
        .split('\n')
        .map((line) => report.extend({ time: z.string() }).parse(JSON.parse(line)));
      expect(lines.length).toBeGreaterThan(0);
      expect(lines.at(-1)?.exitCode).toBe(0);
      expect(result.code).toBe(130);
    });
  });

  describe('where a wall is open', () => {
    beforeAll(open);

    it('finds it, and says who, whom, what and how to close it', async () => {
      const [text, json] = [await cli('verify'), await cli('verify', '--json')];
      expect([text.code, json.code, parsed(json).exitCode]).toEqual([2, 2, 2]);
      const found = parsed(json).findings.filter(({ verdict, to }) => verdict === 'BREACH' && to === 'shop');
      expect(found[0]?.fix.map(({ statement }) => statement.text).join()).toMatch(/REVOKE .*CONNECT.* ON DATABASE "?shop"?/);
      expect(
        parsed(json)
          .cells.filter(({ to }) => to === 'shop')
          .map(({ verdict }) => verdict),
      ).toEqual(['BREACH', 'BREACH']);
      expect(text.stdout).toMatch(/\n\n1\. BREACH PG-P01 {2}.* → shop {2}on main/);
      expect(text.stdout).toMatch(/\n {3}closes it REVOKE /);
    });

    it('writes the form that is asked for into a file, and text for people', async () => {
      for (const format of ['sarif', 'junit', 'json', 'text']) {
        const result = await cli('verify', '--format', format, '--out', `verify.${format}`);
        expect(result).toMatchObject({ code: 2, stdout: expect.stringMatching(/^main \(row: /) as unknown });
      }
      const file = async (name: string): Promise<string> => await readFile(join(folder.path, name), 'utf8');
      expect(JSON.parse(await file('verify.sarif'))).toMatchObject({
        version: '2.1.0',
        runs: [{ tool: { driver: { name: 'cotenant' } } }],
      });
      expect(await file('verify.sarif')).toContain('"uri": "cotenant.yaml"');
      expect(await file('verify.junit')).toMatch(/^<\?xml [^]*<failure type="BREACH"/);
      expect(await file('verify.text')).toContain('BREACH PG-P01');
      expect(report.parse(JSON.parse(await file('verify.json'))).exitCode).toBe(2);
    });

    it('proves one app alone', async () => {
      const wiki = parsed(await cli('verify', '--json', '--app', 'wiki'));
      expect(new Set(wiki.cells.flatMap(({ from, to }) => [from === 'wiki' || to === 'wiki']))).toEqual(new Set([true]));
      expect((await cli('verify', '--app', 'nobody')).code).toBe(1);
    });

    it('sends nothing without consent', async () => {
      const text = await cli('verify', '--fix', '--no-input');
      expect(text).toMatchObject({ code: 7, stderr: expect.stringContaining('Pass --yes') as unknown });
      expect(text.stdout).toMatch(
        /cotenant will perform these actions:\n[^]*REVOKE [^]*Not fixed: consent is missing\. Nothing was changed\./,
      );
      const json = await cli('verify', '--fix', '--json');
      expect(json.code).toBe(7);
      expect(parsed(json)).toMatchObject({ exitCode: 7, fix: { ending: 'refused', steps: [] } });
      expect(await closed()).toBe(false);
    });

    it('shows what would be sent, and sends nothing', async () => {
      const dry = await cli('verify', '--fix', '--dry-run', '--no-input');
      expect(dry).toMatchObject({
        code: 2,
        stdout: expect.stringMatching(/Would run: [^]*REVOKE [^]*Dry run: \d+ fix(?:es)? would be sent/) as unknown,
      });
      expect((await cli('verify')).code).toBe(2);
    });

    it('closes it on request, and proves again', async () => {
      const result = await cli('verify', '--fix', '--yes', '--json');
      expect(parsed(result)).toMatchObject({ exitCode: 0, findings: [], fix: { ending: 'done' } });
      expect(result.code).toBe(0);
      expect(await closed()).toBe(true);
      await open();
      const text = await cli('verify', '--fix', '--yes');
      expect(text.code).toBe(0);
      expect(text.stdout).toMatch(/^main \(row: [^]*BREACH[^]*\n\d+ fix(es)? sent\. Proving again\.\n\nmain \(row: [^]*\nClean: /);
    });
  });

  describe('where the operator does not come in', () => {
    it('exit code 5: nobody answers', async () => {
      const result = await runCli(['verify', '--json', '--deadline', '2s'], { cwd: folder.path, env: { ...env, PGPORT: '1' } });
      expect(result.code).toBe(5);
      expect(parsed(result)).toMatchObject({ exitCode: 5, unreached: ['main'], findings: [{ probe: 'CT3001', verdict: 'UNPROVEN' }] });
    });

    it('exit code 4: the server refuses the operator', async () => {
      const result = await runCli(['verify'], { cwd: folder.path, env: { ...env, ADMIN_PASSWORD: 'wrong' } });
      expect(result).toMatchObject({ code: 4, stderr: expect.stringContaining('CT3002') as unknown });
      expect(result.stdout).toContain('Not reached: main.');
    });
  });
});

describe('a command line of verify that is wrong', () => {
  it.each([
    [['--watch', '--fix'], "'--watch [duration]' cannot be used with option '--fix'"],
    [['--output', 'text', '--format', 'sarif'], "'--format <format>' cannot be used with option '--output <format>'"],
    [['--seed', 'x'], 'Use a number from 0 to 4294967295.'],
    [['--watch=10ms'], 'The pause must be at least 1s.'],
    [['--watch', '--format', 'junit'], '--watch prints text or JSON.'],
    [['--format', 'xml'], 'Allowed choices are text, json, junit, sarif'],
  ])('%j', async (args, said) => {
    await using folder = await tempDir();
    const result = await runCli(['verify', ...args], { cwd: folder.path });
    expect(result).toMatchObject({ code: 64, stdout: '' });
    expect(result.stderr).toContain(said);
  });

  it.each(['--format', '--output'])('%s beside --json: an error in the document that was asked for', async (option) => {
    await using folder = await tempDir();
    const result = await runCli(['verify', '--json', option, 'sarif'], { cwd: folder.path });
    expect(result.code).toBe(64);
    expect(result.stderr).toContain(`'--json' cannot be used with option '${option} <format>'`);
    expect(JSON.parse(result.stdout)).toMatchObject({ exitCode: 64, diagnostics: [{ code: 'CT9005' }] });
  });

  it('prints nothing of a form that has no place for an error', async () => {
    await using folder = await tempDir();
    expect(await runCli(['verify', '--format', 'sarif'], { cwd: folder.path })).toMatchObject({ code: 1, stdout: '' });
    const json = await runCli(['verify', '--format', 'json'], { cwd: folder.path });
    expect(JSON.parse(json.stdout)).toMatchObject({ ending: 'failed', exitCode: 1 });
  });
});
