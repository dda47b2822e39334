import { describe, expect, it } from 'vitest';
import type { Diagnostic, Plan, Step } from '../../model/index.ts';
import { document, writer } from './document.ts';
import { documentNames } from './names.ts';
import { planDocument, savedPlanDocument, writePlan, writeSavedPlan } from './plan.ts';
import { documentSchema } from './schemas.ts';
import { z } from 'zod';

const diagnostic: Required<Diagnostic> = {
  hint: 'h',
  waits: 'shop',
  code: 'CT2042',
  severity: 'warning',
  message: 'm',
  expected: 'e',
  instance: 'main',
  path: ['apps', 0],
  location: { file: '/f', line: 1, column: 2, frame: '' },
};
const command = { text: 't', op: 'o', args: { b: [1, null], a: {} }, secrets: { z: { secret: 's' }, a: { secret: 's' } } };
const step: Required<Step> = {
  unit: null,
  id: 's1',
  address: { engine: 'anydb', instance: 'main', kind: 'role', name: '__proto__' },
  app: 'shop',
  touches: [{ engine: 'anydb', instance: 'main', kind: 'database', name: 'd' }],
  action: 'delete',
  cause: 'drift',
  follows: 's0',
  title: 't',
  facts: { b: 1, a: true },
  fields: [{ field: 'limit', from: null, to: 3 }],
  commands: [command],
  reverse: [command],
  risk: 'destructive',
  confirm: 'shop',
  losses: [{ who: 'w', of: null, what: ['x'], sessions: null, keep: null, confirm: 'c', lingers: true }],
  makes: 'm',
  takes: ['t'],
  needs: ['s0'],
  lane: 'shared',
};
const plan: Required<Plan> = {
  format: 2,
  manifestHash: 'abc',
  day: '2026-01-02',
  apps: ['shop'],
  observed: { main: 'x' },
  steps: [step],
  diagnostics: [diagnostic],
  unreached: ['graph'],
};

describe('a document', () => {
  it('holds everything that a plan can say, and its schema reads it back', () => {
    const saved = writeSavedPlan({ cotenant: 'plan', ...plan });
    expect(savedPlanDocument.parse(JSON.parse(document(saved)))).toEqual({ cotenant: 'plan', ...plan });
    const shown = writePlan({ ...plan, relaxations: [], foreign: [] });
    expect(planDocument.parse(JSON.parse(document(shown)))).toEqual({ ...plan, relaxations: [], foreign: [] });
  });

  it('has its keys in the order of the schema, those of records sorted, and no others', () => {
    const write = writer(
      z.strictObject({ b: z.string(), a: z.record(z.string(), z.number()), c: z.string().nullable(), d: z.string().exactOptional() }),
    );
    const more = { c: null, a: { z: 1, __proto__x: 2, k: 3 }, b: 'b', secret: 's' };
    expect(JSON.stringify(write(more))).toBe('{"b":"b","a":{"__proto__x":2,"k":3,"z":1},"c":null}');
    expect(JSON.stringify(write({ ...more, a: JSON.parse('{"__proto__": 1}') as Record<string, number> }))).toContain('{"__proto__":1}');
  });

  it.each(documentNames)('%s has a JSON Schema', (name) => {
    expect(documentSchema(name)).toMatchObject({ type: 'object' });
  });
});
