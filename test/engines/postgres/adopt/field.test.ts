import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeEachMajor, freshPostgres, tableFor } from '../../../support/engines.ts';
import { leftOut } from '../../../support/field/left.ts';
import { manyLogins } from '../../../support/field/logins.ts';
import { helpers } from '../../../support/field/people.ts';
import { rowSecurity } from '../../../support/field/rows.ts';
import { oddRights } from '../../../support/field/odd.ts';
import { switching } from '../../../support/field/switching.ts';
import type { Actor, FieldScript } from '../../../support/field/script.ts';
import { setUpByHand } from '../../../support/by-hand.ts';
import { initScripts } from '../../../support/init-scripts.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { handInPassword } from '../../../../src/app/credentials.ts';
import { importServer } from '../../../../src/app/import.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import type { PostgresServer } from '../runtime.ts';
import type { Major } from '../../../../src/engines/postgres/local/find.ts';

interface Written {
  readonly apps?: Record<string, { uses: { main: unknown } }>;
  readonly operators?: unknown;
  readonly known?: readonly { readonly user: string }[];
  readonly shares?: unknown;
}

/** What the server answers to everything that an actor does, each undone at once. */
async function answers(server: PostgresServer, { login, does }: Actor): Promise<readonly unknown[]> {
  const out: unknown[] = [];
  for (const [database, sql] of does)
    out.push([database, sql, await answer(at(server.url, { user: login, password: `old-${login}`, database }), sql)]);
  return out;
}

