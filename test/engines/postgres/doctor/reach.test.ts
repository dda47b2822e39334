import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { lifetimes } from '../../../../src/engines/postgres/doctor/lifetimes.ts';
import { look } from '../../../support/doctor.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { manifestOf, session, urlOf, workplace } from '../lifecycle/harness.ts';

const two = (url: string): string =>
  manifestOf(`  far: { engine: postgres, url: '${url}', password: { env: FAR_PASSWORD } }
apps:
  shop: { uses: { main: { connections: 5 } } }
  blog: { uses: { far: {} } }
`);

describeEachPostgres('doctor and servers that do not answer', { versions: 'newest', settings: { autovacuum: true } }, (server, major) => {
  /** Its version is past its end of life, or soon will be: there is always a finding. */
  const isOld = Date.parse(lifetimes.ends.find(([version]) => version === String(major))?.[1] ?? '') < Date.now() + 90 * 86_400_000;

  it.each([
    ['a port that is closed', 'postgres://postgres@127.0.0.1:1/postgres', 'CT3001'],
    ['a name that there is not', 'postgres://postgres@nowhere.invalid/postgres?sslmode=require', 'CT3'],
    ['a wrong password', 'postgres://postgres@127.0.0.1:${PGPORT}/postgres', 'CT3002'],
  ])('%s: says why, and looks at the others', async (_, url, code) => {
    await using place = await workplace(server(), two(url), { FAR_PASSWORD: 'wrong' });
    const { report, diagnostics } = await look(place);
    const [finding] = report.findings;
    expect(finding).toMatchObject({ id: 'CT-D101', severity: 'error', instance: 'far', apps: [] });
    expect(finding?.evidence['code']).toMatch(new RegExp(`^${code}`));
    expect(finding?.remedy.at(-1)?.text).toBe(`cotenant explain ${String(finding?.evidence['code'])}`);
    expect(diagnostics).toHaveLength(1);
    expect(report.instances.map(({ name, reached, checks }) => [name, reached, checks.length > 12])).toEqual([
      ['main', true, true],
      ['far', false, false],
    ]);
    const { code: exit, stdout, stderr } = await place.cli('doctor');
    // Something is missing on the one that was reached: nothing was applied yet.
    expect([exit, stdout.includes('CT-D101'), stdout.includes('cotenant explain CT3'), stderr.includes('CT3')]).toEqual([
      2,
      true,
      true,
      false,
    ]);
    expect((await look(place, { apps: ['shop'] })).report.instances.map(({ name }) => name)).toEqual(['main']);
  });

  it('one that takes the connection and never answers holds up nobody', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await using place = await workplace(server(), two(`postgres://postgres@127.0.0.1:${port}/postgres`), { FAR_PASSWORD: 'x' });
    const seen: string[] = [];
    const looking = look(place, { deadline: 3000, progress: (done, all, of) => seen.push(`${done} of ${all} ${of}`) });
    // The other one has been looked at to its end while this one is still waited for.
    while (seen.length < 2) await query(server().url, 'SELECT 1');
    expect(seen).toEqual(['0 of 2 servers', '1 of 2 servers']);
    const { report } = await looking;
    expect(report.instances.map(({ reached }) => reached)).toEqual([true, false]);
    silent.close();
  });

  it.skipIf(isOld)('exit codes: nothing, a remark, findings, nobody reached', async () => {
    await using place = await workplace(server(), manifestOf('apps:\n  shop: { uses: { main: { connections: 5 } } }\n'));
    expect((await place.cli('doctor')).code).toBe(2);
    expect((await place.apply()).ending).toBe('done');
    const clean = await place.cli('doctor');
    expect(clean).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Nothing found: \d+ checks made on 1 instance\.\n$/) as unknown,
    });
    const url = await urlOf(place, 'shop');
    const open = await Promise.all(Array.from({ length: 4 }, () => session(url)));
    expect(await place.cli('doctor')).toMatchObject({ code: 0, stdout: expect.stringContaining('1 remark:') as unknown });
    open.push(await session(url));
    expect(await place.cli('doctor', '--json')).toMatchObject({ code: 2 });
    await Promise.all(open.map((one) => one.end()));
    await place.write(manifestOf('apps:\n  shop: { uses: { main: {} } }\n').replace('${PGPORT}', '1'));
    expect((await place.cli('doctor')).code).toBe(5);
    expect((await place.cli('doctor', '--app', 'sho')).code).not.toBe(0);
  });

  it('no finding names a secret, whatever an app writes where others can read it', async () => {
    await using place = await workplace(server(), manifestOf('apps:\n  spy: { uses: { main: { connections: 5 } } }\n'));
    expect((await place.apply()).ending).toBe('done');
    const url = await urlOf(place, 'spy');
    const { POSTGRES_PASSWORD: secret = '' } = await place.reveal('spy');
    expect(secret.length).toBeGreaterThan(20);
    const said = new URL(url);
    said.searchParams.set('application_name', secret);
    const sleep = query(said.href, `SELECT '${secret}', pg_sleep(602)`).catch(() => []);
    await using _idle = await session(said.href, `BEGIN; SELECT '${secret}'`);
    await using _other = await session(said.href, 'BEGIN');
    const limits = { idle: 0, query: 0, transaction: 0, wait: 0, full: 0.1, wraparound: 1e-9, unused: 0, unusedBytes: 0, retained: 0 };
    const outcome = await look(place, { limits });
    expect(outcome.report.findings.length).toBeGreaterThan(3);
    expect(JSON.stringify(outcome)).not.toContain(secret);
    expect(JSON.stringify(outcome)).not.toContain(server().password);
    await query(server().url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'spy_user'`);
    await sleep;
  });
});
