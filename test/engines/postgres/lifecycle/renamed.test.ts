import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { changeMark, query } from '../../../support/query.ts';
import { threeLevels, urlOf, workplace } from './harness.ts';

describeEachPostgres('a project that gets another name', { versions: 'ends' }, (server) => {
  it('is told whose its apps are, has nothing changed, and is not advised to delete anything', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), threeLevels());
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    const url = await urlOf(place, 'shop');
    await query(url, 'CREATE TABLE kept (x int)');
    const before = await changeMark(server().url);
    for (const removal of ['', 'removal: delete\n']) {
      await place.write(threeLevels(removal).replace('project: life', 'project: other'));
      const { plan } = await place.plan();
      const errors = plan.diagnostics.filter(({ severity }) => severity === 'error');
      expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['CT2006']));
      expect(errors.map(({ message }) => message).join('\n')).toContain('"life"');
      expect(plan.diagnostics.map(({ hint }) => hint).join('\n')).not.toMatch(/drop|delete|--volumes|remove/i);
      expect(await place.apply(['shop', 'blog', 'team', 'lens'])).toMatchObject({ ending: 'failed' });
      const fixed = await place.cli('verify', '--fix', '--yes');
      expect(fixed.stdout).not.toMatch(/DROP (TABLE|DATABASE|SCHEMA|OWNED|ROLE)/);
    }
    expect(await changeMark(server().url)).toBe(before);
    expect(await query(url, 'SELECT * FROM kept')).toEqual([]);
    await place.write(threeLevels());
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
