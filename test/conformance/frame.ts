import { afterAll, beforeAll, expect } from 'vitest';
import { type Bench, setUp } from './bench.ts';
import type { Subject } from './subject.ts';

/** One bench for the tests of a block, in order. */
export function benchOf(subject: Subject): () => Bench {
  let bench: Bench | null = null;
  beforeAll(async () => {
    bench = await setUp(subject);
    await bench.manifest(bench.apps);
  });
  afterAll(async () => await bench?.[Symbol.asyncDispose]());
  return () => bench ?? noBench();
}

function noBench(): never {
  throw new Error('the bench is set up by beforeAll');
}

export const steps = async (bench: Bench): Promise<readonly string[]> => (await bench.plan()).plan.steps.map(({ id }) => id);

/** Applied, nothing left, and every app let in. */
export async function isWhole(bench: Bench, text: string): Promise<void> {
  expect(await steps(bench)).toEqual([]);
  for (const app of bench.apps) {
    await bench.server.put(await bench.variables(app), `${text} of ${app}`);
    expect(await bench.server.get(await bench.variables(app))).toBe(`${text} of ${app}`);
  }
}
