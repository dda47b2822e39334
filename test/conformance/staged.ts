import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { firstMoment, strideOn } from '../support/sample.ts';
import { killBefore } from '../support/secret-process.ts';
import type { Bench } from './bench.ts';
import { benchOf, isWhole, steps } from './frame.ts';
import { passwordOf } from './passwords.ts';
import type { Subject } from './subject.ts';

interface Version {
  readonly value: string;
  readonly madeAt: string;
  readonly derived?: string;
}

type Entry = Partial<Version> & { readonly project: string; readonly name: string; readonly next?: Version };

const store = (bench: Bench): string => join(bench.folder, '.cotenant/secrets.json');

async function entriesOf(bench: Bench): Promise<readonly Entry[]> {
  return (JSON.parse(await readFile(store(bench), 'utf8')) as { secrets: Entry[] }).secrets;
}

/** The store as a run leaves it that dies at some point. */
async function rewrite(bench: Bench, change: (entry: Version) => Partial<Version> & { next?: Version }): Promise<void> {
  const secrets = (await entriesOf(bench)).map(({ project, name, value = '', madeAt = '', derived }) => {
    const version = { value, madeAt, ...(derived === undefined ? {} : { derived }) };
    return { project, name, ...change(version) };
  });
  await writeFile(store(bench), JSON.stringify({ format: 1, secrets }), { mode: 0o600 });
}

const another = ({ madeAt, derived }: Version, value: string): Version => ({
  value: `${value}-password-that-nobody-has-00`,
  madeAt,
  // What Redis keeps there is no hash but the number of the database.
  ...(derived?.startsWith('database ') ? { derived } : {}),
});

/** A run that dies between a server and the store: a password waits there, and the server has it or has not. */
export function describeStaged(subject: Subject): void {
  if (!subject.alone) describeKilled(subject);
  describe('a password that is on its way to the server', () => {
    const bench = benchOf(subject);
    const had = new Map<string, string>();

    const now = async (app: string): Promise<string> => passwordOf(await bench().variables(app));

    it('is nobody’s before the server has it, and in use when it does', async () => {
      expect(await bench().apply()).toMatchObject({ ending: 'done' });
      expect((await entriesOf(bench())).filter(({ next }) => next)).toEqual([]);
      for (const app of bench().apps) had.set(app, await now(app));
      await isWhole(bench(), 'before');
    });

    it('is found on the server where nothing was in use before', async () => {
      await rewrite(bench(), (version) => ({ next: version }));
      expect((await bench().cli('env', 'one', '--reveal')).stderr).toContain('CT5007');
      expect(await steps(bench())).toEqual([]);
      const { ending } = await bench().apply();
      expect(ending).toBe('nothing-to-do');
      for (const app of bench().apps) expect(await now(app)).toBe(had.get(app));
      await isWhole(bench(), 'found');
    });

    it('is found on the server where another one was in use before', async () => {
      await rewrite(bench(), (version) => ({ ...another(version, 'old'), next: version }));
      for (const app of bench().apps) expect(await now(app)).not.toBe(had.get(app));
      expect(await steps(bench())).toEqual([]);
      expect(await bench().apply()).toMatchObject({ ending: 'nothing-to-do' });
      for (const app of bench().apps) expect(await now(app)).toBe(had.get(app));
      await isWhole(bench(), 'found beside');
    });

    it('goes where the server has the one before', async () => {
      await rewrite(bench(), (version) => ({ ...version, next: another(version, 'new') }));
      for (const app of bench().apps) expect(await now(app)).toBe(had.get(app));
      expect(await steps(bench())).toEqual([]);
      expect(await bench().apply()).toMatchObject({ ending: 'nothing-to-do' });
      expect((await entriesOf(bench())).filter(({ next }) => next)).toEqual([]);
      await isWhole(bench(), 'gone');
    });

    it('is what the server gets where it has neither', async () => {
      await rewrite(bench(), (version) => ({ ...another(version, 'old'), next: another(version, 'new') }));
      expect((await steps(bench())).length).toBeGreaterThan(0);
      expect(await bench().apply()).toMatchObject({ ending: 'done' });
      expect((await entriesOf(bench())).map(({ value, next }) => [value?.startsWith('new-'), next])).toEqual(
        (await entriesOf(bench())).map(() => [true, undefined]),
      );
      await isWhole(bench(), 'sent');
    });
  });
}

function describeKilled(subject: Subject): void {
  describe('an apply that is killed between the server and the store', () => {
    const bench = benchOf(subject);

    it('is finished by the next one, which promotes what the server has', { timeout: 600_000 }, async () => {
      const part = { oneOf: strideOn(subject.version, { daily: 10, ci: 6 }), name: subject.version };
      let rounds = 0;
      for (let n = firstMoment(part); ; n += part.oneOf) {
        const app = `app${n}`;
        rounds += 1;
        await bench().manifest([...bench().apps, app]);
        const file = join(bench().folder, `kill-${n}.mjs`);
        await writeFile(file, killBefore(n));
        const { code, signal, stderr } = await bench().cliWith({ NODE_OPTIONS: `--import=${file}` }, 'apply', '--yes');
        if (signal !== 'SIGKILL') expect([n, code, stderr]).toEqual([n, 0, expect.not.stringContaining('error')]);
        expect(await bench().apply({ lockTimeout: 60_000 })).toMatchObject({
          ending: expect.stringMatching(/^(done|nothing-to-do)$/) as unknown,
        });
        expect((await entriesOf(bench())).filter(({ next }) => next)).toEqual([]);
        expect(await steps(bench())).toEqual([]);
        await bench().server.put(await bench().variables(app), `killed at ${n}`);
        if (signal !== 'SIGKILL') break;
      }
      expect(rounds).toBeGreaterThan(1);
    });
  });
}
