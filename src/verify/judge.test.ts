import { describe, expect, it } from 'vitest';
import type { Attempt, ProbeInfo } from '../engine/index.ts';
import { type Finding, type Verdict, worse } from '../model/index.ts';
import { cellsOf } from './cells.ts';
import { combine, disagreements, judgeAttempt } from './judge.ts';

const probe: ProbeInfo = {
  id: 'X-1',
  title: 'Look at a neighbour',
  attack: 'It looks.',
  example: 'LOOK app_b',
  why: 'it is seen',
  hardening: 'Close the curtain.',
  verdict: 'LEAK',
  levels: ['house'],
  half: 'both',
  destructive: false,
};
const probes = new Map([[probe.id, probe]]);

function attempt(more: Partial<Attempt> = {}): Attempt {
  return {
    probe: 'X-1',
    from: 'a',
    to: 'b',
    statement: 'LOOK b',
    control: false,
    declared: false,
    outcome: 'denied',
    code: 'E42',
    answer: 'no',
    fix: [],
    ...more,
  };
}

function finding(more: Partial<Finding> = {}): Finding {
  return {
    probe: 'X-1',
    verdict: 'BREACH',
    half: 'analysis',
    instance: 'main',
    from: 'a',
    to: 'b',
    statement: 's',
    answer: '',
    why: 'w',
    fix: [],
    ...more,
  };
}

describe('one attempt through what cannot be closed', () => {
  const stuck = (accepted: boolean) => ({ accepted, why: 'it is kept' });

  it.each([
    [{ outcome: 'succeeded', stuck: stuck(true) }, 'RESIDUAL', 'it is kept'],
    [{ outcome: 'succeeded', stuck: stuck(false) }, 'LEAK', 'it is seen it is kept'],
    [{ outcome: 'broken', stuck: stuck(true) }, 'UNPROVEN', "the server's answer is neither success nor refusal (E42)"],
    [{ outcome: 'broken', control: true, stuck: stuck(true) }, 'RESIDUAL', 'it is kept'],
  ] as const)('%o is %s', (more, verdict, why) => {
    expect(judgeAttempt(attempt(more), probe, 'main')).toMatchObject({ verdict, why });
  });

  it('that was refused is refused', () => {
    expect(judgeAttempt(attempt({ stuck: stuck(true) }), probe, 'main')).toBeNull();
  });
});

describe('one attempt', () => {
  const cases: readonly (readonly [Pick<Attempt, 'control' | 'declared' | 'outcome'>, Verdict | null])[] = [
    [{ control: false, declared: false, outcome: 'denied' }, null],
    [{ control: false, declared: false, outcome: 'succeeded' }, 'LEAK'],
    [{ control: false, declared: false, outcome: 'broken' }, 'UNPROVEN'],
    [{ control: true, declared: false, outcome: 'succeeded' }, null],
    [{ control: true, declared: false, outcome: 'denied' }, 'UNPROVEN'],
    [{ control: true, declared: false, outcome: 'broken' }, 'UNPROVEN'],
    [{ control: false, declared: true, outcome: 'succeeded' }, null],
    [{ control: false, declared: true, outcome: 'denied' }, 'UNPROVEN'],
    [{ control: false, declared: true, outcome: 'broken' }, 'UNPROVEN'],
    [{ control: true, declared: true, outcome: 'succeeded' }, null],
    [{ control: true, declared: true, outcome: 'denied' }, 'UNPROVEN'],
    [{ control: true, declared: true, outcome: 'broken' }, 'UNPROVEN'],
  ];

  it.each(cases)('%j comes to %s', (given, verdict) => {
    expect(judgeAttempt(attempt(given), probe, 'main')?.verdict ?? null).toBe(verdict);
  });

  it('of a probe that nobody knows is a breach where it succeeds', () => {
    expect(judgeAttempt(attempt({ outcome: 'succeeded' }), undefined, 'main')).toMatchObject({ verdict: 'BREACH', half: 'attack' });
  });

  it('tells the error code where nothing was proved', () => {
    expect(judgeAttempt(attempt({ control: true, code: 'E7' }), probe, 'main')?.why).toContain('(E7)');
    expect(judgeAttempt(attempt({ outcome: 'broken', code: '' }), probe, 'main')?.why).toContain('(no code)');
  });

  it('keeps what closes it', () => {
    const fix = [{ lane: 'house', statement: { text: 'CLOSE b' } }];
    expect(judgeAttempt(attempt({ outcome: 'succeeded', fix }), probe, 'main')).toMatchObject({
      fix,
      why: 'it is seen',
      statement: 'LOOK b',
    });
  });
});

describe('the two halves', () => {
  const compare = (analysis: readonly Finding[], attempts: readonly Attempt[]) => disagreements(analysis, attempts, probes, 'main');
  const through = attempt({ outcome: 'succeeded' });

  it('agree where both say closed and where both say open', () => {
    expect(compare([], [attempt()])).toEqual([]);
    expect(compare([finding()], [through])).toEqual([]);
  });

  it('agree where the catalogs say it of any login, or of the whole instance', () => {
    expect(compare([finding({ from: null })], [through])).toEqual([]);
    expect(compare([finding({ to: null })], [through])).toEqual([]);
    expect(compare([finding({ from: null, to: null })], [through])).toEqual([]);
  });

  it('disagree where the attack succeeded what the catalogs call closed', () => {
    const [found] = compare([finding({ to: 'c' })], [attempt(), through]);
    expect(found).toMatchObject({ verdict: 'UNPROVEN', half: 'disagreement', from: 'a', to: 'b', answer: 'no', statement: 'LOOK b' });
    expect(found?.why).toContain('the attack succeeded');
  });

  it('disagree where the attack was refused what the catalogs call open', () => {
    expect(compare([finding()], [attempt(), attempt()])).toMatchObject([
      { half: 'disagreement', why: expect.stringContaining('refused') as unknown },
    ]);
  });

  it('are not compared on what proves nothing, is meant, or only one of them sees', () => {
    expect(compare([finding()], [attempt({ control: true }), attempt({ declared: true }), attempt({ outcome: 'broken' })])).toEqual([]);
    const alone = new Map([[probe.id, { ...probe, half: 'attack' as const }]]);
    expect(disagreements([finding()], [attempt()], alone, 'main')).toEqual([]);
    expect(disagreements([finding()], [attempt()], new Map(), 'main')).toEqual([]);
  });
});

