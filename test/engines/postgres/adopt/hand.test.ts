import pg from 'pg';
import { expect, test } from 'vitest';
import { describeEachMajor, freshPostgres, tableFor } from '../../../support/engines.ts';
import { byHand, type HandCase } from '../../../support/field/by-hand.ts';
import { testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import type { PostgresServer } from '../runtime.ts';
import type { Major } from '../../../../src/engines/postgres/local/find.ts';

/** What the server answers to each act, undone at once: '' where it works. */
async function refusals(server: PostgresServer, { acts }: HandCase): Promise<readonly string[]> {
  const out: string[] = [];
  for (const [login, database, sql] of acts) {
    const client = new pg.Client(at(server.url, { user: login, password: `old-${login}`, database }));
    out.push(
      await client
        .connect()
        .then(async () => await client.query(`BEGIN; ${sql}; ROLLBACK`))
        .then(
          () => '',
          (error: unknown) => String(error),
        ),
    );
    await client.end().catch(() => undefined);
  }
  return out;
}

async function build(server: PostgresServer, { lines }: HandCase): Promise<void> {
  for (const [database, sql, login] of lines)
    await query(at(server.url, { database, ...(login ? { user: login, password: `old-${login}` } : {}) }), sql);
}

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
