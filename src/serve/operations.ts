import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Line, lineText } from '../report/stream-json.ts';
import { unlessAborted } from '../util/abort.ts';
import { problem } from './problem.ts';
import { troubleOf } from './slot.ts';
import { diagnosticLine, endLine } from './lines.ts';

export const kinds = ['apply', 'verify', 'doctor'] as const;
export type Kind = (typeof kinds)[number];

export interface End {
  readonly ending: string;
  readonly exitCode: number;
}

/** Something long that was asked for. */
export interface Operation {
  readonly id: string;
  readonly kind: Kind;
  /** Who asked, as the history calls him. */
  readonly by: string;
  readonly at: string;
  /** null: it goes on. */
  readonly until: string | null;
  readonly end: End | null;
}

interface Kept extends Operation {
  /** Of which project: the manifest may get another name. */
  readonly project: string;
  until: string | null;
  end: End | null;
  /** The last of its lines; `dropped` came before them. */
  readonly lines: string[];
  dropped: number;
  /** Resolves when there is more to tell. */
  more: PromiseWithResolvers<null>;
}

/** What a work says as it goes on. The last line is the service's own. */
export type Emit = (lines: readonly Line[]) => void;
export type Work = (emit: Emit, signal: AbortSignal) => Promise<End>;

export interface Wish {
  readonly kind: Kind;
  readonly by: string;
  /** The key that asks, and what it calls this request: the same again is the same operation. null: it calls it nothing. */
  readonly idempotency: { readonly key: string; readonly request: string } | null;
}

const KEPT = 30;
const LINES = 5000;
const NAMED = 1000;
const BEAT = 15_000;

/** What is under way, and what was lately. */
export class Operations {
  readonly #signal: AbortSignal;
  readonly #project: () => string;
  readonly #settled: (kind: Kind) => void;
  readonly #kept = new Map<string, Kept>();
  readonly #named = new Map<string, { readonly request: string; readonly id: string }>();
  readonly #running = new Map<Kind, Promise<void>>();

  /** `project`: whose operations are shown. `settled`: told at the end of each. */
  constructor(signal: AbortSignal, project: () => string, settled: (kind: Kind) => void) {
    this.#signal = signal;
    this.#project = project;
    this.#settled = settled;
  }

  /** The newest first. */
  list(): readonly Operation[] {
    return [...this.#kept.values()].filter(({ project }) => project === this.#project()).reverse();
  }

  /** Throws CT4667. */
  get(id: string): Operation {
    return this.#find(id);
  }

  /** What is not to be cut off by an end of the service. */
  underWay(): readonly string[] {
    return [...this.#kept.values()].flatMap(({ kind, id, end }) => (end === null ? [`${kind} ${id}`] : []));
  }

  /** The operation that the same request has begun before; null: none. Throws CT4666 where it was another request. */
  repeated({ idempotency }: Wish): Operation | null {
    if (idempotency === null) return null;
    const named = this.#named.get(idempotency.key);
    if (!named) return null;
    if (named.request === digest(idempotency.request)) return this.#kept.get(named.id) ?? null;
    throw problem(422, 'CT4666', 'this Idempotency-Key was sent before with another request', {
      hint: 'Send another one with each request',
    });
  }

  /** Throws CT4665 while another one of its kind runs. The same request, sent twice at once, begins one. */
  start(wish: Wish, work: Work): Operation {
    const before = this.repeated(wish);
    if (before) return before;
    const { kind, by, idempotency } = wish;
    if (this.#running.has(kind))
      throw problem(409, 'CT4665', `another ${kind} is under way`, {
        hint: 'Wait for its end: GET /api/v1/operations',
        headers: { 'retry-after': '5' },
      });
    const id = randomBytes(8).toString('hex');
    const kept: Kept = {
      id,
      project: this.#project(),
      kind,
      by,
      at: new Date().toISOString(),
      until: null,
      end: null,
      lines: [],
      dropped: 0,
      more: Promise.withResolvers(),
    };
    this.#kept.set(id, kept);
    if (idempotency) this.#named.set(idempotency.key, { request: digest(idempotency.request), id });
    for (const old of this.#named.keys()) if (this.#named.size > NAMED) this.#named.delete(old);
    for (const [old, { end }] of this.#kept) if (this.#kept.size > KEPT && end !== null) this.#kept.delete(old);
    this.#running.set(kind, this.#run(kept, work));
    return kept;
  }

  /** Its lines after the one with this number, as server-sent events, until its end. */
  events(id: string, after: number, gone: AbortSignal): Readable {
    return Readable.from(this.#tell(this.#find(id), after, gone), { objectMode: false });
  }

  /** Resolves when nothing is under way. */
  async end(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #run(kept: Kept, work: Work): Promise<void> {
    const emit: Emit = (lines) => {
      const now = new Date().toISOString();
      for (const line of lines) kept.lines.push(lineText(line, now).trimEnd());
      kept.dropped += kept.lines.splice(0, kept.lines.length - LINES).length;
      this.#wake(kept);
    };
    let end: End = { ending: 'failed', exitCode: 1 };
    try {
      end = await work(emit, this.#signal);
    } catch (error) {
      if (this.#signal.aborted) end = { ending: 'interrupted', exitCode: 143 };
      else emit(troubleOf(error).map(diagnosticLine));
      emit([endLine(kept.kind, end)]);
    }
    kept.until = new Date().toISOString();
    kept.end = end;
    this.#running.delete(kept.kind);
    this.#wake(kept);
    this.#settled(kept.kind);
  }

  #wake(kept: Kept): void {
    const { more } = kept;
    kept.more = Promise.withResolvers();
    more.resolve(null);
  }

  async *#tell(kept: Kept, after: number, gone: AbortSignal): AsyncGenerator<string> {
    let at = after + 1;
    while (!gone.aborted) {
      const { more, end } = kept;
      const first = Math.max(at - kept.dropped, 0);
      const text = kept.lines.slice(first).map((line, index) => `id: ${kept.dropped + first + index}\ndata: ${line}\n\n`);
      at = kept.dropped + kept.lines.length;
      if (text.length > 0) yield text.join('');
      if (end !== null) return;
      const beat = Promise.withResolvers<'beat'>();
      const timer = setTimeout(() => beat.resolve('beat'), BEAT);
      const next = await unlessAborted(Promise.race([more.promise, beat.promise]), gone).catch(() => null);
      clearTimeout(timer);
      if (next === 'beat') yield ': still at work\n\n';
    }
  }

  #find(id: string): Kept {
    const found = this.#kept.get(id);
    if (found?.project === this.#project()) return found;
    throw problem(404, 'CT4667', 'there is no such operation, or it is long over', {
      hint: 'The history has what was changed: GET /api/v1/history',
    });
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
