import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeEachPostgres } from '../support/engines.ts';
import { ownServers } from '../support/own-servers.ts';
import { changeMark, query } from '../support/query.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { tempDir } from '../support/temp-dir.ts';
import { type Typed, typing } from '../support/typing.ts';
import { manifest as local, up } from './own-server-steps.ts';

/** What is typed at a question that wants a word, and how the command ends by it. */
const answers = [
  { typed: ['a wrong word'], code: 7, said: /Nothing was (?:changed|written)|nothing was changed/ },
  { typed: [''], code: 7, said: /Nothing was (?:changed|written)|nothing was changed/ },
  { typed: [], code: 7, said: /Nothing was (?:changed|written)|nothing was changed/ },
  { typed: ['\u0003'], code: 130, said: /Interrupted\.$/m },
] as const;

function isRight({ code, shown }: Typed, answer: (typeof answers)[number]): void {
  expect([answer.typed, code]).toEqual([answer.typed, answer.code]);
  expect(shown).toMatch(answer.said);
  // One is enough where nothing is under way.
  expect(shown).not.toContain('Press Ctrl-C again');
}

const manifest = (port: number, apps: string): string => `cotenant: 1
project: asked
instances:
  main: { engine: postgres, url: "postgres://postgres@127.0.0.1:${port}/postgres", password: { env: ADMIN } }
apps: { ${apps} }
`;

describeEachPostgres('every question on a real server', { versions: 'newest' }, (server) => {
  let project: TestProject;
  const env = (): Record<string, string> => ({ ADMIN: server().password });
  beforeAll(async () => {
    project = await testProject(manifest(server().port, 'shop: { uses: { main: {} } }, blog: { uses: { main: {} } }'), env());
    expect((await project.apply()).ending).toBe('done');
    await project.write(manifest(server().port, 'shop: { uses: { main: {} } }'));
  });
  afterAll(async () => await project[Symbol.asyncDispose]());

  it.each(answers)('apply: $typed', async (answer) => {
    const mark = await changeMark(server().url);
    isRight(await typing(project.path, answer.typed, ['apply'], env()), answer);
    expect(await changeMark(server().url)).toBe(mark);
  });

  it('a no at the first of several ends it: nothing more is asked', async () => {
    await project.write(`${manifest(server().port, 'shop: { uses: { main: {} } }')}removal: delete\n`);
    const mark = await changeMark(server().url);
    const { code, shown } = await typing(project.path, ['no', 'y'], ['apply'], env());
    expect(code).toBe(7);
    expect(shown.match(/Type its name|Proceed/g)?.length ?? 0).toBeLessThan(2);
    expect(await changeMark(server().url)).toBe(mark);
    await project.write(manifest(server().port, 'shop: { uses: { main: {} } }'));
  });

  it('yes, and what it asks for, goes on', async () => {
    const { code, shown } = await typing(project.path, ['y'], ['apply'], env());
    expect([code, shown]).toEqual([0, expect.stringContaining('Apply complete') as unknown]);
  });

  it.each(answers)('verify --fix: $typed', async (answer) => {
    const acl = async (): Promise<unknown> => await query(server().url, "SELECT datacl FROM pg_database WHERE datname = 'shop'");
    await query(server().url, 'GRANT CONNECT ON DATABASE shop TO PUBLIC');
    const before = await acl();
    isRight(await typing(project.path, answer.typed, ['verify', '--fix'], env()), answer);
    expect(await acl()).toEqual(before);
  });
});

describe('every question without a server', () => {
  it.each(answers.slice(2))('init: $typed', async (answer) => {
    await using folder = await tempDir();
    isRight(await typing(folder.path, answer.typed, ['init']), answer);
    await expect(access(join(folder.path, 'cotenant.yaml'))).rejects.toThrow('ENOENT');
  });
});

describe('down --volumes', () => {
  it('deletes nothing without the very name, and says so', async () => {
    await using place = await ownServers(local);
    await up(place);
    const dry = await place.cli('down', '--volumes', '-n');
    expect(dry).toMatchObject({ code: 0, stdout: 'main: would be stopped, its data deleted\n' });
    expect((await place.cli('status')).code).toBe(0);
    await place.cli('down');
    const data = place.file('main', 'state.json');
    const env = { ...place.env, PATH: process.env['PATH'] ?? '', HOME: place.folder };
    for (const answer of answers) {
      const { shown, ...end } = await typing(place.folder, answer.typed, ['down', '--volumes'], env);
      isRight({ shown, ...end }, answer);
      expect(shown).toContain('All data of "main" (PostgreSQL; shop, blog) will be deleted');
      await access(data);
    }
    const refused = await place.cli('down', '--volumes', '--json', '--no-input');
    expect(refused).toMatchObject({ code: 7, stderr: expect.stringContaining('Pass --confirm=main') as unknown });
    expect(JSON.parse(refused.stdout)).toMatchObject({ ending: 'failed', exitCode: 7, diagnostics: [{ code: 'CT4004' }] });
    expect((await typing(place.folder, ['main'], ['down', '--volumes'], env)).shown).toContain('data deleted');
  });
});
