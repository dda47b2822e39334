import { expect, test } from 'vitest';
import { differences } from '../../src/backup/compare.ts';
import { backupDocument } from '../../src/backup/document.ts';
import type { SavedObject } from '../../src/model/index.ts';

const object = (kind: string, name: string, hash: string): SavedObject => ({ kind, name, rows: null, hash });

test('a package called as the body of another one is compared for itself', () => {
  const saved = [object('package', 'body x', 'a'), object('package body', 'x', 'b')];
  expect(differences(saved, saved.toReversed())).toEqual([]);
  expect(differences(saved, [object('package', 'body x', 'other'), object('package body', 'x', 'b')])).toEqual([
    'package body x is another one',
  ]);
  expect(differences(saved, saved.slice(1))).toEqual(['package body x is missing']);
  expect(differences(saved.slice(1), saved)).toEqual(['package body x was not saved']);
});

test('what names the folder of a part is a name', () => {
  const part = {
    engine: 'mysql',
    instance: 'main',
    server: '',
    tool: '',
    point: null,
    at: '',
    place: null,
    objects: [],
    left: [],
  };
  const document = (more: object): unknown => ({
    format: 1,
    run: 'r',
    project: 'p',
    app: 'a',
    startedAt: '',
    endedAt: '',
    grade: 'ordered',
    skew: 0,
    parts: [{ ...part, ...more }],
  });
  expect(backupDocument.safeParse(document({})).success).toBe(true);
  for (const wrong of ['../x', 'a/b', '', '..', 'main\n'])
    expect(['engine', 'instance'].map((key) => backupDocument.safeParse(document({ [key]: wrong })).success)).toEqual([false, false]);
});
