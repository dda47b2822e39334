import type { Machine } from '../engine/local.ts';
import { copyTree, giveTo, readable, tempFolder } from './folder.ts';
import { freePort } from './port.ts';
import { run, start } from './process.ts';
import { untilReady } from './ready.ts';
import { canEnter, serverUser } from './user.ts';

/** This machine, for engines that start a server on it. Throws CT6004 where this process is root and no other user is there. */
export function localMachine(): Machine {
  const user = serverUser();
  return {
    user,
    freePort,
    untilReady,
    copyTree,
    tempFolder: (prefix, where) => tempFolder(prefix, user, where),
    chownToServer: (path) => giveTo(user, path),
    canRead: (folder) => user === null || canEnter(user, folder),
    readable: (folder, into) => readable(user, folder, into),
    run: (command, args, options) => run(user, command, args, options),
    start: (command, args, options) => start(user, command, args, options),
  };
}
