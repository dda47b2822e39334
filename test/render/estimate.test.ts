import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openProject } from '../../src/app/project.ts';
import { estimateProject } from '../../src/app/render/estimate.ts';
import type { Estimate } from '../../src/model/index.ts';
import { runCli } from '../support/cli.ts';
import { tempDir } from '../support/temp-dir.ts';
import { everyEngine } from './kit.ts';

const MIB = 1024 ** 2;
const usual = { size: 'recommended', ownSize: 'minimum', appMemory: 32 * MIB, price: null } as const;

async function estimated(more: Partial<Parameters<typeof estimateProject>[1]> = {}): Promise<Estimate> {
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'cotenant.yaml'), everyEngine);
  return await estimateProject(await openProject({ cwd: folder.path, env: {} }), { ...usual, ...more });
}

test('counts a server once for all, and once for each app', async () => {
  const { rows, shared, isolated } = await estimated();
  expect(rows.map(({ instance, apps, connections }) => [instance, apps, connections])).toEqual([
    ['main', 2, 8],
    ['scheduler', 1, 6],
    ['cache', 1, null],
    ['graph', 1, null],
  ]);
  expect([shared.containers, isolated.containers, shared.backups, isolated.backups]).toEqual([4, 5, 1, 5]);
  expect(rows[0]).toMatchObject({ shared: { servers: 1, memory: 2112 * MIB }, isolated: { servers: 2, memory: 1088 * MIB } });
  expect(shared.price).toBe(null);
});

test('for more apps only what one app is alone on grows in servers, and money follows memory', async () => {
  const { rows, shared, isolated } = await estimated({ apps: 30, price: 4 });
  expect(rows.map((row) => [row.instance, row.apps, row.shared.servers, row.isolated.servers])).toEqual([
    ['main', 20, 1, 20],
    ['scheduler', 10, 1, 10],
    ['cache', 10, 1, 10],
    ['graph', 10, 10, 10],
  ]);
  expect(rows[0]?.connections).toBe(80);
  expect([shared.containers, isolated.containers]).toEqual([13, 50]);
  expect(shared.price).toBeCloseTo((shared.memory / 1024 ** 3) * 4);
  expect(isolated.price ?? 0).toBeGreaterThan(shared.price ?? 0);
});

test('every assumption is shown with the option that changes it, and a price that is none is refused', async () => {
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'cotenant.yaml'), everyEngine);
  const cli = async (...args: readonly string[]) => await runCli(['estimate', ...args], { cwd: folder.path });
  const { code, stdout } = await cli('--apps', '12', '--app-memory', '64', '--price', '3.50');
  expect(code).toBe(0);
  for (const said of [/12 apps:/, /--apps/, /64\.0 MiB +--app-memory/, /3\.5 +--price/, /price a month/, /minimum +--own-size/])
    expect(stdout).toMatch(said);
  expect(JSON.parse((await cli('--json')).stdout)).toMatchObject({ format: 1, apps: 3, shared: { containers: 4 } });
  expect(await cli('--price', 'much')).toMatchObject({ code: 64 });
});
