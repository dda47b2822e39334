import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { restoreApp } from '../../../../src/app/restore.ts';
import { ledgerName } from '../../../../src/engines/postgres/marks/ledger.ts';
import { DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';

const app = (name: string): string => `${name}: { uses: { main: { connections: 5 } } }`;
const schema = (name: string): string => `${name}: { uses: { main: { connections: 5, isolation: schema, database: shared } } }`;
const apps = (...all: readonly string[]): string => `apps:\n${all.map((one) => `  ${one}\n`).join('')}`;
const all = [app('alpha'), schema('news'), schema('blog')] as const;
const ledger = ledgerName('tests');

describeEachPostgres('what is shared has a mark of its own', { versions: 'each' }, (server) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), apps(...all), []);
  });
  beforeEach(async () => {
    await world.manifest(apps(...all));
    const { plan } = await world.project.plan();
    if (plan.diagnostics.some(({ code }) => code === 'CT2007'))
      for await (const _ of restoreApp(await world.project.open(), 'alpha', { consent: () => Promise.resolve(true) })) continue;
    await world.apply();
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  const sql = async (text: string): Promise<readonly (readonly unknown[])[]> => await world.catalog.run('postgres', text);
  const markOf = async (role: string): Promise<string> =>
    String((await sql(`SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = '${role}'`))[0]?.[0]);
  const steps = async (): Promise<readonly string[]> =>
    (await world.project.plan()).plan.steps.map(({ address, cause }) => `${cause} ${address.kind} ${address.name}`);
  const edit = async (...apart: readonly string[]): Promise<readonly string[]> => {
    await world.manifest(apps(...apart));
    const seen = await steps();
    await world.apply();
    expect(await steps()).toEqual([]);
    return seen;
  };
  /** As versions before the ledger left a server: what is shared stood on the roles of the first app. */
  const asBefore = async (first: string): Promise<void> => {
    const { shared } = JSON.parse((await markOf(ledger)).slice('cotenant '.length)) as { shared: string };
    for (const role of [`${first}_owner`, `${first}_user_2`]) {
      const mark = JSON.parse((await markOf(role)).slice('cotenant '.length)) as object;
      await sql(`COMMENT ON ROLE ${role} IS 'cotenant ${JSON.stringify({ ...mark, shared })}'`);
    }
    await sql(`DROP ROLE ${ledger}`);
  };

  test('no app’s mark carries it, whichever comes first', async () => {
    const before = { alpha: await markOf('alpha_owner'), news: await markOf('news_owner'), ledger: await markOf(ledger) };
    expect(before.alpha).not.toContain('shared"');
    expect(before.ledger).toMatch(/"shared":"/);
    expect(await edit(app('aaa'), ...all)).not.toContain('intended mark alpha');
    expect(await edit(all[1], all[2], all[0], app('aaa'))).toEqual([]);
    await edit(...all);
    expect({ alpha: await markOf('alpha_owner'), news: await markOf('news_owner'), ledger: await markOf(ledger) }).toEqual(before);
    const gone = await edit(all[1], all[2]);
    expect(gone.filter((one) => one.includes('drift') || / mark | ledger /.test(one))).toEqual([]);
  });

  test('a server as an older version left it is taken over without a word', async () => {
    await asBefore('alpha');
    expect(await steps()).toEqual([]);
    await sql('ALTER ROLE shared_tenants LOGIN');
    expect((await steps()).filter((one) => !/ledger/.test(one))).toEqual([
      'drift role shared_tenants',
      expect.stringMatching(/^drift sessions/) as unknown,
    ]);
    await world.apply();
    expect(await steps()).toEqual([]);
    expect(await markOf(ledger)).toMatch(/"shared":"/);
  });

  test('where the app that bore it goes, or is no longer the first, nobody is said to have changed anything', async () => {
    await asBefore('alpha');
    expect(await edit(all[1], all[0], all[2])).toEqual([]);
    expect((await edit(all[1], all[2])).filter((one) => one.startsWith('drift') || / mark /.test(one))).toEqual([]);
    await sql('ALTER ROLE shared_tenants LOGIN');
    expect((await steps())[0]).toBe('drift role shared_tenants');
    await world.apply();
  });

  test('what an older version wrote says nothing any more once there is a ledger', async () => {
    await sql(`COMMENT ON ROLE alpha_owner IS '${(await markOf('alpha_owner')).replace('}', ',"shared":"0000"}')}'`);
    expect(await steps()).toEqual([]);
  });

  test('a ledger that somebody opens is closed, one that is dropped is made again with the next change', async () => {
    await sql(`ALTER ROLE ${ledger} LOGIN; GRANT ${ledger} TO shared_tenants`);
    expect((await steps()).join()).toContain(`role ${ledger}`);
    await world.apply();
    expect(await steps()).toEqual([]);
    expect(await sql(`SELECT rolcanlogin FROM pg_roles WHERE rolname = '${ledger}'`)).toEqual([[false]]);
    await sql(`DROP ROLE ${ledger}`);
    await edit(...all, app('late'));
    expect(await markOf(ledger)).toMatch(/"shared":"/);
  });

  test('nobody else’s role is taken for it', async () => {
    await sql(`DROP ROLE ${ledger}; CREATE ROLE ${ledger}`);
    const { plan } = await world.project.plan();
    expect(plan.diagnostics).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'CT2005', severity: 'error' })]) as unknown);
    await sql(`DROP ROLE ${ledger}`);
  });
});
