import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LineFilter } from '../engine/index.ts';

export interface LogReading {
  readonly file: string;
  /** How many lines of what is there already. */
  readonly lines: number;
  /** Goes on with what is written from then on, until the signal. */
  readonly follow: boolean;
  readonly filter: LineFilter | null;
  readonly signal: AbortSignal;
}

/** Milliseconds between two looks at a file that is followed. */
const pause = 200;

/** The last lines of a log, and then new ones as they come. A log that is not there is empty. */
export async function* readLog(reading: LogReading): AsyncGenerator<string> {
  const { file, lines, follow, signal } = reading;
  const wanted = chooser(reading.filter);
  const last: string[] = [];
  let at = await eachLine(file, 0, (line) => {
    if (!wanted(line)) return;
    last.push(line);
    if (last.length > lines) last.shift();
  });
  yield* last;
  if (!follow) return;
  while (!signal.aborted) {
    const size = await sizeOf(file);
    // The supervisor empties a log that grows too long.
    if (size < at) at = 0;
    if (size > at) {
      const fresh: string[] = [];
      at = await eachLine(file, at, (line) => void (wanted(line) && fresh.push(line)));
      yield* fresh;
    }
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

/** A line that belongs to the one before goes where that went. */
function chooser(filter: LineFilter | null): (line: string) => boolean {
  let before = false;
  return (line) => {
    before = filter === null ? true : (filter(line) ?? before);
    return before;
  };
}

/** Calls for each whole line from `from` on. Gives where the first line begins that is not whole yet. */
async function eachLine(file: string, from: number, take: (line: string) => void): Promise<number> {
  const size = await sizeOf(file);
  if (size <= from) return size;
  let at = from;
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { start: from, end: size - 1 })) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      take(rest.toString('utf8', 0, end));
      at += end + 1;
      rest = rest.subarray(end + 1);
    }
  }
  return at;
}

async function sizeOf(file: string): Promise<number> {
  return await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
