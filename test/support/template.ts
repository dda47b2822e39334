import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Machine } from '../../src/engine/local.ts';

export interface TemplateOf {
  readonly machine: Machine;
  /** The server's program: another one has another template. */
  readonly program: string;
  /** What it is, for people who look into the folder. */
  readonly name: string;
  /** Counts up where templates are made in another way than before. */
  readonly edition: number;
  /** Makes the data, in a folder of the server's user, and says where. */
  make(folder: string, password: string): Promise<string>;
}

/** A data folder that was made before, and the password of its admin. */
export interface Template {
  readonly data: string;
  readonly password: string;
}

export function newPassword(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * A data folder ready to be copied, one for each program and user; made at the first use. Two processes may ask at once:
 * both make one, the first one in wins.
 * @param folder where templates are kept; what is inside can be read by this user alone
 */
export async function template(of: TemplateOf, folder: string): Promise<Template> {
  const { size, mtimeMs } = await stat(of.program);
  const owner = of.machine.user?.uid ?? process.getuid?.() ?? 0;
  const hash = createHash('sha256').update(`${of.edition} ${size} ${mtimeMs} ${owner}`).digest('hex');
  const place = join(folder, `${of.name}-${hash.slice(0, 16)}`);
  if (!existsSync(place)) await makeTemplate(of, place);
  return { data: join(place, 'data'), password: (await readFile(join(place, 'password'), 'utf8')).trim() };
}

async function makeTemplate({ machine, make }: TemplateOf, place: string): Promise<void> {
  await using scratch = await machine.tempFolder('cotenant-template-');
  const password = newPassword();
  const data = await make(scratch.path, password);
  await mkdir(dirname(place), { recursive: true, mode: 0o700 });
  const staging = await mkdtemp(join(dirname(place), '.new-'));
  try {
    await machine.copyTree(data, join(staging, 'data'));
    await writeFile(join(staging, 'password'), `${password}\n`, { flag: 'wx', mode: 0o600 });
    await rename(staging, place).catch((error: unknown) => {
      if (!existsSync(join(place, 'password'))) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
