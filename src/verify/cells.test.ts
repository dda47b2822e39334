import { fc } from '../../test/support/properties.ts';
import { describe, expect, it } from 'vitest';
import type { Attempt } from '../engine/index.ts';
import { type Finding, Matrix, type Verdict } from '../model/index.ts';
import { cellsOf } from './cells.ts';

const apps = ['a', 'b', 'c', 'd', 'e', 'pool'];
const places = new Map([
  ['pool', ['a', 'c']],
  ['shared', ['b', 'c', 'd']],
]);
const verdict = fc.constantFrom<Verdict>('BREACH', 'UNPROVEN', 'LEAK', 'STARVE', 'RESIDUAL');
const who = fc.constantFrom(...apps, null);
const whom = fc.constantFrom(...apps, 'shared', 'elsewhere', null);
const finding = fc
  .record({ from: who, to: whom, verdict })
  .map((some): Finding => ({ probe: 'X-1', half: 'attack', instance: 'main', statement: 's', answer: '', why: '', fix: [], ...some }));
const attempt = fc
  .record({ from: fc.constantFrom(...apps), to: fc.constantFrom(...apps, null), control: fc.boolean() })
  .filter(({ from, to, control }) => control || from !== to)
  .map((some): Attempt => ({ probe: 'X-1', statement: 's', outcome: 'denied', code: '', answer: '', fix: [], declared: false, ...some }));
const declared = fc.record({ from: fc.constantFrom(...apps), to: fc.constantFrom(...apps) }).filter(({ from, to }) => from !== to);
const input = fc.record({
  findings: fc.array(finding, { maxLength: 6 }),
  attempts: fc.array(attempt, { maxLength: 6 }),
  declared: fc.array(declared, { maxLength: 3 }),
  floor: fc.constantFrom<Verdict>('BLOCKED', 'BLOCKED', 'BLOCKED', 'UNPROVEN'),
  only: fc.constantFrom(undefined, undefined, ['b'], ['a', 'c']),
});

const matrixOf = (more: Parameters<typeof cellsOf>[0]): Matrix => {
  const { cells, sparse } = cellsOf(more);
  return new Matrix(cells, sparse);
};

describe('a sparse matrix', () => {
  it('says of every pair what the whole one says, and counts the same', () => {
    fc.assert(
      fc.property(input, (some) => {
        const all = { instance: 'main', apps, places, ...some };
        const [whole, sparse] = [matrixOf(all), matrixOf({ ...all, whole: 0 })];
        for (const from of apps) for (const to of apps) expect([from, to, sparse.of(from, to)]).toEqual([from, to, said(whole, from, to)]);
        expect(sparse.counts()).toEqual(whole.counts());
      }),
      { numRuns: 500 },
    );
  });

  it('grows with the apps, and not with their pairs', () => {
    const many = Array.from({ length: 2000 }, (_, index) => `app${index}`);
    const leak = {
      probe: 'X-1',
      verdict: 'LEAK',
      half: 'analysis',
      instance: 'main',
      statement: '',
      answer: '',
      why: '',
      fix: [],
    } as const;
    const findings = many.flatMap((from): Finding[] => [
      { ...leak, from, to: 'shared' },
      { ...leak, from, to: null },
    ]);
    const { cells, sparse } = cellsOf({
      instance: 'main',
      apps: many,
      findings,
      attempts: [],
      declared: [],
      places: new Map([['shared', many]]),
      floor: 'BLOCKED',
    });
    expect(cells).toHaveLength(4000);
    expect(new Matrix(cells, sparse).counts()).toMatchObject({ pairs: 2000 * 1999, bad: 2000 * 1999 });
  });
});

function said(matrix: Matrix, from: string, to: string) {
  const cell = matrix.of(from, to);
  return cell && { verdict: cell.verdict, attempts: cell.attempts, declared: cell.declared };
}
