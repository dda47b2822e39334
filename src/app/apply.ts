import type { Act } from './act.ts';
import { appExists } from './apps.ts';
import { assemble } from './plan.ts';
import { run } from './run.ts';
import type { Project, RunEvent, RunOptions } from './types.ts';

/**
 * Makes the servers as the manifest says. Events as they happen; the last one is the result. Running it again goes on from
 * wherever this run ended.
 */
export async function* applyProject(project: Project, options: RunOptions): AsyncGenerator<RunEvent> {
  const app = options.app ?? options.saved?.app;
  if (app !== undefined) appExists(project, app);
  const only = app === undefined ? {} : { app };
  const { day } = options.saved ?? {};
  const act: Act = {
    intent: { verb: 'apply', ...only, args: null },
    locks: app === undefined ? 'instance' : 'app',
    plan: assemble,
    touches: ({ input }) =>
      app === undefined || [...input.placements.map((one) => one.app), ...input.readers.map(({ name }) => name)].includes(app),
  };
  yield* run(project, act, { ...options, ...only, ...(day === undefined ? {} : { day }) });
}
