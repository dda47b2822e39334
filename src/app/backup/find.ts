import { backupDocument, DOCUMENT } from '../../backup/document.ts';
import type { Repository, Snapshot } from '../../backup/repository.ts';
import { type BackupRow, type Diagnostic, fail, type SavedApp } from '../../model/index.ts';
import { nearOf } from '../apps.ts';
import { jsonOrNull } from '../../util/json.ts';
import type { Project } from '../types.ts';
import { repositoryOf } from './access.ts';

/** The backups of a project, the newest first. Throws CT4310 to CT4312. */
export async function backupsOf(project: Project, app?: string): Promise<readonly BackupRow[]> {
  const repository = await repositoryOf(project);
  const found = await repository.list({ project: project.manifest.project, ...(app === undefined ? {} : { app }) }, project.signal);
  return found.map(rowOf);
}

/** As people see it. */
export function rowOf({ run, app, time, bytes, added, proved }: Snapshot): BackupRow {
  return { run, app, at: time, bytes, added, proved };
}

/** Throws CT4312 where the repository is broken. `share`: how much of the data is read as well, such as `5%`. */
export async function checkRepository(project: Project, share: string | null): Promise<void> {
  const repository = await repositoryOf(project);
  await repository.check(share, project.signal, project.progress);
}

/** What a backup holds. Throws CT4314. */
export async function backupNamed(project: Project, run: string): Promise<SavedApp> {
  const repository = await repositoryOf(project);
  const all = await repository.list({ project: project.manifest.project }, project.signal);
  return await documentOf(repository, pick(all, run, null), project.signal);
}

/** The backup of that name, or the newest of an app. Throws CT4314. */
export function pick(all: readonly Snapshot[], run: string, app: string | null): Snapshot {
  const some = app === null ? all : all.filter((one) => one.app === app);
  const found = run === 'latest' ? some[0] : some.find((one) => one.run === run);
  if (found) return found;
  const whose = app === null ? '' : ` of "${app}"`;
  if (some.length === 0)
    throw fail('CT4314', `there is no backup${whose}`, { hint: `make one: cotenant backup${app === null ? '' : ` ${app}`}` });
  throw fail('CT4314', `there is no backup ${run}${whose}`, {
    hint: nearOf(
      run,
      some.map((one) => one.run),
      'backups',
    ),
  });
}

export async function documentOf(repository: Pick<Repository, 'file'>, snapshot: Snapshot, signal: AbortSignal): Promise<SavedApp> {
  const text = await repository.file(snapshot, DOCUMENT, signal);
  const read = backupDocument.safeParse(jsonOrNull(text));
  if (read.success) return read.data;
  throw fail('CT4314', `the backup ${snapshot.run} is described in a form that this version does not know`, {
    hint: 'use the version that made it, or a newer one',
  });
}

/** Differences, where something has come back otherwise than it was saved. */
export function notTheSame(app: string, what: string, found: readonly string[]): Diagnostic {
  const more = found.length > SHOWN ? `; and ${found.length - SHOWN} more` : '';
  return {
    code: 'CT4307',
    severity: 'error',
    message: `${app}: ${what} is not what was saved: ${found.slice(0, SHOWN).join('; ')}${more}`,
    hint: 'do not rely on this backup: make another one, and run cotenant drill on it',
  };
}

const SHOWN = 8;
