import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Engine } from '../../src/engine/index.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { ownServers } from '../support/own-servers.ts';
import { isAskedFor } from '../support/roster.ts';
import { sampled } from '../support/sample.ts';
import { full } from '../support/thorough.ts';
import type { Subject } from './subject.ts';

/** Engines whose local servers were tried: `up` chooses the version itself, so once is enough. */
const tried = new Set<string>();

/** Servers that `up` starts. */
export function describeOwn(subject: Subject, engine: Engine): void {
  if (tried.has(engine.id) || !subject.start || !isAskedFor(subject.version, process.env)) return;
  tried.add(engine.id);
  // Three starts of half a minute: one day of three.
  const today = !subject.alone || sampled(['up'], { oneOf: full ? 1 : 3, name: subject.version }).length > 0;
  describe.skipIf(!engine.local || !today)('a server of its own', () => {
    it('has an address that the configuration takes, without a secret', () => {
      const config = engine.instanceSchema.parse({});
      expect(engine.local?.isOwn(config)).toBe(true);
      const at = engine.local?.at(config, '127.0.0.1', 12_345);
      expect(engine.local?.isOwn(at)).toBe(false);
      expect(JSON.stringify(at)).toContain('127.0.0.1:12345');
    });

    it('is found here, or what would help is said', async () => {
      const runtime = await engine.local?.runtime();
      const none = await runtime?.find(localMachine(), { config: engine.instanceSchema.parse({}), data: null, cache: '/nowhere' });
      expect(none?.length).toBeGreaterThan(0);
      for (const one of none ?? []) expect('why' in one ? [one.why, one.get] : [one.title]).not.toContain('');
    });

    it('is started by `up`, survives a crash, and comes back with everything after `down`', { timeout: 600_000 }, async () => {
      const uses = { uses: { main: subject.placement ?? {} } };
      const instances = { main: { engine: engine.id } };
      const text = stringify({ cotenant: 1, project: 'own', instances, apps: subject.alone ? { one: uses } : { one: uses, two: uses } });
      await using place = await ownServers(text);
      const ways = ['local', 'unpacked', 'embedded'].flatMap((way) => ['--way', way]);
      const up = async (state: string): Promise<void> => {
        const { code, stdout, stderr } = await place.cli('up', ...ways);
        expect([code, stdout, stderr]).toEqual([0, expect.stringMatching(new RegExp(`^main +${state} +127`, 'm')), expect.anything()]);
      };
      const silent = async (): Promise<void> => {
        const { code, stdout, stderr } = await place.cli('plan', '--detailed-exitcode');
        expect([code, stdout, stderr]).toEqual([0, expect.stringContaining('No changes.'), expect.anything()]);
      };
      await up('started');
      expect(await place.cli('apply', '--yes')).toMatchObject({ code: 0 });
      await silent();
      if (engine.probes) expect(await place.cli('verify', '--exhaustive')).toMatchObject({ code: 0 });

      const before = await place.supervisor('main');
      process.kill(before?.server?.pid ?? 0, 'SIGKILL');
      while ((await place.supervisor('main'))?.ends === 0) await sleep(50);
      await up('runs already');
      await silent();

      expect(await place.cli('down')).toMatchObject({ code: 0 });
      expect((await place.cli('status')).code).toBe(5);
      await up('started');
      await silent();
    });
  });
}
