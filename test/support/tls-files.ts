import { chmod, chown, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Authority, authority, type Certificate } from './certificates.ts';

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

/** A test authority, another one, and a client's certificate as files of a server: what stands for each in a manifest, as `CA.pem`. */
export interface OwnAuthority {
  readonly ca: Authority;
  readonly path: (name: 'CA' | 'OTHER' | 'CERT' | 'KEY') => string;
  /** The text with the paths in the place of `CA.pem`, `OTHER.pem`, `CERT.pem` and `KEY.pem`. */
  written(text: string): string;
}

export async function ownAuthority(folder: string): Promise<OwnAuthority> {
  const ca = await authority();
  const client = await tlsFilesIn(folder, 'client', await ca.issue({ commonName: 'client' }));
  const files = {
    CA: (await tlsFilesIn(folder, 'ca', ca)).cert,
    OTHER: (await tlsFilesIn(folder, 'other', await authority())).cert,
    CERT: client.cert,
    KEY: client.key,
  };
  return {
    ca,
    path: (name) => files[name],
    written: (text) => Object.entries(files).reduce((all, [name, path]) => all.replaceAll(`${name}.pem`, path), text),
  };
}
