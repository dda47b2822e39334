import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ownServers, runs } from '../support/own-servers.ts';
import { manifest, up } from './own-server-steps.ts';

/** The instance has another name: the server of the former one is nobody's. */
const renamed = manifest.replaceAll('main', 'other');

describe('a server whose instance the manifest has no longer', () => {
  it('is seen by status, logs and down, and goes by its name or with --remove-orphans', async () => {
    await using place = await ownServers(manifest);
    await up(place);
    const before = await place.supervisor('main');
    await place.write(renamed);
    const status = await place.cli('status');
    expect(status.stderr).toMatch(/CT6028.*"main" runs at 127\.0\.0\.1:\d+/);
    const json = await place.cli('status', '--json');
    expect((JSON.parse(json.stdout) as { diagnostics: { code: string }[] }).diagnostics.map(({ code }) => code)).toContain('CT6028');
    expect((await place.cli('logs', 'main')).stdout).toContain('database system is ready');
    const down = await place.cli('down');
    expect(down).toMatchObject({ code: 0, stderr: expect.stringMatching(/CT6028[^]*--remove-orphans/) as unknown });
    expect(runs(before?.pid ?? 0)).toBe(true);
    expect(await place.cli('down', 'main')).toMatchObject({ code: 0, stdout: 'main: stopped\n' });
    expect(runs(before?.pid ?? 0)).toBe(false);
    expect((await place.cli('status')).stderr).not.toContain('CT6028');

    await place.write(manifest);
    await up(place);
    await place.write(renamed);
    expect((await place.cli('down', '--remove-orphans')).stdout).toContain('main: stopped\n');
    expect((await place.cli('down', '--remove-orphans', '--volumes')).code).toBe(7);
    expect((await place.cli('down', '--remove-orphans', '--volumes', '--confirm', 'main')).stdout).toContain('data deleted');
    expect((await place.cli('down', 'main')).code).toBe(1);
  });

  it('ends with what watches it where .cotenant is removed, which no repository gets', async () => {
    await using place = await ownServers(manifest);
    await up(place);
    expect(await readFile(join(place.folder, '.cotenant/.gitignore'), 'utf8')).toBe('*\n');
    const before = await place.supervisor('main');
    const pids = [before?.pid ?? 0, before?.server?.pid ?? 0];
    expect(pids.every(runs)).toBe(true);
    await rm(join(place.folder, '.cotenant'), { recursive: true, force: true });
    await vi.waitUntil(() => !pids.some(runs), { timeout: 60_000 });
  });
});
