import { chmod, mkdir, realpath, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail } from '../model/index.ts';
import { keepOutOfGit, whyNotWritten } from '../util/system.ts';
import { canPass, serverUser } from './user.ts';
import { sha256 } from '../util/canonical.ts';

/** The files of one server of ours, all under `.cotenant/servers/<instance>/`. */
export interface Place {
  /** Mode 0700. */
  readonly folder: string;
  /** What was started, and how: written by `up`. */
  readonly state: string;
  /** What the supervisor says of itself. */
  readonly supervisor: string;
  /** Held by the supervisor as long as it lives. */
  readonly supervisorLock: string;
  /** Held by whoever starts or stops. */
  readonly startLock: string;
  readonly log: string;
  readonly supervisorLog: string;
}

export interface Home {
  /** The server's own folders are in here: the same folder, or the one of `rootHome`. */
  readonly home: string;
}

export interface PlaceInput {
  /** `.cotenant` of the manifest's folder, absolute. */
  readonly root: string;
  readonly instance: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function placeOf({ root, instance, env }: PlaceInput): Place & Home {
  const folder = join(root, 'servers', instance);
  const home = process.getuid?.() === 0 ? join(rootHome(env), digest(root), instance) : folder;
  return { ...placeIn(folder), home };
}

/** The files in a server's folder. */
export function placeIn(folder: string): Place {
  return {
    folder,
    state: join(folder, 'state.json'),
    supervisor: join(folder, 'supervisor.json'),
    supervisorLock: join(folder, 'supervisor.lock'),
    startLock: join(folder, 'start.lock'),
    log: join(folder, 'server.log'),
    supervisorLog: join(folder, 'supervisor.log'),
  };
}

/**
 * Servers refuse to run as root, and the user that they run as instead cannot enter a folder that is root's alone. So what
 * the server itself reads and writes lies elsewhere where this process is root.
 */
function rootHome(env: PlaceInput['env']): string {
  const told = env['COTENANT_SERVERS'] ?? '';
  return told === '' ? '/var/lib/cotenant' : told;
}

/** Ten letters for a text: two checkouts of one project get two homes. */
function digest(text: string): string {
  return sha256(text).slice(0, 10);
}

/** Makes the folders. Throws CT6010 where that is not possible. */
export async function makePlace(place: Place & Home): Promise<void> {
  await makeFolders(place);
  const user = serverUser();
  if (user === null || canPass(user, await realpath(place.home))) return;
  throw fail('CT6010', `Servers run as user ${user.name}, because this process is root, and that user cannot enter ${place.home}.`, {
    hint: `Run as a user other than root, or set COTENANT_SERVERS to a folder that ${user.name} can enter.`,
  });
}

async function makeFolders(place: Place & Home): Promise<void> {
  try {
    await mkdir(place.folder, { recursive: true, mode: 0o700 });
    await keepOutOfGit(dirname(dirname(place.folder)));
    if (place.home === place.folder) return;
    const parent = dirname(place.home);
    const made = await mkdir(dirname(parent), { recursive: true, mode: 0o711 });
    if (made !== undefined) await chmod(dirname(parent), 0o711);
    // The umask may be stricter, and the server's user has to pass.
    for (const folder of [parent, place.home]) {
      await mkdir(folder, { recursive: true });
      await chmod(folder, 0o711);
    }
    await symlink(join(place.home, 'data'), join(place.folder, 'data')).catch(() => undefined);
  } catch (error) {
    throw fail('CT6010', `The folders of a local server cannot be created: ${whyNotWritten(error)}`, {
      hint: 'Check who may write in the folder of the manifest, and that the disk has room',
    });
  }
}

/** The data folder, without symbolic links above it, as servers tell it. */
export async function dataFolder(place: Home): Promise<string> {
  return join(await realpath(place.home), 'data');
}

/** A folder for copies of these programs, which the server's user can enter. */
export async function copiesOf(place: Home, programs: unknown): Promise<string> {
  const folder = join(place.home, 'programs', digest(JSON.stringify(programs)));
  await mkdir(folder, { recursive: true });
  for (const one of [dirname(folder), folder]) await chmod(one, 0o711);
  return folder;
}
