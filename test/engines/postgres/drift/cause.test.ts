import { afterAll, beforeAll, expect, test } from 'vitest';
import { DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import type { Plan } from '../../../../src/model/index.ts';

const alpha = 'alpha: { uses: { main: { connections: 5 } } }';
const news = 'news: { uses: { main: { connections: 5, isolation: schema, database: shared } } }';
const pool = 'pooled: { uses: { main: { connections: 5, isolation: rows, database: pool } } }';
const apps = (...all: readonly string[]): string => `apps:\n${all.map((one) => `  ${one}\n`).join('')}`;

const causes = (plan: Plan): readonly string[] =>
  [
    ...new Set(
      plan.steps.filter(({ address }) => address.kind !== 'mark').map(({ address, cause }) => `${cause} ${address.kind} ${address.name}`),
    ),
  ].sort();

describeEachPostgres('what was meant, and what is drift', { versions: 'each' }, (server) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), apps(alpha, news, pool), []);
  });
  afterAll(async () => await world[Symbol.asyncDispose]());
  const plan = async (): Promise<readonly string[]> => causes((await world.project.plan()).plan);
  const converges = async (): Promise<void> => {
    await world.apply();
    expect(await world.pending()).toEqual([]);
  };

  test('side by side, each under its own app', async () => {
    await world.manifest(apps(alpha.replace('5', '6'), news, pool));
    await world.catalog.run('postgres', 'ALTER ROLE news_rw CREATEDB; ALTER DATABASE shared CONNECTION LIMIT 3');
    expect(await plan()).toEqual(
      expect.arrayContaining([
        'drift database shared',
        'drift role news_rw',
        'intended database alpha',
        'intended role alpha_user',
      ]) as unknown,
    );
    await converges();
  });

  test('of what several apps share: a change of the manifest is meant, one by hand is drift', async () => {
    await world.manifest(apps(alpha, news.replace('shared', 'shared, extensions: [citext]'), pool));
    expect(await plan()).toContain('intended extension shared/citext');
    await converges();
    await world.catalog.run('shared', 'DROP EXTENSION citext');
    expect(await plan()).toEqual(['drift extension shared/citext']);
    await converges();
  });

  test('an app that comes, in front of the others, is meant; what is done to the others is drift still', async () => {
    await world.manifest(apps('aaa: { uses: { main: { connections: 5 } } }', alpha, news, pool));
    await converges();
    await world.catalog.run('postgres', 'GRANT CONNECT ON DATABASE template1 TO PUBLIC; ALTER ROLE shared_tenants LOGIN');
    expect(await plan()).toEqual([
      'drift perimeter template1',
      'drift role shared_tenants',
      expect.stringMatching(/^drift sessions/),
      expect.stringMatching(/^drift sessions/),
    ]);
    await converges();
  });

  test('an app that joins shared rows changes their guard, as is meant', async () => {
    await world.manifest(apps(alpha, news, pool, pool.replace('pooled', 'late')));
    const seen = await plan();
    expect(seen).toContain('intended row-guard pool/public');
    expect(seen.filter((one) => one.startsWith('drift'))).toEqual([]);
    await converges();
  });

  test('the first app that goes takes nothing with it', async () => {
    await world.manifest(apps(news, pool));
    await converges();
    await world.catalog.run('postgres', 'ALTER ROLE pool_rw BYPASSRLS');
    expect(await plan()).toContain('drift role pool_rw');
    await converges();
  });

  test('an app that goes and changes nothing for the others leaves what it knew about all of them', async () => {
    await world.manifest(apps('aab: { uses: { main: { connections: 5 } } }', news, pool));
    await converges();
    await world.manifest(apps(news, pool));
    await converges();
    await world.catalog.run('postgres', 'ALTER ROLE pool_rw BYPASSRLS');
    expect(await plan()).toContain('drift role pool_rw');
    await converges();
  });

  test('whom the manifest names no more loses what it kept, as is meant; what somebody did meanwhile is drift', async () => {
    await world.catalog.run('postgres', 'CREATE ROLE guest LOGIN');
    await world.manifest(`${apps(news, pool)}known: [{ user: guest, why: of old }]`);
    await converges();
    await world.catalog.run('postgres', 'GRANT CONNECT ON DATABASE shared TO guest; GRANT news_ro TO guest');
    expect(await plan()).toEqual([]);
    await world.manifest(apps(news, pool));
    await world.catalog.run('postgres', 'ALTER ROLE news_rw CREATEDB');
    expect(await plan()).toEqual(
      expect.arrayContaining(['drift role news_rw', 'intended database shared', 'intended role news_ro']) as unknown,
    );
    await converges();
    await world.catalog.run('postgres', 'GRANT news_ro TO guest');
    expect((await plan())[0]).toBe('drift role news_ro');
    await converges();
  });

  test('a mark that is lost while the manifest changes is put back where the rest of the app proves whose it was', async () => {
    await world.catalog.run('postgres', 'COMMENT ON ROLE news_rw IS NULL');
    await world.manifest(apps(news.replace('5', '7'), pool));
    // Which revision it had is lost with it, so the edit may be the cause.
    expect(await plan()).toContainEqual(expect.stringMatching(/ role news_rw$/));
    await converges();
  });
});
