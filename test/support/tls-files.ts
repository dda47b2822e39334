import { chmod, chown, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Certificate } from './certificates.ts';

/** Writes PEM files that the user of the server alone can read, and gives their paths. */
export async function tlsFilesIn(
  folder: string,
  name: string,
  { cert, key }: Certificate,
): Promise<{ readonly cert: string; readonly key: string }> {
  const { uid, gid } = await stat(folder);
  const written = async (ending: string, text: string): Promise<string> => {
    const path = join(folder, `${name}.${ending}`);
    await writeFile(path, text);
    await chmod(path, 0o600);
    await chown(path, uid, gid);
    return path;
  };
  return { cert: await written('crt', cert), key: await written('key', key) };
}
