import { appendFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../test/support/temp-dir.ts';
import { readLog } from './log.ts';

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const out: string[] = [];
  for await (const line of lines) out.push(line);
  return out;
}

const still = { follow: false, filter: null, signal: new AbortController().signal };

describe('a log', () => {
  it('is read from its end, in whole lines', async () => {
    await using dir = await tempDir();
    const file = join(dir.path, 'log');
    await writeFile(file, 'one\ntwo\r\nthree\u2028still three\nhalf');
    expect(await all(readLog({ ...still, file, lines: 10 }))).toEqual(['one', 'two\r', 'three\u2028still three']);
    expect(await all(readLog({ ...still, file, lines: 1 }))).toEqual(['three\u2028still three']);
    expect(await all(readLog({ ...still, file, lines: 0 }))).toEqual([]);
    expect(await all(readLog({ ...still, file: join(dir.path, 'none'), lines: 10 }))).toEqual([]);
  });

  it('gives a line that begins nothing to whoever has the one before', async () => {
    await using dir = await tempDir();
    const file = join(dir.path, 'log');
    await writeFile(file, 'orphan\na: 1\n  more of a\nb: 2\n  more of b\na: 3\n');
    const filter = (line: string): boolean | null => (/^\w: /.test(line) ? line.startsWith('a') : null);
    expect(await all(readLog({ ...still, file, lines: 10, filter }))).toEqual(['a: 1', '  more of a', 'a: 3']);
  });

  it('is followed, over a half line and over a truncation, until the signal', async () => {
    await using dir = await tempDir();
    const file = join(dir.path, 'log');
    await writeFile(file, 'old\nfirst ');
    const stop = new AbortController();
    const heard: string[] = [];
    for await (const line of readLog({ file, lines: 1, follow: true, filter: null, signal: stop.signal })) {
      heard.push(line);
      if (line === 'old') await appendFile(file, 'half\n');
      if (line === 'first half') {
        await truncate(file);
        await appendFile(file, 'new\n');
      }
      if (line === 'new') stop.abort();
    }
    expect(heard).toEqual(['old', 'first half', 'new']);
  });
});
