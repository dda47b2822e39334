import type { Target } from '../../migrate/tool.ts';
import { fail } from '../../model/index.ts';
import { nearOf } from '../apps.ts';
import type { Project, RunEvent, RunOptions } from '../types.ts';
import { migrating } from './apps.ts';
import { firstOf, type WantsBackup } from './first-backup.ts';
import { lossesOf } from './losses.ts';
import { World } from './world.ts';
import type { Seen } from './look.ts';

export interface DownRequest {
  readonly app: string;
  /** How many revisions are taken back, or the one that is to be the last. */
  readonly end: { readonly steps: number } | { readonly to: string };
  readonly backup?: WantsBackup;
}

/**
 * Takes migrations of one app back. What it would lose is named, and wants `--confirm=<app>`, as does what nobody can tell; a backup
 * of it comes first where one is wanted. Throws CT2016, CT4108, CT4112, and what keeps a backup from being taken.
 */
export async function* migrateDown(project: Project, { app, end, backup }: DownRequest, options: RunOptions): AsyncGenerator<RunEvent> {
  const all = await migrating(project, [app]);
  const target: Target = 'steps' in end ? { to: 'back', steps: end.steps } : { to: 'revision', revision: end.to, back: true };
  const world = new World(project, all);
  const intent = { verb: 'migrate', args: { direction: 'down', ...end } };
  const again = `cotenant migrate down ${app} ${'steps' in end ? `--steps ${end.steps}` : `--to ${end.to}`}`;
  const about = { wants: backup, again, dryRun: options.dryRun === true };
  yield* world.run(intent, {}, options, (seen) => checked(seen, target), {
    losses: async (seen, dependents) => await lossesOf(project, seen, target, dependents),
    first: async (seen, lost) => await firstOf(project, seen.one, lost, about),
  });
}

function checked({ one, standing, files }: Seen, target: Target): { readonly one: Seen['one']; readonly target: Target } | null {
  if (!standing || !files) return null;
  const applied = files.revisions.map(({ id }) => id).filter((id) => !standing.pending.includes(id));
  const name = one.app.name;
  if (target.to === 'back' && target.steps > applied.length)
    throw fail('CT4112', `"${name}" has ${applied.length} applied revisions, and ${target.steps} cannot be taken back`);
  if (target.to === 'revision') {
    if (standing.current.includes(target.revision)) return null;
    if (!applied.includes(target.revision))
      throw fail('CT4112', `"${name}" has no applied revision ${target.revision}`, {
        hint: nearOf(target.revision, applied, 'applied revisions'),
      });
  }
  return { one, target };
}