async function answer(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client(url);
  try {
    await client.connect();
    await client.query('BEGIN');
    const result: pg.QueryResult | readonly pg.QueryResult[] = await client.query(sql);
    const results: readonly pg.QueryResult[] = 'rows' in result ? [result] : result;
    return results.at(-1)?.rows;
  } catch (error) {
    // Not to see a table, and not to be let to it, is the same.
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return ['42501', '42P01'].includes(code) ? 'refused' : `${code} ${String(error)}`;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function isRefused(row: unknown): boolean {
  return Array.isArray(row) && typeof row[2] === 'string';
}

/** Findings of a proof for which the logins' old passwords were handed in. */
async function findings(project: TestProject, actors: readonly Actor[]) {
  const opened = await project.open();
  for (const { name: app } of opened.manifest.apps)
    for (const { login } of actors) await handInPassword(await project.open(), { app, password: `old-${login}` }).catch(() => undefined);
  const { report } = await verifyProject(await project.open(), { seed: 7 });
  // A database that is left out stays open to every login, and the plan says so.
  const left = new Set(
    (await project.plan()).plan.diagnostics
      .filter(({ code }) => code === 'CT2012')
      .flatMap(({ message }) => message.match(/"[^"]+"/g) ?? []),
  );
  return report.findings
    .filter(({ verdict, to }) => verdict !== 'RESIDUAL' && !left.has(`"${to}"`))
    .map(({ probe, verdict, from, to, statement, answer: said }) => ({ probe, verdict, from, to, statement, said }));
}

async function adopt(script: FieldScript, major: Major): Promise<void> {
  await using server = await freshPostgres({ major });
  for (const [database, sql, login] of script.lines)
    await query(at(server.url, { database, ...(login ? { user: login[0], password: login[1] } : {}) }), sql);
  const before = await Promise.all(script.actors.map(async (actor) => await answers(server, actor)));
  const { yaml, diagnostics } = await importServer({ url: server.url, password: null, env: {}, cwd: '/by-hand' });
  const written = parse(yaml) as Written;
  const { apps = {}, operators, known = [], shares } = script.writes;
  expect(Object.fromEntries(Object.entries(written.apps ?? {}).map(([app, { uses }]) => [app, uses.main]))).toMatchObject(apps);
  expect(Object.keys(written.apps ?? {}).sort()).toEqual(Object.keys(apps).sort());
  expect({ operators: written.operators, shares: written.shares }).toEqual({ operators, shares });
  expect((written.known ?? []).map(({ user }) => user).sort()).toEqual([...known].sort());
  const left = diagnostics.filter(({ code }) => code === 'CT2023').map(({ message }) => message);
  expect(left).toEqual((script.left ?? []).map((part) => expect.stringMatching(part) as unknown));
  await using project = await testProject(yaml, { POSTGRES_PASSWORD: server.password });
  const { ending, trouble, outcome } = await project.apply();
  expect({ ending, trouble }, yaml).toEqual({ ending: 'done', trouble: '' });
  const lost = outcome?.plan.steps.flatMap(({ losses = [] }) => losses.filter(({ of }) => of === null)) ?? [];
  expect(lost).toEqual([]);
  expect(await Promise.all(script.actors.map(async (actor) => await answers(server, actor)))).toEqual(before);
  const { plan } = await project.plan();
  expect(plan.steps.map(({ title, fields }) => ({ title, fields }))).toEqual([]);
  expect(await findings(project, script.actors)).toEqual([]);
}

/** Connections that are open as long as the test wants. */
async function hold(server: PostgresServer, login: string, database: string, count: number): Promise<AsyncDisposable> {
  const clients = await Promise.all(
    Array.from({ length: count }, async () => {
      const client = new pg.Client(at(server.url, { user: login, password: `old-${login}`, database }));
      client.on('error', () => undefined);
      await client.connect();
      return client;
    }),
  );
  return { [Symbol.asyncDispose]: async () => void (await Promise.all(clients.map(async (client) => await client.end()))) };
}

describeEachMajor('limits of what the field has', { versions: 'ends' }, (major) => {
  test('are at least what is open now and some more; those of databases and logins stay', async () => {
    await using server = await freshPostgres({ major });
    for (const name of ['big', 'small', 'tiny', 'duo']) {
      await query(server.url, `CREATE ROLE ${name} LOGIN PASSWORD 'old-${name}' ${name === 'duo' ? 'CONNECTION LIMIT 9' : ''}`);
      await query(server.url, `CREATE DATABASE ${name} OWNER ${name}`);
    }
    for (const [name, limit] of [
      ['small', 7],
      ['tiny', 5],
      ['duo', 6],
    ] as const)
      await query(server.url, `ALTER DATABASE ${name} CONNECTION LIMIT ${limit}`);
    await using _held = await hold(server, 'big', 'big', 35);
    const { yaml, diagnostics } = await importServer({ url: server.url, password: null, env: {}, cwd: '/by-hand' });
    const { apps = {} } = parse(yaml) as Written;
    expect(Object.fromEntries(Object.entries(apps).map(([app, { uses }]) => [app, uses.main]))).toMatchObject({
      big: { connections: 42 },
      small: { connections: 7, databaseConnections: 7 },
      tiny: { connections: 5, databaseConnections: 5 },
      duo: { connections: 6, databaseConnections: 6 },
    });
    expect(diagnostics).toEqual([]);
    await using project = await testProject(yaml, { POSTGRES_PASSWORD: server.password });
    expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
    await using _more = await hold(server, 'big', 'big', 7);
    const limits = await query(
      server.url,
      "SELECT datname::text AS name, datconnlimit AS n FROM pg_database WHERE datname IN ('small', 'tiny', 'duo') ORDER BY 1",
    );
    expect(limits).toEqual([
      { name: 'duo', n: 6 },
      { name: 'small', n: 7 },
      { name: 'tiny', n: 5 },
    ]);
  });

  test('that the server has no room for are said', async () => {
    await using server = await freshPostgres({ major });
    for (const name of ['one', 'two']) {
      await query(server.url, `CREATE ROLE ${name} LOGIN PASSWORD 'old-${name}'`);
      await query(server.url, `CREATE DATABASE ${name} OWNER ${name}`);
    }
    await using _one = await hold(server, 'one', 'one', 45);
    await using _two = await hold(server, 'two', 'two', 40);
    const { diagnostics } = await importServer({ url: server.url, password: null, env: {}, cwd: '/by-hand' });
    expect(diagnostics.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /the limits of the logins add up to 102, including the sessions that "one", "two" have open now: lower some limits/,
      ),
    ]);
  });
});

describeEachMajor('what the field has', { versions: 'ends' }, (major) => {
  describe('imported and adopted, everybody does what they did', () => {
    test.each(
      tableFor(major, [...rowSecurity, ...helpers, ...manyLogins, ...leftOut, ...oddRights, ...switching], 5).map(
        (script) => [script.name, script] as const,
      ),
    )('%s', async (_, script) => await adopt(script, major));
  });

  describe('init scripts: old logins work on, and the first apply is the last', () => {
    test.each(tableFor(major, initScripts, 5).map((script) => [script.name, script] as const))('%s', async (_, script) => {
      await using server = await freshPostgres({ major });
      await setUpByHand(server, script, server);
      const actors = script.running.map(
        ({ login, database, does, makes }): Actor => ({ login, does: [...does, makes].map((sql) => [database, sql]) }),
      );
      const before = await Promise.all(actors.map(async (actor) => await answers(server, actor)));
      const { yaml } = await importServer({ url: server.url, password: null, env: {}, cwd: '/by-hand' });
      await using project = await testProject(yaml, { POSTGRES_PASSWORD: server.password, SHOP_APP_JWT_SECRET: 'hush' });
      expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
      const after = await Promise.all(actors.map(async (actor) => await answers(server, actor)));
      expect(after.flat().filter((row, index) => !isRefused(before.flat()[index]) && isRefused(row))).toEqual([]);
      expect((await project.plan()).plan.steps).toEqual([]);
      expect((await findings(project, actors)).filter(({ verdict }) => verdict === 'BREACH')).toEqual([]);
    });
  });
});
