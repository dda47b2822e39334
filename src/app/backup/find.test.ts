import { expect, it } from 'vitest';
import { documentOf } from './find.ts';

const snapshot = {
  id: '1',
  time: '',
  project: 'life',
  app: 'shop',
  run: '20260101-000000-ab',
  proved: null,
  took: null,
  grade: null,
  bytes: null,
  added: null,
};

it.each(['', '{', 'null', '[]', '{"format":2}', '{"format":1,"parts":[]}'])(
  'a backup that is described by %j is told as one that this version does not know',
  async (text) => {
    const repository = { file: async () => await Promise.resolve(text) };
    await expect(documentOf(repository, snapshot, new AbortController().signal)).rejects.toMatchObject({
      diagnostics: [{ code: 'CT4314', message: expect.stringContaining('20260101-000000-ab') as unknown }],
    });
  },
);
