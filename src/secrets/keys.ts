import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { z } from 'zod';
import { fail, type KeyInfo, type KeyScope } from '../model/index.ts';
import { jsonOrNull } from '../util/json.ts';
import { withFileLock } from './lock.ts';
import { makePrivateFolder, readPrivate, replacePrivate } from './private-file.ts';

const scopeText = z.custom<KeyScope>((value) => typeof value === 'string' && /^(?:read|operate|app:.+)$/s.test(value));

const stored = z.strictObject({
  project: z.string(),
  id: z.string(),
  name: z.string(),
  scope: scopeText,
  made: z.iso.datetime(),
  expires: z.iso.datetime().nullable(),
  used: z.iso.datetime().nullable(),
  /** SHA-256 of the whole key. It has 256 random bits, so nothing slower is needed. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
const document = z.strictObject({ format: z.literal(1), keys: z.array(stored) });
type Stored = z.infer<typeof stored>;

const FORM = /^ct_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;
const HOUR = 3_600_000;
/** Compared where there is no such key, so that an id that exists takes no longer than one that does not. */
const NOBODY = Buffer.alloc(32);

export interface NewKey {
  readonly name: string;
  readonly scope: KeyScope;
  /** null: never. */
  readonly expires: Date | null;
}

/** The keys of one project. The file holds those of every project that keeps its secrets in this folder. */
export class KeyFile {
  readonly file: string;
  readonly project: string;
  #seen = '';
  #keys: readonly Stored[] = [];

  /** `file`: absolute. */
  constructor(file: string, project: string) {
    this.file = file;
    this.project = project;
  }

  /** Makes a key and gives it, for the only time. Throws CT4650. */
  async create({ name, scope, expires }: NewKey): Promise<{ readonly key: string; readonly info: KeyInfo }> {
    const id = randomBytes(6).toString('hex');
    const key = `ct_${id}_${randomBytes(32).toString('base64url')}`;
    const made: Stored = {
      project: this.project,
      id,
      name,
      scope,
      made: new Date().toISOString(),
      expires: expires?.toISOString() ?? null,
      used: null,
      hash: digest(key).toString('hex'),
    };
    await this.#change((keys) => {
      if (keys.some((one) => this.#isOurs(one) && one.name === name))
        throw fail('CT4650', `there is a key "${name}" already`, { hint: `choose another name, or: cotenant key revoke ${name}` });
      return [...keys, made];
    });
    return { key, info: shown(made) };
  }

  /** The oldest first. */
  async list(): Promise<readonly KeyInfo[]> {
    return (await this.#read()).filter((one) => this.#isOurs(one)).map(shown);
  }

  /** Throws CT4651. */
  async revoke(name: string): Promise<KeyInfo> {
    let gone: Stored | undefined;
    await this.#change((keys) => {
      gone = keys.find((one) => this.#isOurs(one) && one.name === name);
      if (!gone) throw fail('CT4651', `there is no key "${name}"`, { hint: 'cotenant key list shows the names' });
      return keys.filter((one) => one !== gone);
    });
    if (!gone) throw new Error('a key went while its file was locked');
    return shown(gone);
  }

  /** Whose key this is; null: nobody's, or its time is over. The file is read again where it has changed. */
  async find(key: string, now = Date.now()): Promise<KeyInfo | null> {
    const id = FORM.exec(key)?.[1];
    const found = (await this.#current()).find((one) => this.#isOurs(one) && one.id === id);
    const isRight = timingSafeEqual(digest(key), found ? Buffer.from(found.hash, 'hex') : NOBODY);
    if (!found || !isRight || (found.expires !== null && Date.parse(found.expires) <= now)) return null;
    return shown(found);
  }

  /** Notes that it was used, to the hour: no more than one write an hour. */
  async note({ id, used }: KeyInfo, now = Date.now()): Promise<void> {
    const hour = new Date(Math.floor(now / HOUR) * HOUR).toISOString();
    if (used === hour) return;
    await this.#change((keys) => keys.map((one) => (one.id === id ? { ...one, used: hour } : one)));
  }

  #isOurs({ project }: Stored): boolean {
    return project === this.project;
  }

  async #current(): Promise<readonly Stored[]> {
    const found = await stat(this.file, { bigint: true }).catch(() => null);
    const seen = found === null ? 'none' : `${found.ino} ${found.mtimeNs} ${found.size}`;
    if (seen !== this.#seen) {
      this.#keys = await this.#read();
      this.#seen = seen;
    }
    return this.#keys;
  }

  async #read(): Promise<readonly Stored[]> {
    const bytes = await readPrivate(this.file);
    if (bytes === null) return [];
    const parsed = document.safeParse(jsonOrNull(bytes.toString('utf8')));
    if (parsed.success) return parsed.data.keys;
    throw fail('CT4652', `${this.file} is no file of keys that this version can read`, {
      hint: 'restore it from a backup, or remove it and make new keys',
    });
  }

  async #change(change: (keys: readonly Stored[]) => readonly Stored[]): Promise<void> {
    const folder = dirname(this.file);
    await makePrivateFolder(folder);
    await withFileLock(join(folder, `${parse(this.file).name}.lock`), WAIT, async () => {
      const keys = change(await this.#read());
      await replacePrivate(this.file, `${JSON.stringify({ format: 1, keys }, null, 2)}\n`);
    });
  }
}

/** Milliseconds for whoever else changes the keys. */
const WAIT = 30_000;

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function shown({ id, name, scope, made, expires, used }: Stored): KeyInfo {
  return { id, name, scope, made, expires, used };
}
