import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { handInPassword } from '../../src/app/credentials.ts';
import { DiagnosticError } from '../../src/model/index.ts';
import type { Bench } from './bench.ts';
import { benchOf, isWhole, steps } from './frame.ts';
import type { Subject, Variables } from './subject.ts';

/** The value of the one variable that is the app's password. */
export function passwordOf(variables: Variables): string {
  const found = Object.entries(variables).find(([name]) => name.endsWith('_PASSWORD'));
  if (!found) throw new Error(`no password among ${Object.keys(variables).join(', ')}`);
  return found[1];
}

const store = (bench: Bench): string => join(bench.folder, '.cotenant/secrets.json');

/** A colleague's clone: the manifest without the store that belongs to it. */
export function describePasswords(subject: Subject): void {
  describe('a manifest without its secret store', () => {
    const bench = benchOf(subject);
    const known = new Map<string, Variables>();

    it('plans new passwords as a loss of its own kind, and is refused with --yes alone', async () => {
      expect(await bench().apply()).toMatchObject({ ending: 'done' });
      await isWhole(bench(), 'before');
      for (const app of bench().apps) known.set(app, await bench().variables(app));
      await rename(store(bench()), `${store(bench())}.away`);
      const { plan } = await bench().plan();
      const losses = plan.steps.flatMap((step) => step.losses ?? []);
      expect(new Set(losses.map(({ of, confirm }) => `${of} ${confirm}`))).toEqual(
        new Set(bench().apps.map((app) => `${app} new-passwords`)),
      );
      const { code, stderr, stdout } = await bench().cli('apply', '--yes');
      expect([code, stderr]).toEqual([7, expect.stringContaining('CT4010')]);
      expect(stdout).toContain('--confirm=new-passwords');
      for (const [app, variables] of known) expect(await bench().server.get(variables)).toBe(`before of ${app}`);
    });

    it('takes the passwords that the apps have, one by one, and nothing else', async () => {
      const project = await bench().open();
      await expect(handInPassword(project, { app: 'one', password: 'not-the-right-one-88' })).rejects.toThrow(DiagnosticError);
      await expect(readFile(store(bench()), 'utf8').catch(() => '')).resolves.not.toContain('not-the-right-one-88');
      for (const app of bench().apps) {
        const file = join(bench().folder, 'password.txt');
        await writeFile(file, `${passwordOf(known.get(app) ?? {})}\n`, { mode: 0o600 });
        const { code, stdout, stderr } = await bench().cli('credentials', 'set', app, '--password-file', file);
        expect([code, stdout, stderr]).toEqual([0, expect.stringContaining('on main'), 'Next: cotenant plan\n']);
        expect(stdout).not.toContain(passwordOf(known.get(app) ?? {}));
      }
      expect(await steps(bench())).toEqual([]);
      for (const app of bench().apps) expect(await bench().variables(app)).toEqual(known.get(app));
    });

    it('makes new ones where that is agreed to by its name', async () => {
      await rm(store(bench()));
      expect(await bench().apply({ confirm: ['new-passwords'] })).toMatchObject({ ending: 'done' });
      for (const [, variables] of known) await expect(bench().server.get(variables)).rejects.toThrow();
      await isWhole(bench(), 'after');
    });

    it('a password that somebody changed by hand is put back with a yes: the store has it', async () => {
      const mine = await readFile(store(bench()), 'utf8');
      await rm(store(bench()));
      expect(await bench().apply({ confirm: ['new-passwords'] })).toMatchObject({ ending: 'done' });
      await writeFile(store(bench()), mine, { mode: 0o600 });
      const { plan } = await bench().plan();
      const losses = plan.steps.flatMap((step) => step.losses ?? []);
      expect(losses.length).toBeGreaterThan(0);
      expect(losses.map(({ confirm }) => confirm)).toEqual(losses.map(() => undefined));
      expect(await bench().apply()).toMatchObject({ ending: 'done' });
      await isWhole(bench(), 'put back');
    });
  });
}
