import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { manifestOf, type Workplace, workplace } from '../lifecycle/harness.ts';

const manifest = manifestOf(`apps:
  m_a: { uses: { main: {} } }
  m_a2: { uses: { main: {} } }
  m_b: { uses: { main: { keyspaceEvents: true } } }
  m_s: { uses: { main: { relax: { scripting: true, scan: true, sort: true, info: true, clientTracking: true } } } }
  m_t: { uses: { main: { prefix: 'x[1]*', relax: { select: true, functions: true, channelNames: true, keys: true, dbsize: true, wait: true, restore: true } } } }
readers:
  m_lens: { reads: [m_a, m_s] }
`);

describeEachRedis('the proof', {}, (server) => {
  let place: Workplace;
  beforeAll(async () => {
    place = await workplace(server(), manifest);
    expect((await place.apply()).ending).toBe('done');
  });
  afterAll(async () => await place[Symbol.asyncDispose]());

  it('finds nothing where every wall stands, and tries all that it says', async () => {
    const report = await place.verify();
    expect(
      report.findings.map(({ verdict, probe, from, to, statement, answer, why }) => ({ verdict, probe, from, to, statement, answer, why })),
    ).toEqual([]);
    expect(report.counts.blocked).toBeGreaterThan(700);
    expect(report.counts.controls).toBeGreaterThan(100);
    expect(report.cells.filter(({ declared }) => declared).map(({ from, to }) => `${from} ${to}`)).toEqual(['m_lens m_a', 'm_lens m_s']);
  });

  it('leaves nothing behind', async () => {
    expect(await place.admin('DBSIZE')).toBe(0);
  });
});

describeEachRedis('an app whose placement names another place than the one that it has', {}, (server) => {
  it('is found and not moved by a fix, as an apply refuses to', async () => {
    const apps = (prefix: string): string =>
      manifestOf(`apps:\n  shop: { uses: { main: { prefix: ${prefix} } } }\n  blog: { uses: { main: {} } }\n`);
    await using place = await workplace(server(), apps('there'));
    expect((await place.apply()).ending).toBe('done');
    await place.write(apps('elsewhere'));
    expect((await place.plan()).plan.diagnostics.map(({ code }) => code)).toEqual(['CT2010']);
    const { findings } = await place.verify();
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.flatMap(({ fix }) => fix)).toEqual([]);
  });
});
