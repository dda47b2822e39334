import { describe, expect, it } from 'vitest';
import type { Step } from '../model/index.ts';
import { lineText, plannedLines, resultLine, stepLines, versionLine } from './stream-json.ts';

const step: Step = {
  id: 'a1',
  address: { engine: 'anydb', instance: 'main', kind: 'role', name: 'shop_user' },
  app: 'shop',
  action: 'create',
  cause: 'intended',
  title: 'Create the role',
  facts: {},
  fields: [],
  commands: [{ text: 'CREATE ROLE' }],
  reverse: null,
  risk: 'safe',
  needs: [],
  lane: 'shared',
  unit: null,
};

describe('the line protocol', () => {
  it('begins every line with level, message, time and type', () => {
    expect(lineText(versionLine('1.2.3'), '2026-01-01T00:00:00.000Z')).toBe(
      '{"level":"info","message":"cotenant 1.2.3","timestamp":"2026-01-01T00:00:00.000Z","type":"version","cotenant":"1.2.3","ui":"1.0"}\n',
    );
  });

  it('tells drift from planned changes and counts them', () => {
    const plan = {
      format: 2 as const,
      manifestHash: 'x',
      observed: {},
      steps: [step, { ...step, id: 'a2', cause: 'drift' as const }],
      diagnostics: [{ code: 'CT1301', severity: 'warning' as const, message: 'w' }],
      unreached: ['graph'],
    };
    const lines = plannedLines({ plan, relaxations: [], foreign: [] });
    expect(lines.map((line) => [line.type, line.level])).toEqual([
      ['planned_change', 'info'],
      ['drift', 'info'],
      ['diagnostic', 'warn'],
      ['change_summary', 'info'],
    ]);
    expect(lines.at(-1)).toMatchObject({ changes: { operation: 'plan', add: 1, drift: 1 }, unreached: ['graph'] });
  });

  it('says how each step ended, and why', () => {
    const diagnostic = { code: 'CT4001', severity: 'error' as const, message: 'no' };
    expect(stepLines({ step, status: 'failed', elapsed: 5, diagnostic }).map((line) => line.type)).toEqual(['apply_errored', 'diagnostic']);
    expect(stepLines({ step, status: 'not-executed', elapsed: 0 }).map((line) => line.type)).toEqual(['log']);
    expect(stepLines({ step, status: 'would-run', elapsed: 0 })[0]).toMatchObject({ type: 'apply_complete', commands: step.commands });
    expect(stepLines({ step, status: 'done', elapsed: 5 })[0]).not.toHaveProperty('commands');
  });

  it('ends with the ending and its exit code', () => {
    const results = [
      { step, status: 'done' as const, elapsed: 1 },
      { step, status: 'failed' as const, elapsed: 1 },
    ];
    expect(resultLine('partly', 3, results)).toMatchObject({
      type: 'result',
      level: 'error',
      ending: 'partly',
      exitCode: 3,
      steps: { done: 1, failed: 1, notExecuted: 0 },
      changes: { add: 1 },
    });
  });
});
