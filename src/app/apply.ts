import type { Act } from './act.ts';
import { appsExist } from './apps.ts';
import { assemble } from './plan.ts';
import { run } from './run.ts';
import type { Project, RunEvent, RunOptions } from './types.ts';

/**
 * Makes the servers as the manifest says. Events as they happen; the last one is the result. Running it again goes on from
 * wherever this run ended.
 */
export async function* applyProject(project: Project, options: RunOptions): AsyncGenerator<RunEvent> {
  const apps = options.apps ?? options.saved?.apps;
  appsExist(project, apps);
  const only = apps === undefined ? {} : { apps };
  const { day } = options.saved ?? {};
  const act: Act = {
    intent: { verb: 'apply', ...only, args: null },
    locks: apps === undefined ? 'instance' : 'app',
    plan: assemble,
    touches: ({ input }) =>
      apps === undefined ||
      [...input.placements.map(({ app }) => app), ...input.readers.map(({ name }) => name)].some((one) => apps.includes(one)),
  };
  yield* run(project, act, { ...options, ...only, ...(day === undefined ? {} : { day }) });
}
