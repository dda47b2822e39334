import { describe, expect, it } from 'vitest';
import type { Step, StepResult } from '../model/index.ts';
import { plain } from './style.ts';
import { fixEndingText } from './verify-text.ts';

describe('the end of fixing', () => {
  const step: Step = {
    id: 's',
    address: { engine: 'anydb', instance: 'main', kind: 'finding', name: 'X-1' },
    app: null,
    action: 'run',
    cause: 'intended',
    title: 't',
    facts: {},
    fields: [],
    commands: [],
    reverse: null,
    risk: 'access-reducing',
    needs: [],
    lane: 'l',
    unit: null,
  };
  const ended = (...statuses: readonly StepResult['status'][]): readonly StepResult[] =>
    statuses.map((status) => ({ step, status, elapsed: 1 }));

  it.each([
    ['done', ended('done', 'done'), '2 fixes sent. Proving again.'],
    ['partly', ended('done', 'failed', 'not-executed'), '1 fix sent, 1 failed, 1 not sent.'],
    ['interrupted', ended('done', 'not-executed'), 'Interrupted: 1 fix sent, 1 not sent.'],
    ['refused', [], 'Not fixed: consent is missing. Nothing was changed.'],
    ['locked', [], 'Not fixed: another run holds the lock. Nothing was changed.'],
  ])('%s', (ending, results, said) => expect(fixEndingText(ending, results, plain)).toBe(said));
});
