import { expect, it } from 'vitest';
import { usualLimits } from '../../../../src/engine/index.ts';
import { checks } from '../../../../src/engines/postgres/doctor/checks.ts';
import { look } from '../../../support/doctor.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { threeLevels, workplace } from '../lifecycle/harness.ts';

describeEachPostgres('doctor on a server that nothing ails', { versions: 'each', settings: { autovacuum: true } }, (server) => {
  it('finds nothing, and has made every check', async () => {
    await using place = await workplace(server(), threeLevels());
    expect((await place.apply()).ending).toBe('done');
    const { report, diagnostics } = await look(place, { now: new Date('2026-01-01') });
    expect(report).toMatchObject({ findings: [], blind: [] });
    expect(diagnostics).toEqual([]);
    // The one that is left out needs a pooler.
    expect(report.instances[0]?.checks).toEqual(
      checks
        .map(({ id }) => id)
        .filter((id) => id !== 'CT-D212')
        .sort(),
    );
  });

  it('tells a version whose end has come, and one whose end is near', async () => {
    await using place = await workplace(server(), threeLevels());
    const at = async (day: string): Promise<unknown> =>
      (await look(place, { now: new Date(day) })).report.findings.filter(({ id }) => id === 'CT-D105').map(({ severity }) => severity);
    expect([await at('2020-01-01'), await at('2099-01-01')]).toEqual([[], ['warning']]);
    expect(usualLimits.notice).toBe(90);
  });
});
