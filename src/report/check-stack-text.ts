import type { StackAnswer, StackReport } from '../model/index.ts';
import { flow, prose } from './columns.ts';
import { document } from './documents/document.ts';
import { writeStack } from './documents/check-stack.ts';
import { printable } from './printable.ts';
import { type Paint, plain, type Style } from './style.ts';

const titles: Record<StackAnswer['question'], string> = {
  reached: 'Servers',
  drift: 'Drift',
  health: 'Health',
  backups: 'Backups',
  migrations: 'Migrations',
  walls: 'Walls',
};
const called: Record<StackAnswer['state'], string> = { pass: 'pass', warn: 'warn', fail: 'FAIL', unknown: 'unknown', skipped: 'skipped' };
const paints: Record<StackAnswer['state'], Paint> = { pass: 'good', warn: 'warn', fail: 'bad', unknown: 'warn', skipped: 'dim' };

/** An answer for each question, with what is not as it should be under it, and how it stands in all. Ends with a line end. */
export function stackText({ answers }: StackReport, style: Style = plain): string {
  const bad = answers.filter(({ state }) => state !== 'pass' && state !== 'skipped').length;
  const closing =
    bad === 0 ? style.good(style.bold('All is well.')) : style.warn(style.bold(`${bad} of ${answers.length} questions want a look.`));
  return `${answers.map((one) => answerText(one, style)).join('\n')}\n\n${closing}\n`;
}

function answerText({ question, state, what, details, next }: StackAnswer, style: Style): string {
  const head = flow(
    [
      { text: called[state].padEnd(7), paint: style[paints[state]] },
      { text: titles[question].padEnd(10), paint: style.bold },
      { text: printable(what) },
      ...(next === null ? [] : [{ text: `(${next})`, paint: style.dim }]),
    ],
    0,
    style.width,
    9,
  );
  return [head, ...details.map((detail) => prose(printable(detail), 9, style))].join('\n');
}

export function stackJson(report: StackReport, exitCode: number): string {
  return document(writeStack({ ...report, exitCode }));
}
