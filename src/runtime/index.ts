import type { TempFolder } from '../engine/local.ts';
import { tempFolder } from './folder.ts';

export { localMachine } from './machine.ts';

/** A new folder, mode 0700, of this process's own user. It goes when the process ends. */
export async function privateTempFolder(prefix: string): Promise<TempFolder> {
  return await tempFolder(prefix, null);
}
