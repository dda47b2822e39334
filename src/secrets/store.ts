import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { SecretInput, SecretSource, StagedSecret } from '../engine/index.ts';
import type { SecretRef } from '../model/index.ts';
import type { Content, Entry, Version } from './format.ts';
import { resolveSecretInput } from './input.ts';
import { Sealer } from './seal.ts';
import { Vault } from './vault.ts';

/** The project's secrets, in one file that only its owner can read. */
export interface SecretStore extends SecretSource {
  /** Absolute path of the file. */
  readonly file: string;
  /** Like `ensure` for each, in the same order, with one write to disk for all. */
  ensureAll(refs: readonly SecretRef[]): Promise<readonly string[]>;
  /** The value in use, made where there is none: of what is in use from the start. */
  make(ref: SecretRef): Promise<string>;
  /** The value that waits beside the one in use, made where there is none. */
  stage(ref: SecretRef): Promise<string>;
  /** All that wait. */
  allStaged(): readonly SecretRef[];
  /** A server has these now: what waited is in use, with one write to disk for all. */
  promote(refs: readonly SecretRef[]): Promise<void>;
  /** No server has these, nor will: what waited goes, what is in use stays. */
  discard(refs: readonly SecretRef[]): Promise<void>;
  /** Reads the file again: another process may have made secrets meanwhile. */
  reload(): Promise<void>;
  /** Keeps a value that was made elsewhere, in place of what may be there. */
  set(ref: SecretRef, value: string): Promise<void>;
  /** Other projects of the same file that have a secret of this name. */
  projectsWith(ref: SecretRef): readonly string[];
  /** When the secret was made or handed in, or null. */
  madeAt(name: string): Date | null;
}

export interface SecretStoreOptions {
  /** Path of the plain file, as `.cotenant/secrets.json`. The sealed file, `secrets.age`, lies beside it. */
  readonly file: string;
  readonly project: string;
  /** `COTENANT_AGE_RECIPIENTS` and `COTENANT_AGE_IDENTITY_FILE` are read from here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Instead of `COTENANT_AGE_RECIPIENTS`. */
  readonly recipients?: readonly string[];
  /** The text of an age identity file, instead of `COTENANT_AGE_IDENTITY_FILE`. */
  readonly identity?: SecretInput;
  /** Milliseconds to wait for another process that writes. Default 30,000. */
  readonly wait?: number;
}

/**
 * Opens the store, which need not exist yet. Throws DiagnosticErrors: CT5001 identity file missing, CT5002 others can read
 * the file or its folder, CT5003 damaged, CT5004 cannot be sealed or opened. Later writes: CT5005 locked, CT5006 not writable.
 */
export async function openSecretStore(options: SecretStoreOptions): Promise<SecretStore> {
  const { env } = options;
  const recipients = options.recipients ?? splitList(env.COTENANT_AGE_RECIPIENTS);
  const identity = options.identity ?? (env.COTENANT_AGE_IDENTITY_FILE ? { file: env.COTENANT_AGE_IDENTITY_FILE } : null);
  const sealer = identity && (await Sealer.fromIdentityFile(await resolveSecretInput(identity, { env, baseDir: process.cwd() })));
  const vault = new Vault({ file: resolve(options.file), recipients, sealer, wait: options.wait ?? 30_000 });
  return new FileSecretStore(vault, options.project, await vault.open());
}

type Change = (entries: Map<string, Entry>) => void;

