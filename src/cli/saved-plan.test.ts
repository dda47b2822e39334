import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../model/index.ts';
import { savedPlanJson } from '../report/plan-json.ts';
import { writeNew, writeWhole } from './files.ts';
import { readSavedPlan } from './saved-plan.ts';

const plan: Plan = {
  format: 2,
  manifestHash: 'abc',
  observed: { main: 'x' },
  steps: [
    {
      id: 's1',
      address: { engine: 'anydb', instance: 'main', kind: 'role', name: 'shop_user' },
      app: 'shop',
      action: 'create',
      cause: 'intended',
      title: 'Create the role',
      facts: { limit: 3 },
      fields: [{ field: 'limit', from: null, to: 3 }],
      commands: [
        { text: 'CREATE ROLE', args: { n: 1, nothing: null }, secrets: { verifier: { secret: 'main/shop_user' } } },
        { text: 'X' },
      ],
      reverse: null,
      risk: 'destructive',
      confirm: 'shop',
      needs: ['s0'],
      lane: 'shared',
      unit: 'u',
    },
  ],
  diagnostics: [
    { code: 'CT1301', severity: 'warning', message: 'm', path: ['apps', 0], location: { file: '/f', line: 1, column: 2, frame: '' } },
  ],
  unreached: ['graph'],
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cotenant-plan-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a saved plan', () => {
  it('comes back as it was, from a file that only its owner can read', async () => {
    await writeWhole(folder, 'plan.json', savedPlanJson(plan), 0o600);
    expect(await readSavedPlan(folder, 'plan.json')).toEqual(plan);
    expect((await stat(join(folder, 'plan.json'))).mode & 0o777).toBe(0o600);
  });

  it('tightens a file that others could read, and leaves nothing else behind', async () => {
    await writeFile(join(folder, 'open.json'), 'old', { mode: 0o644 });
    await writeWhole(folder, 'open.json', savedPlanJson(plan), 0o600);
    expect((await stat(join(folder, 'open.json'))).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  const saved = JSON.parse(savedPlanJson(plan)) as Record<string, unknown>;
  it.each([
    ['nothing', '', 'it is not JSON'],
    ['a list', '[]', 'the document'],
    ['a plan without its header', JSON.stringify({ ...saved, cotenant: undefined }), 'cotenant'],
    ['an older format', JSON.stringify({ ...saved, format: 1 }), 'it has format 1, but this version of cotenant reads format 2'],
    ['a field that is not known', JSON.stringify({ ...saved, shell: 'rm' }), 'shell'],
    ['a step of a kind that is not known', JSON.stringify({ ...saved, steps: [{ ...plan.steps[0], action: 'hack' }] }), 'steps.0.action'],
  ])('refuses %s with CT4005', async (_, text, reason) => {
    await writeFile(join(folder, 'bad.json'), text);
    await expect(readSavedPlan(folder, 'bad.json')).rejects.toMatchObject({
      diagnostics: [{ code: 'CT4005', message: expect.stringContaining(reason) as string }],
    });
  });

  it('refuses a file that is not there', async () => {
    await expect(readSavedPlan(folder, 'none.json')).rejects.toMatchObject({ diagnostics: [{ code: 'CT4005' }] });
  });
});

describe('a new file', () => {
  it('never takes the place of another', async () => {
    await writeNew(folder, 'new.yaml', 'one');
    await expect(writeNew(folder, 'new.yaml', 'two')).rejects.toMatchObject({ diagnostics: [{ code: 'CT4008' }] });
  });
});
