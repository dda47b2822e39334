import { expect, it } from 'vitest';
import { lossesToConfirm, type Loss, type Step } from '../model/index.ts';
import { withOwnWords } from './words.ts';

const loss = (who: string, of: string | null = null): Loss => ({ who, of, what: ['connect'], sessions: 0, keep: null });
const step = (id: string, more: Partial<Step>): Step => ({
  id,
  address: { engine: 'folder', instance: 'main', kind: 'database', name: id },
  app: id,
  action: 'update',
  cause: 'intended',
  title: id,
  facts: {},
  fields: [],
  risk: 'safe',
  lane: 'main',
  unit: null,
  needs: [],
  commands: [],
  reverse: null,
  ...more,
});
const words = (...steps: readonly Step[]): readonly string[] => [
  ...lossesToConfirm({ format: 2, manifestHash: '', observed: {}, steps: withOwnWords(steps), diagnostics: [], unreached: [] }).keys(),
];

it('a login that is called like an app to be deleted, or to lose access, has a word of its own', () => {
  const takes = step('shop', { losses: [loss('blog'), loss('bob'), loss('mail', 'mail')] });
  expect(words(takes)).toEqual(['blog', 'bob']);
  expect(words(takes, step('blog', { risk: 'destructive', confirm: 'blog' }))).toEqual(['login:blog', 'bob']);
  expect(words(takes, step('blog', { risk: 'access-reducing' }))).toEqual(['login:blog', 'bob']);
  expect(words(takes, step('other', { risk: 'destructive', confirm: 'bob' }))).toEqual(['blog', 'login:bob']);
  expect(words(step('shop', { risk: 'access-reducing', losses: [loss('shop')] }))).toEqual(['login:shop']);
  const drops = step('shop', { risk: 'destructive', confirm: 'shop_user@10.0.0.5', losses: [loss('shop_user@10.0.0.5')] });
  expect(words(drops)).toEqual(['shop_user@10.0.0.5']);
});
