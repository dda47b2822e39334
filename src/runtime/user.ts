import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ServerUser } from '../engine/local.ts';
import { fail } from '../model/index.ts';

/** Unprivileged users that systems come with; servers refuse to run as root. */
const candidates = ['nobody'];

/** The user that servers run as: null unless this process is root. Throws CT6004 where root finds no other user. */
export function serverUser(passwd = '/etc/passwd'): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const lines = readFileSync(passwd, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of candidates) {
    const found = lines.find((fields) => fields[0] === name);
    const [uid, gid] = [Number(found?.[2]), Number(found?.[3])];
    if (uid > 0 && gid > 0) return { name, uid, gid };
  }
  throw fail('CT6004', 'This process runs as root, and there is no unprivileged user to run a database server as.', {
    hint: `Run as another user, or create one of these users: ${candidates.join(', ')}.`,
  });
}

/** True where the user can reach what is in the folder by name: it may pass there and through every folder above. */
export function canPass(user: ServerUser, folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    const stats = statSync(at);
    const bit = stats.uid === user.uid ? 0o100 : stats.gid === user.gid ? 0o010 : 0o001;
    if ((stats.mode & bit) === 0) return false;
    if (dirname(at) === at) return true;
  }
}

/** True where the user can enter the folder, and every folder above it. Access lists beyond the mode bits are not read. */
export function canEnter(user: ServerUser, folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    const stats = statSync(at);
    const bits = stats.uid === user.uid ? 0o500 : stats.gid === user.gid ? 0o050 : 0o005;
    const needed = at === folder ? bits : bits & 0o111;
    if ((stats.mode & needed) !== needed) return false;
    if (dirname(at) === at) return true;
  }
}
