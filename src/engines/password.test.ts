import { expect, it } from 'vitest';
import { engineIds, loadEngine } from './index.ts';

it.each(engineIds)('%s: a password that no url uses is refused, not ignored', async (id) => {
  const engine = await loadEngine(id);
  const issues = (config: unknown) => engine?.instanceSchema.safeParse(config).error?.issues.map(({ path }) => path.join('.'));
  expect(issues({ password: { env: 'X' } })).toEqual(['password']);
  expect(issues({})).toBeUndefined();
});
