import { dirname, join } from 'node:path';
import { checkout } from './places.ts';

/** What tests start as a process: the CLI, and modules that such processes import. The global setup bundles them. */
export const underTest = {
  'cli/main': 'src/cli/main.ts',
  'secrets/store': 'src/secrets/store.ts',
  'runtime/index': 'src/runtime/index.ts',
  'test/killed': 'test/runner/killed.ts',
} as const;

/** Where that is in this run; the sources outside of one. */
export function moduleUnderTest(name: keyof typeof underTest): string {
  const main = process.env['COTENANT_CLI_UNDER_TEST'];
  return main === undefined ? join(checkout, underTest[name]) : join(dirname(main), `../${name}.js`);
}

/** Node keeps compiled code there. */
export const compileCache = { NODE_COMPILE_CACHE: join(checkout, 'dist.test/compiled') } as const;
