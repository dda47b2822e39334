import { dirname, format, join, parse } from 'node:path';
import { fail } from '../model/index.ts';
import type { Content, Entry } from './format.ts';
import { emptyContent, formatContent, parseContent } from './format.ts';
import { withFileLock } from './lock.ts';
import { makePrivateFolder, readPrivate, removePrivate, replacePrivate } from './private-file.ts';
import type { Sealer } from './seal.ts';

export interface VaultOptions {
  /** Absolute path of the plain file. The sealed one lies beside it and ends in `.age`. */
  readonly file: string;
  /** For whom to seal. []: as it was sealed before, or plain where it never was. */
  readonly recipients: readonly string[];
  readonly sealer: Sealer | null;
  /** Milliseconds to wait for another process. */
  readonly wait: number;
}

interface Reading {
  readonly content: Content;
  readonly plain: boolean;
  readonly sealed: boolean;
}

/** The file of the store, plain or sealed: reads it whole, replaces it whole. */
export class Vault {
  readonly #options: VaultOptions;
  readonly #sealedFile: string;
  #sealed: boolean;

  constructor(options: VaultOptions) {
    this.#options = options;
    const { dir, name } = parse(options.file);
    this.#sealedFile = format({ dir, name, ext: '.age' });
    this.#sealed = options.recipients.length > 0;
  }

  /** The file that is in use. */
  get file(): string {
    return this.#sealed ? this.#sealedFile : this.#options.file;
  }

  /** Reads without a lock. Brings the file in line first where other recipients are wanted, or where it is still plain. */
  async open(): Promise<Content> {
    const reading = await this.#read();
    if (this.#sealed) this.#sealer();
    if (!this.#outOfLine(reading)) return reading.content;
    return await this.update(() => null);
  }

  /** Changes the newest content under the lock, on disk when it resolves. `change` gives null where there is nothing to change. */
  async update(change: (content: Content) => Content | null): Promise<Content> {
    const folder = dirname(this.#options.file);
    await makePrivateFolder(folder);
    return await withFileLock(join(folder, `${parse(this.#options.file).name}.lock`), this.#options.wait, async () => {
      const reading = await this.#read();
      const changed = change(reading.content);
      if (changed === null && !this.#outOfLine(reading)) return reading.content;
      const content = changed ?? reading.content;
      await this.#write(content, reading);
      return content;
    });
  }

  async #read(): Promise<Reading> {
    // The plain file first: a process that seals it removes it last, so one of the two is always seen.
    const plain = await readPrivate(this.#options.file);
    const sealed = await readPrivate(this.#sealedFile);
    if (sealed !== null) this.#sealed = true;
    const parts = [
      plain === null ? emptyContent : parseContent(plain.toString('utf8'), this.#options.file),
      sealed === null ? emptyContent : parseContent(await this.#sealer().open(sealed, this.#sealedFile), this.#sealedFile),
    ];
    return { content: parts.reduce(merge), plain: plain !== null, sealed: sealed !== null };
  }

  async #write(content: Content, reading: Reading): Promise<void> {
    if (!this.#sealed) {
      await replacePrivate(this.#options.file, formatContent(content));
      return;
    }
    const sealer = this.#sealer();
    const recipients = [this.#options.recipients, content.recipients].find((some) => some.length > 0) ?? (await sealer.ownRecipients());
    await replacePrivate(this.#sealedFile, await sealer.seal(formatContent({ ...content, recipients }), recipients));
    if (reading.plain) await removePrivate(this.#options.file);
  }

  #outOfLine({ content, plain, sealed }: Reading): boolean {
    if (!this.#sealed) return false;
    if (plain) return true;
    const wanted = this.#options.recipients;
    return sealed && wanted.length > 0 && wanted.toSorted().join() !== content.recipients.toSorted().join();
  }

  #sealer(): Sealer {
    if (this.#options.sealer !== null) return this.#options.sealer;
    throw fail('CT5004', `${this.#sealedFile} is sealed with age, but no identity was given to open it.`, {
      hint: 'Set COTENANT_AGE_IDENTITY_FILE to your age identity file.',
    });
  }
}

/** Both together; where they differ, `b`. */
function merge(a: Content, b: Content): Content {
  const projects = new Map<string, ReadonlyMap<string, Entry>>(a.projects);
  for (const [project, entries] of b.projects) projects.set(project, new Map([...(projects.get(project) ?? []), ...entries]));
  return { recipients: b.recipients.length > 0 ? b.recipients : a.recipients, projects };
}
