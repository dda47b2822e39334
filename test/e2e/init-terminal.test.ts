import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { tempDir } from '../support/temp-dir.ts';
import { type Typed, typing as typingAt } from '../support/typing.ts';

const typing = async (cwd: string, typed: readonly string[], ...args: readonly string[]): Promise<Typed> =>
  await typingAt(cwd, typed, ['init', ...args]);

describe('init at a terminal', () => {
  it('asks for what no option says, and takes what stands in brackets for an empty answer', async () => {
    await using folder = await tempDir();
    const { code, shown } = await typing(folder.path, [
      'digi',
      'postgres, redis',
      '',
      'rediss://boss@cache.example.com:6379',
      'BOSS',
      'shop, blog',
    ]);
    expect(shown).toContain('Wrote cotenant.yaml with shop, blog. Next: edit it, then cotenant up');
    expect(code).toBe(0);
    expect(parse(await readFile(join(folder.path, 'cotenant.yaml'), 'utf8'))).toEqual({
      cotenant: 1,
      project: 'digi',
      instances: {
        main: { engine: 'postgres' },
        cache: { engine: 'redis', url: 'rediss://boss@cache.example.com:6379', password: { env: 'BOSS' } },
      },
      apps: { shop: { uses: { main: {}, cache: {} } }, blog: { uses: { main: {}, cache: {} } } },
    });
  });

  it('shows what it found, and takes it', async () => {
    await using folder = await tempDir();
    await writeFile(join(folder.path, '.env'), 'DATABASE_URL=postgres://shop:pa55word@127.0.0.1/shop\n');
    const { code, shown } = await typing(folder.path, ['', '', '']);
    expect(shown).toContain('Found PostgreSQL (.env). Use it? y or n [y]');
    expect(code).toBe(0);
    expect(shown).toContain('with shop. Next: edit it, then cotenant plan');
  });

  it.each([
    [[], 7],
    [['digi', 'postgres'], 7],
    [['\u0003'], 130],
  ])('writes nothing where the answers end: %j', async (typed, code) => {
    await using folder = await tempDir();
    expect((await typing(folder.path, typed)).code).toBe(code);
    await expect(readFile(join(folder.path, 'cotenant.yaml'))).rejects.toThrow('ENOENT');
  });

  it('asks nothing with --no-input', async () => {
    await using folder = await tempDir();
    expect((await typing(folder.path, [], '--no-input')).code).toBe(0);
  });
});
