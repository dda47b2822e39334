import { afterAll, beforeAll, expect } from 'vitest';
import { type Bench, setUp } from './bench.ts';
import type { Subject } from './subject.ts';

/** The apps of the suite's manifests. */
export const both = ['one', 'two'] as const;

/** One bench for the tests of a block, in order. */
export function benchOf(subject: Subject): () => Bench {
  let bench: Bench | null = null;
  beforeAll(async () => {
    bench = await setUp(subject);
    await bench.manifest(both);
  });
  afterAll(async () => await bench?.[Symbol.asyncDispose]());
  return () => bench ?? noBench();
}

function noBench(): never {
  throw new Error('the bench is set up by beforeAll');
}

export const steps = async (bench: Bench): Promise<readonly string[]> => (await bench.plan()).plan.steps.map(({ id }) => id);

/** Applied, nothing left, and both apps let in. */
export async function isWhole(bench: Bench, text: string): Promise<void> {
  expect(await steps(bench)).toEqual([]);
  for (const app of both) {
    await bench.server.put(await bench.variables(app), `${text} of ${app}`);
    expect(await bench.server.get(await bench.variables(app))).toBe(`${text} of ${app}`);
  }
}
