import { appendFile, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../test/support/temp-dir.ts';
import type { Intent, Json } from '../model/index.ts';
import { lastTry, type JournaledRun, pastRuns, rotate } from './history.ts';
import { Journal, newRunId } from './journal.ts';

const intent: Intent = { verb: 'backup', app: 'shop', args: { to: ['here'] } };

async function journal(
  folder: string,
  more: { readonly run?: string; readonly project?: string; readonly of?: Intent } = {},
): Promise<Journal> {
  const { run = newRunId(), project = 'p', of = intent } = more;
  return await Journal.open(folder, { run, project, intent: of, resumes: null });
}

async function all(folder: string): Promise<readonly JournaledRun[]> {
  const runs: JournaledRun[] = [];
  for await (const run of pastRuns(folder)) runs.push(run);
  return runs;
}

async function tried(folder: string, ending: string | null, tokens: Readonly<Record<string, Json>>, of = intent): Promise<void> {
  await using one = await journal(folder, { of });
  for (const [step, token] of Object.entries(tokens)) await one.checkpoint(step, token);
  if (ending !== null) await one.end(ending);
}

describe('a journal', () => {
  it('is its owner’s alone, and every run has a file of its own whose names sort by time', async () => {
    await using dir = await tempDir();
    const folder = join(dir.path, 'runs');
    const ids = ['2026-01-02T03:04:05.006Z', '2026-01-02T03:04:05.007Z', '2026-11-02T03:04:05.007Z'].map((at) => newRunId(new Date(at)));
    for (const run of ids) await (await journal(folder, { run })).end('done');
    expect((await all(folder)).map(({ head }) => head.run)).toEqual(ids.toReversed());
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  });

  it('has a checkpoint on disk when it says so, whatever becomes of the process', async () => {
    await using dir = await tempDir();
    await using one = await journal(dir.path);
    await one.checkpoint('s', { at: 3 });
    const [name = ''] = await readdir(dir.path);
    expect(await readFile(join(dir.path, name), 'utf8')).toContain('"token":{"at":3}');
  });

  it('does not take the place of another', async () => {
    await using dir = await tempDir();
    const run = newRunId();
    await (await journal(dir.path, { run })).end('done');
    await expect(journal(dir.path, { run })).rejects.toMatchObject({ diagnostics: [{ code: 'CT5201' }] });
  });

  it('is read past what a killed process left half, and past what is no journal', async () => {
    await using dir = await tempDir();
    await tried(dir.path, null, { s: 1 });
    const [name = ''] = await readdir(dir.path);
    await appendFile(join(dir.path, name), '{"type":"end","at":"2026');
    await writeFile(join(dir.path, '9-other.ndjson'), 'no json\n{"type":"begin","format":99}\n');
    const runs = await all(dir.path);
    expect(runs).toHaveLength(1);
    expect([...(runs[0]?.checkpoints ?? [])]).toEqual([['s', 1]]);
  });
});

describe('the last try of an intent', () => {
  it('is the newest of the same verb, app, arguments and project, where that did not end', async () => {
    await using dir = await tempDir();
    await tried(dir.path, 'interrupted', { s: 1 });
    expect([...((await lastTry(dir.path, 'p', intent))?.checkpoints ?? [])]).toEqual([['s', 1]]);
    expect(await lastTry(dir.path, 'other', intent)).toBeNull();
    expect(await lastTry(dir.path, 'p', { ...intent, args: { to: ['there'] } })).toBeNull();
    expect(await lastTry(dir.path, 'p', { ...intent, app: 'blog' })).toBeNull();
    await tried(dir.path, 'done', {});
    expect(await lastTry(dir.path, 'p', intent)).toBeNull();
  });

  it('is nobody’s who is still at work', async () => {
    await using dir = await tempDir();
    await tried(dir.path, null, { s: 1 });
    expect((await all(dir.path))[0]?.ending).toBe('running');
    expect(await lastTry(dir.path, 'p', intent)).toBeNull();
  });
});

describe('what is kept', () => {
  it('is bounded by number, age and size, and the newest stays', async () => {
    await using dir = await tempDir();
    const ids = Array.from({ length: 5 }, (_, at) => newRunId(new Date(2026, 1, at + 1)));
    for (const run of ids) await (await journal(dir.path, { run })).end('done');
    const kept = async (): Promise<number> => (await readdir(dir.path)).length;
    await rotate(dir.path, { runs: 4, days: 1000, bytes: 1e9 });
    expect(await kept()).toBe(4);
    await utimes(join(dir.path, `${ids[1] ?? ''}.ndjson`), 0, 0);
    await rotate(dir.path, { runs: 4, days: 1000, bytes: 1e9 });
    expect(await kept()).toBe(3);
    await rotate(dir.path, { runs: 4, days: 1000, bytes: 1 });
    expect((await readdir(dir.path)).map((name) => name.slice(0, -7))).toEqual([ids[4]]);
  });
});
