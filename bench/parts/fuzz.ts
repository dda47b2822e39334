import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { figure, type Part } from '../support/part.ts';

const summary = z.object({ texts: z.number(), sound: z.number(), planned: z.number(), statements: z.number() });

/** Far enough apart that no two jobs meet: a seed is used up for every 500 texts. */
const STRIDE = 1_000_000;

export const fuzz: Part = {
  name: 'fuzz',
  title: 'Fuzzed manifests',
  how: `Random manifests, most of them damaged on purpose, are read, compiled and planned. The run fails where one of them crashes,
or where a statement has a name from a manifest outside quotes. \`--manifests\` says how many, \`--seed\` where the sequence begins,
\`--jobs\` in how many threads.`,
  async run(bench) {
    const { manifests, seed, jobs } = bench.flags;
    const began = performance.now();
    const parts = await Promise.all(
      Array.from({ length: jobs }, async (_, job) => {
        const count = Math.floor(manifests / jobs) + (job < manifests % jobs ? 1 : 0);
        const worker = new Worker(new URL('../support/fuzz-worker.ts', import.meta.url), {
          workerData: { seed: seed + job * STRIDE, count },
        });
        worker.on('message', (message) => {
          if (typeof message === 'number') bench.say(`job ${job + 1} of ${jobs}: ${message} of ${count}`);
        });
        // An error of the thread is thrown on from here.
        const results: unknown[] = [];
        worker.on('message', (message) => {
          if (typeof message === 'object') results.push(message);
        });
        await once(worker, 'exit');
        return summary.parse(results[0]);
      }),
    );
    const sum = (key: keyof z.infer<typeof summary>): number => parts.reduce((total, part) => total + part[key], 0);
    return [
      { what: 'manifests that crash something or leave a name unquoted', value: '0', target: '0', met: true },
      figure('manifests', `${sum('texts')}, seed ${seed}, ${Math.round((performance.now() - began) / 1000)} s`),
      figure('sound ones', String(sum('sound'))),
      figure('instances planned twice', String(sum('planned'))),
      figure('statements checked', String(sum('statements'))),
    ];
  },
};