class FileSecretStore implements SecretStore {
  readonly #vault: Vault;
  readonly #project: string;
  #entries: ReadonlyMap<string, Entry>;
  #content: Content;
  #waiting: Change[] = [];
  #next: Promise<void> | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(vault: Vault, project: string, content: Content) {
    this.#vault = vault;
    this.#project = project;
    this.#content = content;
    this.#entries = content.projects.get(project) ?? new Map();
  }

  get file(): string {
    return this.#vault.file;
  }

  async ensure(ref: SecretRef): Promise<string> {
    const known = this.staged(ref)?.value ?? this.peek(ref);
    if (known !== null) return known;
    await this.#change((entries) => {
      if (!entries.has(ref.secret)) entries.set(ref.secret, { next: newVersion() });
    });
    return this.#stored(this.staged(ref)?.value ?? this.peek(ref), ref);
  }

  async make(ref: SecretRef): Promise<string> {
    const known = this.peek(ref);
    if (known !== null) return known;
    await this.#change((entries) => {
      const entry = entries.get(ref.secret);
      if (!entry?.live) entries.set(ref.secret, { ...entry, live: newVersion() });
    });
    return this.#stored(this.peek(ref), ref);
  }

  async stage(ref: SecretRef): Promise<string> {
    const known = this.staged(ref);
    if (known) return known.value;
    await this.#change((entries) => {
      const entry = entries.get(ref.secret);
      if (!entry?.next) entries.set(ref.secret, { ...entry, next: newVersion() });
    });
    return this.#stored(this.staged(ref)?.value ?? null, ref);
  }

  allStaged(): readonly SecretRef[] {
    return [...this.#entries].flatMap(([secret, { next }]) => (next ? [{ secret }] : []));
  }

  async promote(refs: readonly SecretRef[]): Promise<void> {
    await this.#settle(refs, (next) => ({ live: next }));
  }

  async discard(refs: readonly SecretRef[]): Promise<void> {
    await this.#settle(refs, (_, live) => (live ? { live } : null));
  }

  async ensureAll(refs: readonly SecretRef[]): Promise<readonly string[]> {
    return await Promise.all(refs.map((ref) => this.ensure(ref)));
  }

  async reload(): Promise<void> {
    this.#content = await this.#vault.open();
    this.#entries = this.#content.projects.get(this.#project) ?? new Map();
  }

  async set(ref: SecretRef, value: string): Promise<void> {
    if (this.peek(ref) === value) return;
    await this.#change((entries) => void entries.set(ref.secret, { live: newVersion(value) }));
  }

  peek(ref: SecretRef): string | null {
    return this.#entries.get(ref.secret)?.live?.value ?? null;
  }

  staged(ref: SecretRef): StagedSecret | null {
    const next = this.#entries.get(ref.secret)?.next;
    return next ? { value: next.value, derived: next.derived ?? null } : null;
  }

  async setDerived(ref: SecretRef, derived: string): Promise<void> {
    const { live, next } = this.#entries.get(ref.secret) ?? {};
    const sent = next ?? live;
    const value = this.#stored(sent?.value ?? null, ref);
    if (sent?.derived === derived) return;
    await this.#change((entries) => {
      const entry = entries.get(ref.secret);
      // Another process may have put a new value in its place; this was derived from the old one. It may be in use by now.
      if (entry?.next?.value === value) entries.set(ref.secret, { ...entry, next: { ...entry.next, derived } });
      else if (entry?.live?.value === value) entries.set(ref.secret, { ...entry, live: { ...entry.live, derived } });
    });
  }

  derived(ref: SecretRef): string | null {
    return this.#entries.get(ref.secret)?.live?.derived ?? null;
  }

  projectsWith(ref: SecretRef): readonly string[] {
    return [...this.#content.projects].flatMap(([project, entries]) =>
      project !== this.#project && entries.has(ref.secret) ? [project] : [],
    );
  }

  madeAt(name: string): Date | null {
    const live = this.#entries.get(name)?.live;
    return live ? new Date(live.madeAt) : null;
  }

  toJSON(): object {
    return { file: this.file, secrets: this.#entries.size };
  }

  [inspect.custom](): string {
    return `SecretStore { file: ${inspect(this.file)}, secrets: ${this.#entries.size} }`;
  }

  #stored(value: string | null, { secret }: SecretRef): string {
    if (value === null) throw new Error(`no secret is stored under ${secret}`);
    return value;
  }

  /** What becomes of those that wait as this store knows them: another process may have staged others since. */
  async #settle(refs: readonly SecretRef[], after: (next: Version, live: Version | undefined) => Entry | null): Promise<void> {
    const known = refs.flatMap((ref) => {
      const value = this.staged(ref)?.value;
      return value === undefined ? [] : [{ secret: ref.secret, value }];
    });
    if (known.length === 0) return;
    await this.#change((entries) => {
      for (const { secret, value } of known) {
        const { live, next } = entries.get(secret) ?? {};
        if (next?.value !== value) continue;
        const entry = after(next, live);
        if (entry) entries.set(secret, entry);
        else entries.delete(secret);
      }
    });
  }

  /** Resolves when the change is on disk. Changes that come while a write waits or runs share the next one. */
  #change(change: Change): Promise<void> {
    this.#waiting.push(change);
    this.#next ??= this.#flushAfter(this.#last);
    return this.#next;
  }

  #flushAfter(before: Promise<void>): Promise<void> {
    const flush = before.then(nextTurn).then(async () => {
      const changes = this.#waiting;
      this.#waiting = [];
      this.#next = null;
      await this.#write(changes);
    });
    // A failed write is told to those who waited for it, and does not stop the next one.
    this.#last = flush.catch(() => undefined);
    return flush;
  }

  async #write(changes: readonly Change[]): Promise<void> {
    const content = await this.#vault.update((current) => {
      const before = current.projects.get(this.#project) ?? new Map<string, Entry>();
      const entries = new Map(before);
      for (const change of changes) change(entries);
      if (entries.size === before.size && [...entries].every(([name, entry]) => before.get(name) === entry)) return null;
      return { ...current, projects: new Map([...current.projects, [this.#project, entries]]) };
    });
    this.#content = content;
    this.#entries = content.projects.get(this.#project) ?? new Map();
  }
}

/** 256 bits, in letters that need no escape in a URL. None begins with -, which programs take for an option. */
export function freshSecret(random: (size: number) => Buffer = randomBytes): string {
  for (;;) {
    const text = random(32).toString('base64url');
    if (!text.startsWith('-')) return text;
  }
}

function newVersion(value = freshSecret()): Version {
  return { value, madeAt: new Date().toISOString() };
}

function splitList(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
