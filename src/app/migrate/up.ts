import type { Target } from '../../migrate/tool.ts';
import { fail } from '../../model/index.ts';
import { nearOf } from '../apps.ts';
import type { Project, RunEvent, RunOptions } from '../types.ts';
import { migrating } from './apps.ts';
import type { Job } from './lane.ts';
import type { Seen } from './look.ts';
import { othersLosses } from './losses.ts';
import { type RunOrder, World } from './world.ts';

export interface UpRequest extends RunOrder {
  /** Empty: all that have migrations. */
  readonly apps: readonly string[];
  /** Of one app: where it ends. */
  readonly to?: string;
}

/**
 * Brings the tables of apps up to date, each with its own tool and login, and proves from outside what came of it. Throws CT2016,
 * CT4108 and CT4112.
 */
export async function* migrateUp(project: Project, request: UpRequest, options: RunOptions): AsyncGenerator<RunEvent> {
  const asked = request.canary === undefined || request.apps.length === 0 ? request.apps : [...request.apps, request.canary];
  const all = await migrating(project, asked);
  if (request.canary !== undefined && !all.some(({ app }) => app.name === request.canary)) await migrating(project, [request.canary]);
  const [only] = all;
  if (request.to !== undefined && (!only || all.length > 1))
    throw fail('CT4112', '--to names a revision of one app, and no single app is named');
  const world = new World(project, all);
  const target: Target = request.to === undefined ? { to: 'head' } : { to: 'revision', revision: request.to, back: false };
  yield* world.run({ verb: 'migrate', args: argsOf(request) }, request, options, (seen) => jobsUp(seen, target), {
    losses: async (seen, dependents) => await othersLosses(project, seen, target, dependents),
  });
}

function argsOf({ apps, to }: UpRequest): { readonly direction: 'up'; readonly apps: readonly string[]; readonly to: string | null } {
  return { direction: 'up', apps, to: to ?? null };
}

/** Something to do for an app; null: nothing. */
function jobsUp({ one, standing, lock }: Seen, target: Target): Job | null {
  if (!standing || (standing.pending.length === 0 && lock === null)) return null;
  if (target.to !== 'revision') return { one, target };
  if (!standing.pending.includes(target.revision)) {
    if (standing.current.includes(target.revision)) return null;
    throw fail('CT4112', `"${one.app.name}" has no pending revision ${target.revision}`, {
      hint: nearOf(target.revision, standing.pending, 'pending revisions'),
    });
  }
  return { one, target };
}
