import type { PastRun, PastStep } from '../model/index.ts';
import { document } from './documents/document.ts';
import { writeHistory } from './documents/history.ts';
import { flow } from './columns.ts';
import { printable } from './printable.ts';
import { plain, type Style } from './style.ts';
import { type Cell, table } from './table.ts';
import type { HistoryReport } from './types.ts';

const columns = ['WHEN', 'WHAT', 'APP', 'WHO', 'ENDED', 'STEPS', 'RUN'].map((title) => ({
  title,
  ...(title === 'RUN' ? { spare: 2 } : title === 'WHO' ? { spare: 1 } : {}),
}));

/** A row for each run, newest first; with `steps` what each of them did under it. Ends with a line end. */
export function historyText({ runs }: HistoryReport, more: { readonly steps: boolean; readonly style?: Style }): string {
  const { style = plain } = more;
  if (runs.length === 0) return 'No runs recorded yet.\n';
  if (!more.steps)
    return `${table(
      columns,
      runs.map((run) => cells(run, style)),
      style,
    )}\n`;
  return `${runs.map((run) => [heading(run, style), ...run.steps.map((step) => stepLine(step, style))].join('\n')).join('\n\n')}\n`;
}

export function historyJson({ runs }: HistoryReport): string {
  const all = runs.map(({ head, steps, ...run }) => {
    return { ...head, ...run, resumes: head.resumes ?? null, steps: steps.map(({ why = null, ...step }) => ({ ...step, why })) };
  });
  return document(writeHistory({ format: 1, runs: all }));
}

function cells({ head, ending, steps, planned }: PastRun, style: Style): readonly Cell[] {
  return [
    { text: moment(head.at) },
    { text: printable(head.intent.verb), paint: style.bold },
    { text: printable([...(head.intent.apps ?? []), head.intent.app ?? ''].filter((one) => one !== '').join(', ')) },
    { text: printable(`${head.by.user}@${head.by.host}`) },
    { text: words(ending), paint: paintOf(ending, style) },
    { text: stepsText(steps, planned) },
    { text: head.run },
  ];
}

function heading(run: PastRun, style: Style): string {
  const [when, what, app, who, ended, steps, id] = cells(run, style);
  const subject = [what?.text, app?.text].filter((text) => text !== '').join(' ');
  const rest = [
    when,
    who,
    { text: ended?.text ?? '', paint: paintOf(run.ending, style) },
    steps,
    { text: id?.text ?? '', paint: style.dim },
  ];
  return flow([{ text: subject, paint: style.bold }, ...rest.filter((one) => one !== undefined)], 0, style.width);
}

function stepLine({ status, address, action, title, elapsed, why }: PastStep, style: Style): string {
  const mark = status === 'done' ? style.good('✔') : status === 'failed' ? style.bad('✖') : style.dim('·');
  const end = status === 'done' ? style.dim(`(${elapsed} ms)`) : status === 'failed' ? `failed: ${printable(why ?? '')}` : 'not executed';
  const what = [printable(address.instance), printable(`${address.kind} ${address.name}`), action, `${printable(title)} ${end}`];
  return flow([{ text: `${mark} ${what[0]}` }, ...what.slice(1).map((text) => ({ text }))], 2, style.width);
}

function stepsText(steps: readonly PastStep[], planned: number | null): string {
  const done = steps.filter(({ status }) => status === 'done').length;
  const failed = steps.filter(({ status }) => status === 'failed').length;
  const left = (planned ?? steps.length) - done - failed;
  return [`${done} done`, ...(failed > 0 ? [`${failed} failed`] : []), ...(left > 0 ? [`${left} left`] : [])].join(', ');
}

function moment(at: string): string {
  return `${at.slice(0, 19).replace('T', ' ')}Z`;
}

function words(ending: string): string {
  return ending.replaceAll('-', ' ');
}

function paintOf(ending: string, style: Style): (text: string) => string {
  if (ending === 'done') return style.good;
  return ending === 'running' ? style.warn : style.bad;
}
