import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Intent, Json, PastRun } from '../model/index.ts';
import { runs } from '../util/alive.ts';
import { fingerprint } from '../util/canonical.ts';
import { type Entry, entrySchema, type Head, type StepEntry } from './entry.ts';
import { SUFFIX } from './journal.ts';

/** A run with what a later try of the same intent can go on from. */
export interface JournaledRun extends PastRun {
  /** The last token of each step that has not ended well. */
  readonly checkpoints: ReadonlyMap<string, Json>;
}

/** How long and how much is kept. The newest are kept whatever they take. */
export interface Keep {
  readonly runs: number;
  readonly days: number;
  readonly bytes: number;
}

const KEEP: Keep = { runs: 500, days: 400, bytes: 32 * 1024 * 1024 };
const DAY = 86_400_000;

/** Ids of the runs in a folder, newest first. A folder that is not there has none. */
async function runIds(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .flatMap((name) => (name.endsWith(SUFFIX) ? [name.slice(0, -SUFFIX.length)] : []))
    .sort()
    .reverse();
}

/** The runs in a folder, newest first. A line that a killed process left half, and a file of another format, are passed over. */
export async function* pastRuns(folder: string): AsyncGenerator<JournaledRun> {
  for (const id of await runIds(folder)) {
    const text = await readFile(join(folder, id + SUFFIX), 'utf8').catch(() => '');
    const run = runOf(entriesOf(text));
    if (run) yield run;
  }
}

function entriesOf(text: string): readonly Entry[] {
  return text.split('\n').flatMap((line) => {
    try {
      const { success, data } = entrySchema.safeParse(JSON.parse(line));
      return success ? [data] : [];
    } catch {
      return [];
    }
  });
}

function runOf(entries: readonly Entry[]): JournaledRun | null {
  const [head, ...rest] = entries;
  if (head?.type !== 'begin') return null;
  const checkpoints = new Map<string, Json>();
  const steps: StepEntry[] = [];
  let planned: number | null = null;
  let ending: string | null = null;
  for (const entry of rest) {
    if (entry.type === 'checkpoint') checkpoints.set(entry.step, entry.token);
    else if (entry.type === 'planned') planned = entry.steps;
    else if (entry.type === 'end') ({ ending } = entry);
    else if (entry.type === 'step') {
      steps.push(entry);
      if (entry.status === 'done') checkpoints.delete(entry.id);
    }
  }
  return { head, ending: ending ?? stateOf(head), until: entries.at(-1)?.at ?? head.at, steps, planned, checkpoints };
}

/** Of a run that has not said how it ended. On another machine nobody can ask. */
function stateOf({ by }: Head): string {
  return by.host !== hostname() || runs(by.pid) ? 'running' : 'cut-short';
}

/** What the last run of the same intent got to, where it did not end well. */
export async function lastTry(folder: string, project: string, intent: Intent): Promise<JournaledRun | null> {
  const wanted = fingerprint(intent);
  for await (const run of pastRuns(folder)) {
    if (run.head.project !== project || fingerprint(run.head.intent) !== wanted) continue;
    return run.checkpoints.size > 0 && run.ending !== 'running' ? run : null;
  }
  return null;
}

/** Removes what is older or more than is kept. Never fails: a journal is in nobody's way. */
export async function rotate(folder: string, keep: Keep = KEEP, now: number = Date.now()): Promise<void> {
  let bytes = 0;
  for (const [index, id] of (await runIds(folder)).entries()) {
    const file = join(folder, id + SUFFIX);
    const found = await stat(file).catch(() => null);
    bytes += found?.size ?? 0;
    const old = found !== null && now - found.mtimeMs > keep.days * DAY;
    if (index > 0 && (index >= keep.runs || old || bytes > keep.bytes)) await rm(file, { force: true }).catch(() => undefined);
  }
}
