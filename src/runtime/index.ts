import type { TempFolder } from '../engine/local.ts';
import { tempFolder } from './folder.ts';

export { containerLog } from './container.ts';
export type { ServerUp } from './job.ts';
export { readLog } from './log.ts';
export { localMachine } from './machine.ts';
export { startServer } from './start-server.ts';
export { stopServer } from './stop-server.ts';
export type { Skipped, Way } from './ways.ts';

/** A new folder, mode 0700, of this process's own user. It goes when the process ends. */
export async function privateTempFolder(prefix: string): Promise<TempFolder> {
  return await tempFolder(prefix, null);
}
