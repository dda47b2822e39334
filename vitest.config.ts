import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { Failed } from './test/support/failed.ts';
import { LongestFirst } from './test/support/sequence.ts';
import { leftOutToday } from './test/support/turn.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', ...leftOutToday(process.env)],
    pool: 'forks',
    // Modules are loaded once for each worker, not for each of the files: what a test changes in its process it puts back.
    isolate: false,
    // A test waits for a server, a child or a lock about half of its time.
    maxWorkers: 3 * availableParallelism(),
    // Real servers start and stop in tests. These only end what hangs; nothing is measured by them.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
    reporters: ['default', new Failed()],
    globalSetup: ['test/support/global-setup.ts'],
    sequence: { hooks: 'stack', sequencer: LongestFirst },
    expect: { requireAssertions: true },
  },
});
