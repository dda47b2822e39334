import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importServer } from '../../../../src/app/import.ts';
import { describeEachMajor, freshPostgres } from '../../../support/engines.ts';
import { byHand } from '../../../support/field/by-hand.ts';
import { leftOut } from '../../../support/field/left.ts';
import { manyLogins } from '../../../support/field/logins.ts';
import { oddRights } from '../../../support/field/odd.ts';
import { helpers } from '../../../support/field/people.ts';
import { rowSecurity } from '../../../support/field/rows.ts';
import { switching } from '../../../support/field/switching.ts';
import { testProject } from '../../../support/project.ts';
import { everyday } from '../../../support/sample.ts';
import { build, refusals } from './acts.ts';

const folder = join(import.meta.dirname, '../../../support/field');

describe('servers as people set them up', () => {
  test('no script of the folder is left out of the imports', async () => {
    const imported = { rowSecurity, helpers, manyLogins, leftOut, oddRights, switching, byHand };
    const files = (await readdir(folder)).filter((name) => name.endsWith('.ts'));
    const texts = await Promise.all(files.map(async (name) => await readFile(join(folder, name), 'utf8')));
    const found = texts.flatMap((text) =>
      [...text.matchAll(/^export const (\w+): readonly (?:FieldScript|HandCase)\[\]/gm)].map(([, name]) => name),
    );
    expect(new Set(found)).toEqual(new Set(Object.keys(imported)));
  });
});

describeEachMajor('what was set up by hand around an app', { versions: 'ends' }, (major) => {
  test.each(everyday(byHand, { oneOf: 4 }).map((one) => [one.name, one] as const))(
    'imported, every old login does with its old password what it did: %s',
    async (_, one) => {
      await using server = await freshPostgres({ major, settings: { max_prepared_transactions: '5' } });
      await build(server, one);
      const before = await refusals(server, one);
      expect(before).toEqual(one.acts.map(() => ''));
      const { yaml } = await importServer({ url: server.url, password: null, env: {}, cwd: '/by-hand' });
      await using project = await testProject(yaml, { POSTGRES_PASSWORD: server.password });
      const { ending, trouble, outcome } = await project.apply({ confirm: 'strangers' });
      expect({ ending, trouble }).toEqual({ ending: 'done', trouble: '' });
      const after = await refusals(server, one);
      const told = outcome?.plan.steps.flatMap(({ losses = [] }) => losses) ?? [];
      // Who owns its database, or an extension, is an owner of its tables from then on, and the plan says so.
      const ends = one.acts.filter((_act, index) => after[index] !== '').map(([login, , sql]) => [login, sql]);
      const said = one.acts.filter(
        ([login, , , words = '']) =>
          /^ownership of (extension|database) /.test(words) && told.some(({ who, what }) => who === login && what.includes(words)),
      );
      expect(ends).toEqual(said.map(([login, , sql]) => [login, sql]));
      expect((await project.plan()).plan.steps.map(({ title }) => title)).toEqual([]);
    },
  );
});
