import { isIP } from 'node:net';
import type { KeyInfo } from '../model/index.ts';

/** Who asks. `local`: somebody on this machine without a key. */
export type Who = { readonly kind: 'nobody' } | { readonly kind: 'local' } | { readonly kind: 'key'; readonly key: KeyInfo };

/**
 * What a route wants. `public`: nothing. `health`: nothing, but of whom it speaks only `see` is told. `see`: shows, and a key of one
 * app sees that alone. `whole`: shows what is of several apps. `operate`: starts something.
 */
export type Access = 'public' | 'health' | 'see' | 'whole' | 'operate';

/** 200: he may; 401: a key is missing; 403: this key does not reach so far. */
export function judge(who: Who, access: Access): 200 | 401 | 403 {
  if (access === 'public' || access === 'health') return 200;
  if (who.kind === 'nobody') return 401;
  if (who.kind === 'local') return access === 'operate' ? 401 : 200;
  const { scope } = who.key;
  if (scope === 'operate') return 200;
  if (scope === 'read') return access === 'operate' ? 403 : 200;
  return access === 'see' ? 200 : 403;
}

/** The app that a key is bound to; null: none. */
export function boundTo(who: Who): string | null {
  return who.kind === 'key' && who.key.scope.startsWith('app:') ? who.key.scope.slice('app:'.length) : null;
}

/** How the history calls him. */
export function nameOf(who: Who): string {
  return who.kind === 'key' ? `key ${who.key.name}` : 'nobody';
}

/** `::ffff:127.0.0.1` is 127.0.0.1. */
export function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

/** A host of a Host header, without its port, as it is compared; null: it is none. */
export function hostOf(header: string): string | null {
  const found = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header);
  const host = found?.[1] ?? found?.[2];
  return host === undefined ? null : host.toLowerCase();
}

/** A page of another name that was made to lead here says that name: only names that somebody gave are answered, and bare addresses. */
export function isAnswered(host: string | null, names: readonly string[]): boolean {
  return host !== null && (host === 'localhost' || isIP(host) !== 0 || names.includes(host));
}

const WINDOW = 60_000;
const EACH = 10;
const ADDRESSES = 10_000;

/** Counts keys that were wrong, by the address that they came from. Who has a right one is never held up. */
export class WrongKeys {
  readonly #seen = new Map<string, { readonly since: number; readonly count: number }>();

  /** One more; seconds to wait where there were too many. */
  add(address: string, now = Date.now()): number | null {
    const seen = this.#seen.get(address);
    const isFresh = seen !== undefined && now - seen.since < WINDOW;
    const next = isFresh ? { since: seen.since, count: seen.count + 1 } : { since: now, count: 1 };
    this.#seen.delete(address);
    this.#seen.set(address, next);
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= ADDRESSES) break;
      this.#seen.delete(oldest);
    }
    return next.count > EACH ? Math.ceil((next.since + WINDOW - now) / 1000) : null;
  }
}

const HOUR = 3_600_000;

/** Notes the hour of the last use of keys, one write for all that is asked in it. */
export class Noted {
  readonly #note: (key: KeyInfo) => Promise<void>;
  readonly #hours = new Map<string, number>();

  constructor(note: (key: KeyInfo) => Promise<void>) {
    this.#note = note;
  }

  /** Never fails: it is a comfort, and in nobody's way. */
  add(key: KeyInfo, now = Date.now()): void {
    const hour = Math.floor(now / HOUR);
    if (this.#hours.get(key.id) === hour) return;
    this.#hours.set(key.id, hour);
    this.#note(key).catch(() => this.#hours.delete(key.id));
  }
}
