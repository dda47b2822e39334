import { chmod, cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execFile } from '../support/children.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wrongDirections } from '../arch/direction.ts';
import { readModules } from '../arch/modules.ts';
import { z } from 'zod';
import { engineIds } from '../../src/engines/index.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { harnesses } from '../support/harnesses.ts';
import { nodePath } from '../support/cli.ts';
import { checkout } from '../support/places.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

/** The chapter's code, by the path in its first line. */
async function blocks(): Promise<ReadonlyMap<string, string>> {
  const page = await readFile(join(checkout, 'CONTRIBUTING.md'), 'utf8');
  return new Map([...page.matchAll(/^```ts\n\/\/ (\S+)\n([^]*?)^```$/gm)].map(([, path = '', code = '']) => [path, code]));
}

const manifest = (path: string, more = ''): string => `cotenant: 1
project: chapter
instances:
  files: { engine: folder, path: ${path} }
apps:
  shop: { uses: { files: {} } }
${more}`;
/** First words of the lines. */
const namesIn = (text: string): string[] => text.split('\n').flatMap((line) => /^[\w-]+/.exec(line) ?? []);

const blog = '  blog: { uses: { files: { mode: "750" } } }\n';

describe('the chapter on adding an engine', () => {
  let dir: TempDir;
  let store: string;

  const run = async (...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    const options = {
      cwd: join(dir.path, 'project'),
      env: { PATH: process.env['PATH'] ?? '', HOME: dir.path, NODE_NO_WARNINGS: '1', NODE_COMPILE_CACHE: join(dir.path, 'compiled') },
    };
    return await execFile(nodePath(), [join(dir.path, 'src/cli/main.ts'), ...args], options).then(
      (result) => ({ code: 0, ...result }),
      (error: unknown) => error as { code: number; stdout: string; stderr: string },
    );
  };
  const git = async (...args: readonly string[]): Promise<string> =>
    (await execFile('git', args, { cwd: dir.path, timeout: 60_000 })).stdout;
  const write = async (text: string): Promise<void> => await writeFile(join(dir.path, 'project/cotenant.yaml'), text);

  beforeAll(async () => {
    dir = await tempDir();
    const isPart = (path: string): boolean => !/\.test\.ts$|harness\.ts$/.test(path);
    await cp(join(checkout, 'src'), join(dir.path, 'src'), { recursive: true, filter: isPart });
    await symlink(join(checkout, 'node_modules'), join(dir.path, 'node_modules'));
    await cp(join(checkout, 'package.json'), join(dir.path, 'package.json'));
    const include = ['src/engines/folder', 'src/engines/index.ts', 'src/cli/main.ts'];
    await writeFile(join(dir.path, 'tsconfig.json'), JSON.stringify({ extends: join(checkout, 'tsconfig.json'), include }));
    await git('init', '-q');
    await git('add', 'src');
    const code = await blocks();
    for (const [path, text] of code) {
      if (path === 'src/engines/index.ts') continue;
      await mkdir(dirname(join(dir.path, path)), { recursive: true });
      await writeFile(join(dir.path, path), text);
    }
    const registry = join(dir.path, 'src/engines/index.ts');
    const before = await readFile(registry, 'utf8');
    await writeFile(registry, before.replace(/^\} as const satisfies/m, `${code.get('src/engines/index.ts')}} as const satisfies`));
    store = join(dir.path, 'store');
    await mkdir(store);
    await mkdir(join(dir.path, 'project'));
    await write(manifest(store, blog));
  });
  afterAll(async () => await dir[Symbol.asyncDispose]());

  it('has every file of the engine, and the line', async () => {
    expect((await readdir(join(dir.path, 'src/engines/folder'))).sort()).toEqual(
      ['config.ts', 'index.ts', 'session.ts', 'steps.ts', 'store.ts', 'verify.ts'].sort(),
    );
    expect(await readFile(join(dir.path, 'src/engines/index.ts'), 'utf8')).toContain("import('./folder/index.ts')");
  });

  it('touches nothing besides its folder, and one line of the registry', async () => {
    const folder = (await readdir(join(dir.path, 'src/engines/folder'))).map((name) => `src/engines/folder/${name}`);
    expect((await git('ls-files', '--others', 'src')).trim().split('\n').sort()).toEqual(folder.sort());
    expect(await git('diff', '--numstat')).toBe('1\t0\tsrc/engines/index.ts\n');
  });

  it('leaves CI and the scripts as they are: they name no engine', async () => {
    const scripts = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')));
    const texts = [await readFile(join(checkout, '.ci/run'), 'utf8'), ...Object.values(scripts.scripts)];
    const named = new RegExp(engineIds.join('|'), 'i');
    expect(texts.filter((text) => named.test(text))).toEqual([]);
  });

  it('has its harness in the list of those, and says which packages bring its servers', async () => {
    const listed = await readFile(join(checkout, 'test/support/harnesses.ts'), 'utf8');
    for (const id of engineIds) {
      expect(listed).toContain(`'../engines/${id}/harness.ts'`);
      const servers = namesIn(await readFile(join(checkout, 'test/engines', id, 'servers'), 'utf8'));
      const pinned = namesIn(await readFile(join(checkout, 'test/engines', id, 'servers.lock'), 'utf8'));
      expect([...new Set(pinned)].sort()).toEqual(servers.sort());
      const known = harnesses.flatMap((roster) => roster(localMachine(), { cache: '/nowhere', env: {} })).map(({ name }) => name);
      expect(servers.filter((name) => !known.includes(name))).toEqual([]);
    }
  });

  it('type-checks at the strictest, and imports what an engine may', { timeout: 400_000 }, async () => {
    const tsc = join(checkout, 'node_modules/.bin/tsc');
    const { stdout } = await execFile(tsc, ['-p', dir.path, '--noEmit']).catch((error: unknown) => error as { stdout: string });
    expect(stdout).toBe('');
    expect(wrongDirections(await readModules(dir.path, ['src']))).toEqual([]);
  });

  it('applies, and has nothing left to do', async () => {
    expect(await run('plan', '--detailed-exitcode')).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('  + shop  folder shop on files  2 steps\n') as unknown,
    });
    expect(await run('apply', '--yes')).toMatchObject({ code: 0 });
    expect(await run('plan', '--detailed-exitcode')).toMatchObject({ code: 0, stdout: expect.stringContaining('No changes.') as unknown });
    expect((await run('status')).stdout).toMatch(/\nshop +folder\/files +folder +shop .* ready\n/);
    expect((await run('env', 'shop', '--reveal')).stdout).toMatch(/^FOLDER_PATH=.*\/store\/shop\nFOLDER_KEY=.+\n$/);
  });

  it('proves its walls, and notices a broken one as drift and as a breach', async () => {
    expect(await run('verify', '--exhaustive')).toMatchObject({ code: 0, stdout: expect.stringContaining('Clean: ') as unknown });
    await chmod(join(store, 'shop'), 0o707);
    expect((await run('plan')).stdout).toMatch(/! folder\/files +folder "shop"[^]*mode: 707 → 700/);
    const broken = await run('verify', '--json');
    expect([broken.code, JSON.parse(broken.stdout)]).toMatchObject([
      2,
      { findings: [{ verdict: 'BREACH', half: 'both', from: 'blog', to: 'shop' }] },
    ]);
    expect(await run('verify', '--fix', '--yes')).toMatchObject({ code: 0 });
    expect(await run('plan', '--detailed-exitcode')).toMatchObject({ code: 0 });
  });

  it('retires an app, and removes it only when its name is repeated', async () => {
    await write(manifest(store));
    expect(await run('apply', '--yes')).toMatchObject({ code: 0 });
    expect(await readdir(store)).toEqual([expect.stringMatching(/^blog__gone_/), 'shop']);
    expect(await run('plan', '--detailed-exitcode')).toMatchObject({ code: 0 });
    await write(manifest(store, 'removal: delete\n'));
    expect(await run('apply', '--yes')).toMatchObject({ code: 7, stderr: expect.stringContaining('--confirm=blog') as unknown });
    expect(await run('apply', '--confirm=blog')).toMatchObject({ code: 0 });
    expect(await readdir(store)).toEqual(['shop']);
  });

  it('shows its fields to editors', async () => {
    expect((await run('schema')).stdout).toContain('The folder in which every app gets one.');
  });
});
