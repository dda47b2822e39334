import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { everyday } from '../../../support/sample.ts';
import { apps, gone, readOld, threeLevels, unfinished, urlOf, whoCanLogIn, wipe, type Workplace, workplace, writeOld } from './harness.ts';

describeEachPostgres('an app that is taken out of the manifest', { versions: 'newest' }, (server) => {
  let place: Workplace;
  beforeEach(async () => {
    await wipe(server().url);
    place = await workplace(server(), threeLevels());
    expect((await place.apply()).ending).toBe('done');
    await query(at(server().url, { database: 'pool' }), 'SET ROLE pool_owner; CREATE TABLE notes (workspace text NOT NULL, what text)');
    expect((await place.apply()).ending).toBe('done');
    for (const [app, sql] of Object.entries(writeOld)) await query(await urlOf(place, app), sql);
  });
  afterEach(async () => await place[Symbol.asyncDispose]());

  describe.each(everyday(Object.keys(gone), { oneOf: 2 }))('%s', (app) => {
    it('is closed and put aside, the others stay as they are, and it comes back with its data', async () => {
      const url = await urlOf(place, app);
      const sessions = new Map<string, Client>();
      for (const name of apps) {
        const client = new Client({ connectionString: await urlOf(place, name) });
        client.on('error', () => undefined);
        await client.connect();
        sessions.set(name, client);
      }
      await place.write(gone[app] ?? '');
      const plan = await place.cli('plan');
      expect(plan.code).toBe(0);
      expect(plan.stdout).toContain(`cotenant restore-app ${app}`);
      expect(plan.stdout).toMatch(/ 0 to destroy\./);

      expect((await place.cli('apply')).code).toBe(7);
      const result = await place.cli('apply', '--yes');
      expect([result.code, result.stderr.includes('✖')]).toEqual([0, false]);
      expect((await place.plan()).plan.steps).toEqual([]);
      await expect(query(url, 'SELECT 1')).rejects.toThrow();
      const open = (client: Client): Promise<boolean> =>
        client.query('SELECT 1').then(
          () => true,
          () => false,
        );
      // The reader has lost what it read there.
      const ended = app === 'shop' || app === 'blog' ? [app, 'lens'] : [app];
      for (const [name, client] of sessions) expect([name, await open(client)]).toEqual([name, !ended.includes(name)]);
      const others = apps.filter((name) => name !== app);
      expect(await whoCanLogIn(place, others)).toEqual(others);
      const status = await place.cli('status');
      expect(status.stdout).toMatch(new RegExp(`\\n${app} .*retired`));
      for (const client of sessions.values()) await client.end();

      // A reader has no data that a new one could be taken for.
      if (app !== 'lens') {
        await place.write(threeLevels());
        for (const command of [['plan'], ['apply', '--yes']]) {
          const back = await place.cli(...command);
          expect([back.code, back.stderr]).toEqual([1, expect.stringMatching(`CT2007[^]*cotenant restore-app ${app}`)]);
        }
      }

      await place.write(gone[app] ?? '');
      const restored = await place.cli('restore-app', app, '--yes');
      expect([restored.code, restored.stderr]).toEqual([0, expect.not.stringContaining('✖')]);
      await place.write(threeLevels());
      expect(await unfinished(place)).toEqual([]);
      expect(await query(await urlOf(place, app), readOld[app] ?? '')).toEqual([{ what: 'old' }]);
    });

    it('comes back as well when it is in the manifest again before it is restored', async () => {
      await place.write(gone[app] ?? '');
      expect((await place.apply()).ending).toBe('done');
      await place.write(threeLevels());
      expect((await place.cli('restore-app', app, '--yes')).code).toBe(0);
      expect(await unfinished(place)).toEqual([]);
      expect(await query(await urlOf(place, app), readOld[app] ?? '')).toEqual([{ what: 'old' }]);
    });
  });
});
