import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { BackupContext } from '../../../../src/engine/index.ts';
import { unpackedInstallation, type Version, versions } from '../../../../src/engines/mysql/local/find.ts';
import type { SavedObject, SavedPart } from '../../../../src/model/index.ts';
import { partsOf } from '../../../support/backup-part.ts';
import { cache } from '../../../support/places.ts';
import { type Login, loginOf, type OpenSession, session, type Workplace } from '../lifecycle/harness.ts';

/** Folders with dump clients, that of each server's own version first. */
export const clients = versions.flatMap((version) => folderOf(version) ?? []);

function folderOf(version: Version): string | null {
  const found = unpackedInstallation(cache, version);
  const folder = found && join(found.base, 'bin');
  return folder && existsSync(join(folder, version === 'mysql9' ? 'mysqldump' : 'mariadb-dump')) ? folder : null;
}

export const clientOf = (version: Version): string =>
  join(folderOf(version) ?? '/nowhere', version === 'mysql9' ? 'mysqldump' : 'mariadb-dump');

export const hasClient = (version: Version): boolean => folderOf(version) !== null;

export interface Backups {
  readonly said: readonly string[];
  readonly context: BackupContext;
  save(app: string): Promise<SavedPart>;
  load(app: string, part: SavedPart): Promise<readonly SavedObject[]>;
  present(app: string): Promise<readonly string[]>;
  rehearse(app: string, part: SavedPart): Promise<readonly SavedObject[]>;
}

/** What an engine's part of a backup can do, with a folder of its own. */
export async function backupsIn(place: Workplace, more: Partial<BackupContext> = {}): Promise<Backups> {
  const programs = [...clients, ...(process.env['PATH'] ?? '').split(delimiter)];
  const { backup: ability, input, context, said } = await partsOf(await place.open(), place.folder, { programs, ...more });
  return {
    said,
    context,
    save: async (app) => await ability.save(input, app, context),
    load: async (app, part) => await ability.load(input, app, part, context),
    present: async (app) => await ability.present(input, app, context),
    rehearse: async (app, part) => await ability.rehearse(input, app, part, context),
  };
}

/** A session of the app that stays open. */
export async function sessionOf(place: Workplace, app: string): Promise<OpenSession> {
  return await session(await loginIn(place, app));
}

export async function loginIn(place: Workplace, app: string): Promise<Login> {
  return loginOf(await place.reveal(app));
}

/** What drills have left, as the operator sees it. */
export const LEFT =
  "SELECT SCHEMA_NAME AS n FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'cotenant\\_drill%' UNION ALL SELECT User FROM mysql.user WHERE User LIKE 'cotenant\\_drill%' UNION ALL SELECT name FROM cotenant.ledger WHERE kind = 'drill'";
