import { fail, type Step } from '../model/index.ts';

/** Bytes between a step that makes them and one that takes them. */
const BUFFER = 1024 * 1024;

interface Pipe {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  /** Resolves true when its maker begins; false: it never will. */
  readonly begun: PromiseWithResolvers<boolean>;
}

/**
 * The streams between the steps of a run. A reader sees the end of one only after its maker ended well, so that nothing is
 * made good from half of it; when either side fails, so does the other.
 */
export class Artifacts {
  readonly #pipes = new Map<string, Pipe>();

  /** Throws where two steps make the same, or one takes what none makes or another one takes as well. */
  constructor(steps: readonly Step[]) {
    for (const { makes } of steps) {
      if (makes === undefined) continue;
      if (this.#pipes.has(makes)) throw new Error(`two steps of the plan make ${makes}`);
      this.#pipes.set(makes, newPipe());
    }
    const taken = new Set<string>();
    for (const name of steps.flatMap(({ takes = [] }) => takes)) {
      if (!this.#pipes.has(name)) throw new Error(`no step of the plan makes ${name}`);
      if (taken.has(name)) throw new Error(`two steps of the plan take ${name}`);
      taken.add(name);
    }
    for (const name of this.#pipes.keys()) if (!taken.has(name)) throw new Error(`no step of the plan takes ${name}`);
  }

  /** Waits until what these steps take is being made. False: something of it never will be. */
  async begun(steps: readonly Step[]): Promise<boolean> {
    const waits = steps.flatMap(({ takes = [] }) => takes).map((name) => this.#pipe(name).begun.promise);
    return (await Promise.all(waits)).every(Boolean);
  }

  begin(steps: readonly Step[]): void {
    for (const name of made(steps)) this.#pipe(name).begun.resolve(true);
  }

  /** A unit has ended, or will never begin. Settles what it made and gives up what it took. */
  async end(steps: readonly Step[], ok: boolean): Promise<void> {
    for (const name of made(steps)) {
      const { writer, begun } = this.#pipe(name);
      begun.resolve(false);
      // Where its reader has gone, the end of the stream fails; that is the reader's own failure.
      await (ok ? writer.close() : writer.abort(fail('CT4013', `${name} is incomplete`))).catch(() => undefined);
    }
    for (const name of steps.flatMap(({ takes = [] }) => takes)) {
      const { readable, writer } = this.#pipe(name);
      const why = gone(name);
      if (!readable.locked) await readable.cancel(why).catch(() => undefined);
      if (!ok) await writer.abort(why).catch(() => undefined);
    }
  }

  read(name: string): ReadableStream<Uint8Array> {
    return this.#pipe(name).readable;
  }

  /** Closing it says that all is written; the reader learns so when the step has ended well. */
  write(name: string): WritableStream<Uint8Array> {
    const { writer } = this.#pipe(name);
    return new WritableStream<Uint8Array>({
      write: async (chunk) => {
        try {
          await writer.ready;
          await writer.write(chunk);
        } catch {
          throw gone(name);
        }
      },
      abort: async (reason) => await writer.abort(reason),
    });
  }

  #pipe(name: string): Pipe {
    const pipe = this.#pipes.get(name);
    if (!pipe) throw new Error(`the plan has no artifact ${name}`);
    return pipe;
  }
}

function gone(name: string): Error {
  return fail('CT4013', `the step that takes ${name} has ended before it was all there`);
}

function made(steps: readonly Step[]): readonly string[] {
  return steps.flatMap(({ makes }) => makes ?? []);
}

function newPipe(): Pipe {
  const strategy = new ByteLengthQueuingStrategy({ highWaterMark: BUFFER });
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(
    {},
    strategy,
    new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
  );
  const writer = writable.getWriter();
  // Whoever writes hears of it; nobody else has to.
  writer.closed.catch(() => undefined);
  return { readable, writer, begun: Promise.withResolvers<boolean>() };
}
