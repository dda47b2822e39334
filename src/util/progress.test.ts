import { expect, it } from 'vitest';
import { mapPool } from './pool.ts';
import { counted, type Progress, together } from './progress.ts';

const telling = (): { readonly said: string[]; readonly progress: Progress } => {
  const said: string[] = [];
  return { said, progress: (done, all, of) => said.push(`${done} of ${all} ${of}`) };
};

it('is told before the first and after each, also after one that failed', async () => {
  const { said, progress } = telling();
  const work = counted({ items: [1, 2, 3], of: 'apps', progress }, async (n) => {
    await Promise.resolve();
    if (n === 2) throw new Error('no');
    return n * 10;
  });
  const ends = await Promise.allSettled([1, 2, 3].map(work));
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(said).toEqual(['0 of 3 apps', '1 of 3 apps', '2 of 3 apps', '3 of 3 apps']);
});

it('counts what each stands for', async () => {
  const { said, progress } = telling();
  const items = [['a', 'b'], ['c']];
  await mapPool(
    items,
    1,
    counted({ items, of: 'apps', progress, weight: (some) => some.length }, async () => await Promise.resolve()),
  );
  expect(said).toEqual(['0 of 3 apps', '2 of 3 apps', '3 of 3 apps']);
});

it('side by side is told as one', () => {
  const { said, progress } = telling();
  const part = together(progress);
  const [one, other] = [part(), part()];
  one(1, 4, 'apps');
  other(2, 3, 'apps');
  one(4, 4, 'apps');
  expect(said).toEqual(['1 of 4 apps', '3 of 7 apps', '6 of 7 apps']);
});
