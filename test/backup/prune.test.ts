import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { pruningOf } from '../../src/app/backup/prune.ts';
import { openProject } from '../../src/app/project.ts';
import type { Project } from '../../src/app/types.ts';
import { Repository } from '../../src/backup/repository.ts';
import { findRestic } from '../engines/postgres/harness.ts';
import { spawnSync } from '../support/children.ts';
import { runCli } from '../support/cli.ts';
import { cache } from '../support/places.ts';

const folder = findRestic(cache)?.folder ?? '/nowhere';
const never = new AbortController().signal;

/** A day at noon, in January 2026. */
const day = (n: number): string => `2026-01-${String(n).padStart(2, '0')} 12:00:00`;

describe.skipIf(!existsSync(join(folder, 'restic')))('old backups, with restic', () => {
  let path: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'cotenant-prune-'));
    env = { PATH: `${folder}:/usr/bin:/bin`, HOME: path, RESTIC_PASSWORD: 'word', TZ: 'UTC' };
    return async () => await rm(path, { recursive: true, force: true });
  });

  const manifest = async (keep: string): Promise<Project> => {
    const file = join(path, 'cotenant.yaml');
    await writeFile(
      file,
      `cotenant: 1\nproject: saved\ninstances: { main: { engine: postgres } }\napps: { shop: { uses: { main: {} } } }\nbackup: { repository: ./backups${keep} }\n`,
    );
    return await openProject({ cwd: path, env });
  };
  const restic = (...args: readonly string[]): string => {
    const done = spawnSync(join(folder, 'restic'), ['-r', join(path, 'backups'), ...args], { env, cwd: path, encoding: 'utf8' });
    expect(done.stderr).not.toContain('Fatal');
    return done.stdout;
  };
  const kept = (app: string, at: string, ...more: readonly string[]): void => {
    const tags = [`app=${app}`, `run=${app}-${at.slice(8, 10)}`, ...more].flatMap((tag) => ['--tag', tag]);
    restic('backup', '--host', 'cotenant', '--time', at, '--tag', 'cotenant', ...tags, 'cotenant.yaml');
  };
  const inProject = ['project=saved'];

  const filled = async (keep: string): Promise<Project> => {
    const project = await manifest(keep);
    await (await Repository.open({ at: join(path, 'backups'), password: 'word', env: {}, programs: [folder] })).init(never);
    for (const n of [1, 2, 3, 4]) kept('shop', day(n), ...inProject, ...(n === 1 ? ['proved=2026-01-01T13:00:00.000Z'] : []));
    kept('gone', day(1), ...inProject);
    // Of others, as old.
    kept('shop', day(1), 'project=other');
    restic('backup', '--tag', 'by-hand', '--time', day(1), 'cotenant.yaml');
    return project;
  };

  test('go by the rule, and the newest and the newest proved one of each app stay', async () => {
    const pruning = await pruningOf(await filled(', keep: { daily: 2 }'));
    expect(pruning.gone.map(({ run }) => run)).toEqual(['shop-02']);
    expect(pruning.kept.map(({ run }) => run).sort()).toEqual(['gone-01', 'shop-01', 'shop-03', 'shop-04']);
    expect(restic('snapshots', '--json').match(/"short_id"/gu)).toHaveLength(7);
    await pruning.remove();
    const left = restic('snapshots', '--json');
    expect(left.match(/"short_id"/gu)).toHaveLength(6);
    expect(left).not.toContain('run=shop-02');
    expect((await pruningOf(await manifest(', keep: { daily: 2 }'))).gone).toEqual([]);
    restic('check', '--read-data');
  });

  test('one that was proved since it was shown stays', async () => {
    const pruning = await pruningOf(await filled(', keep: { last: 1 }'));
    expect(pruning.gone.map(({ run }) => run)).toEqual(['shop-03', 'shop-02']);
    restic('tag', '--add', 'proved=2026-01-09T00:00:00.000Z', '--tag', 'run=shop-03');
    await pruning.remove().catch(() => undefined);
    expect(restic('snapshots', '--json')).toContain('run=shop-03');
  });

  test('stay where the manifest has no rule, or nobody agrees', async () => {
    await expect(pruningOf(await filled(''))).rejects.toMatchObject({ diagnostics: [{ code: 'CT4330' }] });
    await manifest(', keep: { last: 1 }');
    const asked = await runCli(['backup', 'prune'], { cwd: path, env });
    expect(asked).toMatchObject({ code: 7 });
    expect(asked.stderr).toContain('CT4003');
    expect(restic('snapshots', '--json').match(/"short_id"/gu)).toHaveLength(7);
    const shown = await runCli(['backup', 'prune', '--dry-run', '--json'], { cwd: path, env });
    expect(JSON.parse(shown.stdout)).toMatchObject({ removed: false, gone: [{ run: 'shop-03' }, { run: 'shop-02' }] });
    expect((await runCli(['backup', 'prune', '--yes'], { cwd: path, env })).code).toBe(0);
    expect(restic('snapshots', '--json').match(/"short_id"/gu)).toHaveLength(5);
  });

  test('of one app go by its name alone: proved ones too, and nobody else’s', async () => {
    await filled('');
    const shown = await runCli(['backup', 'forget-app', 'shop', '--dry-run', '--json'], { cwd: path, env });
    expect(JSON.parse(shown.stdout)).toMatchObject({ removed: false, gone: [4, 3, 2, 1].map((n) => ({ app: 'shop', run: `shop-0${n}` })) });
    for (const more of [[], ['--confirm', 'gone']]) {
      const refused = await runCli(['backup', 'forget-app', 'shop', ...more], { cwd: path, env });
      expect(refused).toMatchObject({ code: 7 });
      expect(refused.stderr).toMatch(/CT4004.*All 4 backups of "shop", the newest from 2026-01-04T/);
    }
    expect((await runCli(['backup', 'forget-app', 'shop', '--yes', '--confirm', 'shop'], { cwd: path, env })).code).toBe(64);
    expect(restic('snapshots', '--json').match(/"short_id"/gu)).toHaveLength(7);
    expect(await runCli(['backup', 'forget-app', 'shop', '--confirm', 'shop'], { cwd: path, env })).toMatchObject({ code: 0, stderr: '' });
    const left = restic('snapshots', '--json');
    expect(left.match(/"short_id"/gu)).toHaveLength(3);
    for (const one of ['run=gone-01', 'project=other', 'by-hand']) expect(left).toContain(one);
    restic('check', '--read-data');
    const again = await runCli(['backup', 'forget-app', 'shop', '--confirm', 'shop'], { cwd: path, env });
    expect(again).toMatchObject({ code: 1 });
    expect(again.stderr).toMatch(/CT4314.*there is no backup of "shop"/);
  });

  test.each([
    ', keep: { dayly: 1 }',
    ', keep: {}',
    ', keep: { daily: 0 }',
    ', timezone: Europe/Atlantis',
    ', schedule: nightly',
    ', schedule: "0 25 * * *"',
    ', drill: yearly',
  ])('wrong words: %s', async (keep) => {
    await expect(manifest(keep)).rejects.toThrow(/CT10/);
  });
});
