import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { execFileSync, spawnSync } from '../support/children.ts';
import { nodePath } from '../support/cli.ts';
import { ownServers } from '../support/own-servers.ts';
import { node22 } from '../support/node-22.ts';
import { checkout } from '../support/places.ts';
import { tempDir } from '../support/temp-dir.ts';

const main = join(checkout, 'dist/cli/main.js');
const manifest = `cotenant: 1
project: lts
instances:
  main: { engine: postgres }
apps:
  shop: { uses: { main: {} } }
  blog: { uses: { main: { isolation: schema, database: content } } }
`;

describe.skipIf(node22 === null)('the built package on Node 22 LTS', { timeout: 400_000 }, () => {
  let node = '';
  beforeAll(async () => {
    execFileSync(nodePath(), ['scripts/build.ts', '--if-stale'], { cwd: checkout });
    node = (await node22?.()) ?? '';
  }, 400_000);

  it('is what package.json promises', async () => {
    const { engines } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as { engines: { node: string } };
    expect(engines.node).toBe('>=22.13');
    expect(await readFile(join(checkout, 'src/cli/main.ts'), 'utf8')).toContain('minimumNode = [22, 13]');
  });

  it('does the main job: up, plan, apply, verify, env, status, down', async () => {
    await using place = await ownServers(manifest);
    const env = { ...place.env, PATH: process.env['PATH'] ?? '', HOME: place.folder };
    const cli = (...args: readonly string[]) => spawnSync(node, [main, ...args], { cwd: place.folder, env, encoding: 'utf8' });
    const runs: readonly (readonly [args: readonly string[], said: RegExp])[] = [
      [['up'], /main +started/],
      [['apply', '--yes'], /Apply complete/],
      [['plan', '--detailed-exitcode'], /No changes/],
      [['verify'], /Clean: no way/],
      [['env', 'shop', '--reveal'], /^DATABASE_URL=/],
      [['status'], /2 apps, 0 pending, 0 drift/],
      [['history'], /apply/],
      [['down', '--volumes', '--confirm', 'main'], /data deleted/],
    ];
    for (const [args, said] of runs) {
      const { status, stdout, stderr } = cli(...args);
      expect([args, status, stderr]).toEqual([args, 0, stderr]);
      expect(stdout).toMatch(said);
      expect(stderr).not.toMatch(/Warning|at .*\.js:\d+/);
    }
  });

  it('is a library there too', async () => {
    await using folder = await tempDir();
    await writeFile(join(folder.path, 'cotenant.yaml'), manifest);
    const script = `import { openProject } from ${JSON.stringify(join(checkout, 'dist/index.js'))};
      const project = await openProject({ cwd: process.cwd(), env: {} });
      console.log(process.versions.node.split('.')[0], project.manifest.apps.map(({ name }) => name).join());`;
    const { stdout } = spawnSync(node, ['--input-type=module', '-e', script], { cwd: folder.path, encoding: 'utf8' });
    expect(stdout).toBe('22 shop,blog\n');
  });
});
