import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { planDocument } from '../../src/report/documents/plan.ts';
import { verifyDocument } from '../../src/report/documents/verify.ts';
import { type CliResult, runCli } from '../support/cli.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const manifest = `cotenant: 1
project: some
instances:
  main:
    engine: postgres
    url: postgres://postgres@\${PGHOST}:\${PGPORT}/postgres
    password: { env: ADMIN_PASSWORD }
apps:
  shop: { uses: { main: { connections: 2 } } }
  blog: { uses: { main: { connections: 2 } } }
  wiki: { uses: { main: { connections: 2 } } }
`;

describeEachPostgres('--app with several apps', { versions: 'newest' }, (server) => {
  let folder: TempDir;
  let env: Record<string, string>;
  const cli = (...args: readonly string[]): Promise<CliResult> => runCli(args, { cwd: folder.path, env });

  beforeAll(async () => {
    folder = await tempDir();
    env = { PGHOST: server().host, PGPORT: String(server().port), ADMIN_PASSWORD: server().password };
    await writeFile(join(folder.path, 'cotenant.yaml'), manifest);
  });
  afterAll(async () => await folder[Symbol.asyncDispose]());

  const appsOf = ({ stdout }: CliResult): readonly string[] => {
    const { steps } = planDocument.parse(JSON.parse(stdout));
    return [...new Set(steps.flatMap(({ app }) => (app === null ? [] : [app])))].toSorted();
  };

  it('plans for all of them, however they are written, and for nobody else', async () => {
    const forms = [['--app', 'shop', '--app', 'blog'], ['--app', 'shop,blog'], ['--app=shop, blog'], ['--app', 'blog', '--app=shop,blog']];
    for (const form of forms) expect([form, appsOf(await cli('plan', '--json', ...form))]).toEqual([form, ['blog', 'shop']]);
    expect(await cli('plan', '--app', 'shop,,blog')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('A name is empty') as unknown,
    });
  });

  it('says of each name that there is none, and which was meant', async () => {
    const { code, stderr } = await cli('plan', '--app', 'shpo,blog,wikki');
    expect(code).toBe(1);
    expect(stderr).toMatch(/no app "shpo"[^]*Did you mean "shop"\?[^]*no app "wikki"[^]*Did you mean "wiki"\?/);
    for (const args of [['apply', '--yes'], ['verify']])
      expect(await cli(...args, '--app', 'shop', '--app', 'blgo')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('"blog"?') as unknown,
      });
  });

  it('applies a plan that was saved for them, and leaves the rest', async () => {
    expect((await cli('plan', '--app', 'shop,blog', '--out', 'p.json')).code).toBe(0);
    expect((await cli('apply', 'p.json', '--yes')).stderr).not.toContain('wiki');
    expect((await cli('plan', '--app', 'shop,blog')).stdout).toBe(
      'No changes for apps "shop", "blog". The servers match the manifest there.\n',
    );
    expect(appsOf(await cli('plan', '--json'))).toEqual(['wiki']);
    const past = await cli('history');
    expect(past.stdout).toMatch(/apply +shop, blog/);
    expect((await cli('history', 'blog')).stdout).toContain('apply');
    expect((await cli('history', 'wiki')).stdout).not.toContain('apply');
    expect(await cli('history', 'wkii')).toMatchObject({ code: 1, stderr: expect.stringContaining('Did you mean "wiki"?') as unknown });
  });

  it('applies and proves them', async () => {
    expect((await cli('apply', '--yes')).code).toBe(0);
    const { cells, scope } = verifyDocument.parse(JSON.parse((await cli('verify', '--json', '--app', 'shop,blog')).stdout));
    expect(scope.apps).toEqual(['shop', 'blog']);
    expect(cells.map(({ from, to }) => `${String(from)} ${String(to)}`).toSorted()).toEqual(
      ['shop blog', 'shop wiki', 'blog shop', 'blog wiki', 'wiki shop', 'wiki blog'].toSorted(),
    );
    expect((await cli('verify', '--app', 'shop', '--app', 'wiki')).stdout).toContain('Clean for apps "shop", "wiki"');
  });
});
