import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execFile } from '../support/children.ts';
import { describe, expect, it } from 'vitest';
import { operate } from '../../src/app/operate.ts';
import { journalFolder } from '../../src/app/run.ts';
import type { RunEvent } from '../../src/app/types.ts';
import { pastRuns, type JournaledRun } from '../../src/journal/history.ts';
import { nodePath } from '../support/cli.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { moduleUnderTest } from '../support/under-test.ts';
import { contentOf } from './folder-engine.ts';
import { folderProject, move } from './move.ts';

const FILES = 5;
const data = Object.fromEntries(Array.from({ length: FILES }, (_, at) => [`f${at}`, `text ${at} `.repeat(50_000)]));

async function world(): Promise<TempDir> {
  const dir = await tempDir();
  await mkdir(join(dir.path, 'old', 'shop'), { recursive: true });
  await mkdir(join(dir.path, 'new'));
  for (const [name, text] of Object.entries(data)) await writeFile(join(dir.path, 'old', 'shop', name), text);
  return dir;
}

async function told(events: AsyncIterable<RunEvent>): Promise<readonly RunEvent[]> {
  const all: RunEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function endingOf(events: readonly RunEvent[]): string {
  const last = events.at(-1);
  return last?.type === 'result' ? last.ending : '';
}

async function history(folder: string): Promise<readonly JournaledRun[]> {
  const runs: JournaledRun[] = [];
  for await (const run of pastRuns(journalFolder(await folderProject(folder)))) runs.push(run);
  return runs;
}

async function arrived(folder: string): Promise<void> {
  expect(await contentOf(join(folder, 'new'))).toEqual({ shop: data });
  expect(await contentOf(join(folder, 'old'))).toEqual({ shop__gone: data });
}

describe('an operation over two instances', () => {
  it('streams from one to the other, and tells each event once, in order', async () => {
    await using dir = await world();
    const events = await told(move(await folderProject(dir.path)));
    expect(endingOf(events)).toBe('done');
    await arrived(dir.path);
    expect(new Set(events.map(({ run }) => run)).size).toBe(1);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at));
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted());
    const progress = events.flatMap((event) => (event.type === 'progress' ? [[event.done, event.total, event.unit]] : []));
    expect(progress).toEqual(Array.from({ length: FILES }, (_, at) => [at + 1, FILES, 'items']));
    const order = events.flatMap((event) => (event.type === 'step' ? [event.result.step.id] : []));
    expect(order.slice(-2)).toEqual(['new/shop#publish', 'old/shop#retire']);
    expect(endingOf(await told(move(await folderProject(dir.path))))).toBe('nothing-to-do');
  });

  it.each(Array.from({ length: FILES }, (_, at) => at + 1))('goes on after a kill at checkpoint %i', async (at) => {
    await using dir = await world();
    const child = execFile(nodePath(), [moduleUnderTest('test/killed'), dir.path, String(at)]);
    await expect(child).rejects.toMatchObject({ signal: 'SIGKILL' });
    const [cut] = await history(dir.path);
    expect(cut).toMatchObject({ ending: 'cut-short', planned: 4 });
    // All may have been read by then; what was made of it was not.
    expect(cut?.steps.filter(({ id }) => id !== 'old/shop#export')).toEqual([]);
    expect([...(cut?.checkpoints ?? [])]).toEqual([['new/shop#import', at]]);
    expect(await contentOf(join(dir.path, 'old'))).toEqual({ shop: data });
    const there = (await readdir(join(dir.path, 'new', 'shop__coming'))).length;
    expect(there).toBe(at);
    expect(endingOf(await told(move(await folderProject(dir.path))))).toBe('done');
    await arrived(dir.path);
    const [last] = await history(dir.path);
    expect(last).toMatchObject({ ending: 'done', head: { resumes: cut?.head.run } });
    expect(last?.checkpoints.size).toBe(0);
  });

  it('loses nothing with the journal', async () => {
    await using dir = await world();
    await execFile(nodePath(), [moduleUnderTest('test/killed'), dir.path, '2']).catch(() => undefined);
    await rm(join(dir.path, '.cotenant', 'runs'), { recursive: true });
    expect(endingOf(await told(move(await folderProject(dir.path))))).toBe('done');
    await arrived(dir.path);
  });

  it('goes on where a journal cannot be written, and says so; what needs its checkpoints does not begin to lie', async () => {
    await using dir = await world();
    await mkdir(join(dir.path, '.cotenant'), { mode: 0o700 });
    await writeFile(join(dir.path, '.cotenant', 'runs'), 'a file where the folder should be');
    const events = await told(move(await folderProject(dir.path)));
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'diagnostic', diagnostic: expect.objectContaining({ code: 'CT5201' }) as unknown }),
    );
    expect(endingOf(events)).toBe('failed');
    expect(await contentOf(join(dir.path, 'old'))).toEqual({ shop: data });
  });

  it('stops when it is told to, and goes on later', async () => {
    await using dir = await world();
    const stop = new AbortController();
    const seen: RunEvent[] = [];
    for await (const event of move(await folderProject(dir.path, stop.signal))) {
      seen.push(event);
      if (event.type === 'progress' && event.done === 2) stop.abort(new Error('enough'));
    }
    expect(endingOf(seen)).toBe('interrupted');
    expect(await contentOf(join(dir.path, 'old'))).toEqual({ shop: data });
    expect((await history(dir.path))[0]).toMatchObject({ ending: 'interrupted' });
    expect(endingOf(await told(move(await folderProject(dir.path))))).toBe('done');
    await arrived(dir.path);
  });

  it('ends in the journal also where whoever listened has gone', async () => {
    await using dir = await world();
    for await (const event of move(await folderProject(dir.path))) if (event.type === 'start') break;
    expect((await history(dir.path))[0]).toMatchObject({ ending: 'interrupted' });
  });
});

describe('an operation of one engine', () => {
  it('is planned by every instance where the app lives', async () => {
    await using dir = await world();
    const options = { consent: async () => Promise.resolve(true) };
    const events = await told(operate(await folderProject(dir.path), { verb: 'count', app: 'shop', args: null }, options));
    expect(endingOf(events)).toBe('done');
    expect(events).toContainEqual(expect.objectContaining({ type: 'progress', done: FILES, total: null }));
  });

  it('is refused where no engine of the app knows it', async () => {
    await using dir = await world();
    const project = await folderProject(dir.path);
    const options = { consent: async () => Promise.resolve(true) };
    await expect(told(operate(project, { verb: 'dance', app: 'shop', args: null }, options))).rejects.toMatchObject({
      diagnostics: [{ code: 'CT4011' }],
    });
  });
});
