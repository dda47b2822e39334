import { expect, test } from 'vitest';
import { describeEachMajor, freshPostgres, tableFor } from '../../../support/engines.ts';
import { byHand, type HandCase } from '../../../support/field/by-hand.ts';
import { testProject } from '../../../support/project.ts';
import { build, refusals } from './acts.ts';
import type { Major } from '../../../../src/engines/postgres/local/find.ts';

/** Adopts `shop` as somebody writes it who has not imported. */
async function adopt(one: HandCase, major: Major): Promise<void> {
  await using server = await freshPostgres({ major, settings: { max_prepared_transactions: '5' } });
  await build(server, one);
  const before = await refusals(server, one);
  expect(before).toEqual(one.acts.map(() => ''));
  const known = (one.known ?? []).map((user) => `{ user: ${user}, why: test }`).join(', ');
  await using project = await testProject(
    `cotenant: 1
project: tests
instances: { main: { engine: postgres, url: 'postgres://postgres@${server.host}:${server.port}/postgres', password: { env: ADMIN } } }
apps: { shop: { uses: { main: { adopt: true, connections: 5, names: { login: shop }, ${one.placement ?? ''} } } } }
known: [${known}]
`,
    { ADMIN: server.password },
  );
  const { ending, trouble, outcome } = await project.apply({ confirm: 'strangers' });
  expect({ ending, trouble }).toEqual({ ending: 'done', trouble: '' });
  const told = outcome?.plan.steps.flatMap(({ losses = [] }) => losses) ?? [];
  const after = await refusals(server, one);
  const unsaid = one.acts.flatMap(([login, database, sql, said], index) => {
    const refused = after[index] !== '';
    const tells = said !== undefined && told.some(({ who, what }) => who === login && what.some((each) => each.includes(said)));
    // What is told ends, and what ends is told.
    return refused === (said !== undefined) && tells === (said !== undefined) ? [] : [`${login} in ${database}: ${sql}: ${after[index]}`];
  });
  expect({ unsaid, told: unsaid.length === 0 ? [] : told.map(({ who, what }) => [who, what]) }).toEqual({ unsaid: [], told: [] });
  expect((await project.plan()).plan.steps.flatMap(({ commands }) => commands.map(({ text }) => text))).toEqual([]);
}

describeEachMajor('adopted by hand', { versions: 'ends' }, (major) => {
  test.each(tableFor(major, byHand, 2).map((one) => [one.name, one] as const))('%s', async (_, one) => await adopt(one, major));
});