describe('findings of both halves', () => {
  const fixA = { lane: 'l', statement: { text: 'CLOSE a' } };
  const fixB = { lane: 'l', statement: { text: 'CLOSE b' } };
  const attack = (more: Partial<Finding> = {}): Finding => finding({ half: 'attack', statement: 'try', answer: 'let in', ...more });

  it('on the same thing become one, with the words of the catalogs and the answer to the attack', () => {
    const all = combine([finding({ fix: [fixA] })], [attack({ fix: [fixB] }), attack({ statement: 'try again' })]);
    expect(all).toEqual([finding({ half: 'both', answer: 'let in', fix: [fixA] })]);
  });

  it('take what closes them from the attack where the catalogs do not say it', () => {
    expect(combine([finding()], [attack({ fix: [fixB] })])).toMatchObject([{ half: 'both', fix: [fixB] }]);
  });

  it('on any login hold for each attacker', () => {
    const all = combine([finding({ from: null })], [attack({ from: 'a' }), attack({ from: 'c' })]);
    expect(all).toMatchObject([{ from: null, half: 'both' }]);
  });

  it('stay apart where they are about something else', () => {
    const others = [attack({ to: 'c' }), attack({ probe: 'X-2' }), attack({ verdict: 'LEAK' }), attack({ half: 'disagreement' })];
    for (const other of others) expect(combine([finding()], [other])).toHaveLength(2);
  });

  it('keep every fact, and of an attack one with all that closes it', () => {
    expect(combine([finding({ statement: 't1' }), finding({ statement: 't2' })], [])).toHaveLength(2);
    expect(combine([], [attack(), attack({ statement: 'u', fix: [fixA] }), attack({ statement: 'v', fix: [fixA, fixB] })])).toEqual([
      attack({ statement: 'u', fix: [fixA, fixB] }),
    ]);
  });

  it('come the worst first', () => {
    const verdicts: readonly Verdict[] = ['STARVE', 'UNPROVEN', 'LEAK', 'BREACH'];
    expect(
      combine(
        verdicts.map((verdict) => finding({ verdict })),
        [],
      ).map(({ verdict }) => verdict),
    ).toEqual(['BREACH', 'UNPROVEN', 'LEAK', 'STARVE']);
    expect(worse('LEAK', 'UNPROVEN')).toBe('UNPROVEN');
  });
});

describe('the matrix', () => {
  const input = { instance: 'main', apps: ['a', 'b', 'c'], findings: [], attempts: [], declared: [], floor: 'BLOCKED' as const };
  const verdicts = ({ cells }: ReturnType<typeof cellsOf>): Record<string, Verdict> =>
    Object.fromEntries(cells.map(({ from, to, verdict }) => [`${from}${to}`, verdict]));

  it('has every app against every other, with how often it was tried', () => {
    const { cells } = cellsOf({ ...input, attempts: [attempt(), attempt(), attempt({ control: true }), attempt({ to: null })] });
    expect(cells).toHaveLength(6);
    expect(cells.filter(({ attempts }) => attempts > 0)).toEqual([
      { instance: 'main', from: 'a', to: 'b', verdict: 'BLOCKED', attempts: 2, declared: false },
    ]);
  });

  it('shows the worst of a pair, and what any login can do in every row', () => {
    const findings = [finding({ verdict: 'LEAK' }), finding(), finding({ from: null, to: 'c', verdict: 'STARVE' })];
    expect(verdicts(cellsOf({ ...input, findings }))).toEqual({
      ab: 'BREACH',
      ac: 'STARVE',
      ba: 'BLOCKED',
      bc: 'STARVE',
      ca: 'BLOCKED',
      cb: 'BLOCKED',
    });
  });

  it('shows what reaches a shared place at all who live there, and what reaches the server in the whole row', () => {
    const findings = [finding({ from: 'a', to: 'pool' }), finding({ from: 'b', to: null, verdict: 'STARVE' })];
    expect(verdicts(cellsOf({ ...input, findings, places: new Map([['pool', ['a', 'c']]]) }))).toEqual({
      ab: 'BLOCKED',
      ac: 'BREACH',
      ba: 'STARVE',
      bc: 'STARVE',
      ca: 'BLOCKED',
      cb: 'BLOCKED',
    });
  });

  it('proves nothing in the row of an app that could not show what it can do', () => {
    const findings = [finding({ from: 'b', to: 'b', verdict: 'UNPROVEN' })];
    expect(verdicts(cellsOf({ ...input, findings }))).toMatchObject({ ba: 'UNPROVEN', bc: 'UNPROVEN', ab: 'BLOCKED' });
  });

  it('says at least what holds for all, and marks what is meant', () => {
    const { cells } = cellsOf({ ...input, floor: 'UNPROVEN', declared: [{ from: 'a', to: 'b' }] });
    expect(new Set(cells.map(({ verdict }) => verdict))).toEqual(new Set(['UNPROVEN']));
    expect(cells.filter(({ declared }) => declared)).toMatchObject([{ from: 'a', to: 'b' }]);
  });
});
