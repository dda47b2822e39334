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
  return await documentOf(repository, pick(all, run === 'latest' ? run : { run }, null), project.signal);
}

/** Which backup is meant: the newest, the newest of a moment (ISO time) or before, or the one of this name. */
export type Which = 'latest' | { readonly until: string } | { readonly run: string };

/** Throws CT4314. */
export function pick(all: readonly Snapshot[], which: Which, app: string | null): Snapshot {
  const some = app === null ? all : all.filter((one) => one.app === app);
  const found = some.find(
    (one) => which === 'latest' || ('until' in which ? Date.parse(one.time) <= Date.parse(which.until) : one.run === which.run),
  );
  if (found) return found;
  const whose = app === null ? '' : ` of "${app}"`;
  if (which === 'latest' || some.length === 0) throw notThere(all, app);
  if ('until' in which)
    throw fail('CT4314', `there is no backup${whose} from ${which.until} or before`, {
      hint: `the oldest is of ${some.at(-1)?.time ?? ''}`,
    });
  throw fail('CT4314', `there is no backup ${which.run}${whose}`, {
    hint: nearOf(
      which.run,
      some.map((one) => one.run),
      'backups',
    ),
  });
}

/** CT4314, where an app has none. */
export function notThere(all: readonly Snapshot[], app: string | null): Error {
  if (app === null) return fail('CT4314', 'there is no backup', { hint: 'make one: cotenant backup' });
  const others = [...new Set(all.map((one) => one.app))].filter((one) => one !== app);
  const hint = `make one: cotenant backup ${app}`;
  return fail('CT4314', `there is no backup of "${app}"`, {
    hint: others.length === 0 ? hint : `${hint}; ${nearOf(app, others, 'apps with backups')}`,
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
