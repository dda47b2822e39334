import type { Step, StepResult } from '../model/index.ts';
import { flow, prose } from './columns.ts';
import { count, printable } from './printable.ts';
import { bytes } from '../util/bytes.ts';
import { paintSymbol, place, riskText, statementText, subject } from './step-text.ts';
import type { Style } from './style.ts';
import { doneLine, waitingLine } from './summary.ts';
import type { Holder } from './types.ts';

export function startLine(step: Step, style: Style): string {
  return style.dim(
    flow(
      [`… ${place(step)}`, subject(step), printable(step.title)].map((text) => ({ text })),
      2,
      style.width,
    ),
  );
}

/** How far a step is. `total` null: nobody knows how much there is. */
export interface Progress {
  readonly done: number;
  readonly total: number | null;
  readonly unit: string;
}

/** How many steps of a run have ended. */
export interface Ended {
  readonly ended: number;
  readonly total: number;
}

export interface Running {
  readonly step: Step;
  /** Milliseconds. */
  readonly elapsed: number;
  /** null: it does not say. */
  readonly progress: Progress | null;
}

/** Printed from time to time while a step takes long. `steps`: how many have ended. */
export function runningLine({ step, elapsed, progress }: Running, style: Style, steps?: Ended): string {
  const far = progress === null ? '' : `, ${progressText(progress)}`;
  const time = `still running after ${Math.round(elapsed / 1000)} s`;
  const of = steps === undefined ? '' : ` (${steps.ended} of ${count(steps.total, 'step')} done)`;
  const parts = [`… ${place(step)}`, subject(step), `${printable(step.title)}: ${time}${far}${of}`];
  return style.dim(
    flow(
      parts.map((text) => ({ text })),
      2,
      style.width,
    ),
  );
}

/** `3 of 12 rows`, `1.5 MiB of 40 MiB`, `3 rows`. */
export function progressText({ done, total, unit }: Progress): string {
  const amount = (value: number): string => (unit === 'bytes' ? bytes(value) : String(value));
  const end = unit === 'bytes' ? '' : ` ${unit}`;
  return total === null ? `${amount(done)}${end}` : `${amount(done)} of ${amount(total)}${end}`;
}

/** One line a step that ended. */
export function stepLine(result: StepResult, style: Style): string {
  const { step, status, elapsed } = result;
  const title = printable(step.title);
  const line = (mark: string, end: string): string => {
    const parts = [place(step), subject(step), end].map((text) => ({ text }));
    return `${mark} ${paintSymbol(step, style)} ${flow(parts, 6, style.width).trimStart()}`;
  };
  if (status === 'done') return line(style.good('✔'), `${title} ${style.dim(`(${Math.round(elapsed)} ms)`)}`);
  if (status === 'failed') return line(style.bad('✖'), `${title}: ${style.bad('failed')}`);
  return line(style.dim('·'), `${title}: not executed`);
}

/** What a dry run would send for one step. */
export function wouldRunText(result: StepResult, style: Style): string {
  const { step } = result;
  const head = `${paintSymbol(step, style)} ${place(step)}  ${subject(step)}  Would run: ${printable(step.title)}  ${riskText(step, style)}`;
  return [head, ...step.commands.map((statement) => statementText(statement, 6, style))].join('\n');
}

export function lockedText(instance: string, holder: Holder | null): string {
  const who = holder === null ? 'another run' : `${printable(holder.who)}, since ${printable(holder.since)}`;
  return `The lock of instance "${printable(instance)}" is held by ${who}. Wait for it with --lock-timeout=30s.`;
}

/** How the end of a run that is no apply is told. */
export interface EndingWords {
  /** As `Migrated`. */
  readonly done: string;
  readonly nothing: string;
  /** Left out: `Failed`. */
  readonly failed?: string;
  /** The command that goes on. */
  readonly again: string;
}

const APPLY: EndingWords = {
  done: 'Apply complete',
  nothing: 'Nothing to do. The servers match the manifest.',
  failed: 'Apply failed',
  again: 'apply',
};

/** The last lines of an apply, for people. `ending` is how the use case says that it ended, `waits` whose things wait. */
export function endingText(
  ending: string,
  results: readonly StepResult[],
  style: Style,
  waits: readonly string[] = [],
  words: EndingWords = APPLY,
): string {
  return prose(endingOf({ ending, results, style, waits, words }), 0, style, Infinity);
}

interface End {
  readonly ending: string;
  readonly results: readonly StepResult[];
  readonly style: Style;
  readonly waits: readonly string[];
  readonly words: EndingWords;
}

function endingOf({ ending, results, style, waits, words: { done: complete, nothing, failed: gone = 'Failed', again } }: End): string {
  const failed = results.filter((r) => r.status === 'failed').length;
  const left = results.filter((r) => r.status === 'not-executed').length;
  const would = results.filter((r) => r.status === 'would-run').length;
  if (would > 0) return `Dry run: ${count(would, 'step')} would run. Nothing was sent.`;
  const done = doneLine(results);
  const rest = `${failed} failed, ${left} not executed.`;
  switch (ending) {
    case 'done':
      return style.good(`${complete}: ${done}`);
    case 'nothing-to-do':
      return style.good(nothing);
    case 'partly':
      if (failed + left === 0) return style.warn(`Done on the reachable servers: ${done} Run ${again} again for the rest.`);
      return style.warn(`Partly applied: ${done} ${rest} Run ${again} again: it continues from here.`);
    case 'waiting':
      return style.warn(
        `${results.length === 0 ? 'Nothing to do now.' : `Applied: ${done}`} ${waitingLine(waits)} Then run ${again} again.`,
      );
    case 'interrupted':
      if (results.length === 0) return style.warn('Interrupted. Nothing was sent.');
      return style.warn(`Interrupted: ${done} ${rest} Run ${again} again: it continues from here.`);
    case 'refused':
      return style.bad('Not applied: consent is missing. Nothing was changed.');
    case 'locked':
      return style.bad('Not applied: another run holds the lock. Nothing was changed.');
    case 'stale':
      return style.bad('Not applied: the plan is stale. Make a new one with cotenant plan.');
    case 'unreachable':
      return style.bad(`An instance could not be reached. ${done} ${rest}`);
    case 'credentials':
      return style.bad(`A server refused the credentials. ${done} ${rest}`);
    default:
      return style.bad(`${gone}: ${done} ${rest}`);
  }
}
