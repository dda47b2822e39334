import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { seedTables, ground, shortly } from './harness.ts';

describeEachMysql('a clean server', { versions: 'all' }, (server) => {
  it('is green, with and without tables, with a reader and shares', { timeout: 180_000 }, async () => {
    await using made = await ground(server());
    const empty = await made.verify();
    expect(shortly(empty.findings)).toEqual([]);
    await seedTables(made);
    const report = await made.verify({ destructive: true });
    expect(shortly(report.findings)).toEqual([]);
    expect(report.cells.every((cell) => cell.verdict === 'BLOCKED')).toBe(true);
    expect(report.counts.controls).toBeGreaterThan(20);
    expect(report.counts.blocked).toBeGreaterThan(100);
    expect(
      report.cells
        .filter((cell) => cell.declared)
        .map(({ from, to }) => `${from} ${to}`)
        .sort(),
    ).toEqual(['m_lens m_a', 'm_lens plain', 'mxb m_a', 'plain m_b']);
    expect(report.residual.length).toBeGreaterThan(5);
  });
});
