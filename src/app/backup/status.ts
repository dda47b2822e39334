import type { AppBackups, BackupRow, Diagnostic } from '../../model/index.ts';
import { diagnosticsOf } from '../sessions.ts';
import type { Project } from '../types.ts';
import { isOn } from '../env-names.ts';
import { repositoryOf } from './access.ts';
import { rowOf } from './find.ts';

export interface BackupsFound {
  /** Of each app with something to save; null: nothing says where backups are, or they cannot be read. */
  readonly backups: readonly AppBackups[] | null;
  /** Every backup of the project, the newest first; null: as above. */
  readonly rows: readonly BackupRow[] | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** What is saved of each app, and what of that came back in a drill. Takes no lock. What stands against reading it is a warning. */
export async function backupStatus(project: Project): Promise<BackupsFound> {
  if (!isAskedFor(project)) return { backups: null, rows: null, diagnostics: [] };
  const { project: name, apps, instances, backup } = project.manifest;
  try {
    const snapshots = (await (await repositoryOf(project)).peek(name, project.signal)) ?? [];
    const kept = Map.groupBy(snapshots, ({ app }) => app);
    const saved = instances.filter((instance) => backup?.exclude?.includes(instance.name) !== true);
    const backups = apps
      .filter(({ name: app }) => saved.some(({ input }) => isOn(input, app)))
      .map(({ name: app }): AppBackups => {
        const all = kept.get(app) ?? [];
        const last = all[0] ?? null;
        const proved = all.filter((one) => one.proved !== null).toSorted((a, b) => ((a.proved ?? '') < (b.proved ?? '') ? 1 : -1))[0];
        return {
          app,
          last: last && { run: last.run, at: last.time, grade: last.grade },
          proved: proved ? { run: proved.run, at: proved.proved ?? '', seconds: proved.took } : null,
        };
      });
    return { backups, rows: snapshots.map(rowOf), diagnostics: [] };
  } catch (error) {
    return { backups: null, rows: null, diagnostics: diagnosticsOf(error).map((one) => ({ ...one, severity: 'warning' as const })) };
  }
}

/** A repository of somebody's own that the environment alone names is asked only where it can be opened. */
function isAskedFor({ manifest, env }: Project): boolean {
  const { repository, password } = manifest.backup ?? {};
  const word = env['RESTIC_PASSWORD'] ?? env['RESTIC_PASSWORD_FILE'] ?? '';
  return repository !== undefined || ((env['RESTIC_REPOSITORY'] ?? '') !== '' && (password !== undefined || word !== ''));
}
