import type { TopInstance, TopReport, TopRow, Wait } from '../model/index.ts';
import { bytes } from '../util/bytes.ts';
import { lasting } from '../util/duration.ts';
import { flow, type Piece, prose } from './columns.ts';
import { document } from './documents/document.ts';
import { writeTop } from './documents/usage.ts';
import { count, printable } from './printable.ts';
import { plain, type Style } from './style.ts';
import { type Cell, type Column, table } from './table.ts';

const columns: readonly Column[] = [
  { title: 'APP' },
  { title: 'INSTANCE', spare: 1 },
  { title: 'WORK', align: 'right' },
  { title: 'CALLS/S', align: 'right', spare: 3 },
  { title: 'CONNECTIONS', align: 'right' },
  { title: 'ACTIVE', align: 'right', spare: 2 },
  { title: 'IN TX', align: 'right', spare: 4 },
  { title: 'WAITING', align: 'right' },
  { title: 'BLOCKS', align: 'right' },
  { title: 'OLDEST', align: 'right', spare: 5 },
  { title: 'SIZE', align: 'right', spare: 6 },
];

/** From this part of its limit on, an app's connections are nearly used up. */
const NEARLY = 0.8;
/** From this part of an end on, it is told. */
const HALF = 0.5;

/** A line for each instance, a row for each app, who holds up whom, and what is not known. Ends with a line end. */
export function topText(report: TopReport, style: Style = plain): string {
  const blocks = [
    [
      report.at.slice(11, 19) === '' ? '' : style.dim(`${report.at.slice(0, 19).replace('T', ' ')} UTC`),
      ...report.instances.map((one) => instanceLine(one, style)),
    ]
      .filter((line) => line !== '')
      .join('\n'),
    report.rows.length === 0
      ? ''
      : table(
          columns,
          report.rows.map((row) => cells(row, style)),
          style,
        ),
    report.waits.map((wait) => waitLine(wait, style)).join('\n'),
    report.instances.flatMap((one) => unknown(one, style)).join('\n'),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function instanceLine({ name, engine, up, version, open, max, reserved, pressures }: TopInstance, style: Style): string {
  if (!up) return style.bad(`${printable(name)}  ${engine}  no answer`);
  const most = max === null ? '' : ` of ${max - reserved}`;
  const full = max !== null && open !== null && open >= NEARLY * (max - reserved);
  const connections = open === null ? [] : [{ text: `${open}${most} connections`, ...(full ? { paint: style.warn } : {}) }];
  const told = pressures.flatMap((one): readonly Piece[] => {
    const share = one.limit === null || one.limit === 0 ? null : one.value / one.limit;
    const value = one.unit === 'bytes' ? bytes(one.value) : String(one.value);
    const text = `${one.title}${one.of === undefined ? '' : ` ${printable(one.of)}`} ${value}${share === null ? '' : ` (${Math.floor(100 * share)} %)`}`;
    if (share !== null && share >= HALF) return [{ text, paint: style.warn }];
    return one.unit === 'bytes' ? [{ text }] : [];
  });
  return flow(
    [{ text: printable(name), paint: style.bold }, { text: `${engine} ${printable(version)}` }, ...connections, ...told],
    0,
    style.width,
  );
}

function cells(row: TopRow, style: Style): readonly Cell[] {
  const { connections, connectionLimit, share, rates, blocked, blocking, oldestTransaction, size, sizeIsExact } = row;
  const sum = connections === null ? null : connections.active + connections.idle + connections.idleInTransaction + connections.waiting;
  const near = sum !== null && connectionLimit !== null && sum >= NEARLY * connectionLimit;
  return [
    { text: printable(row.app), paint: style.bold },
    { text: printable(row.instance) },
    { text: share === null ? '-' : `${Math.round(100 * share)} %` },
    { text: rates.calls === undefined ? '-' : String(Math.round(rates.calls * 10) / 10) },
    {
      text: `${sum ?? '?'}${connectionLimit === null ? '' : `/${connectionLimit}`}`,
      ...(near ? { paint: style.warn } : {}),
    },
    { text: String(connections?.active ?? '?') },
    { text: String(connections?.idleInTransaction ?? '?') },
    { text: String(blocked ?? '?'), ...((blocked ?? 0) > 0 ? { paint: style.warn } : {}) },
    { text: String(blocking), ...(blocking > 0 ? { paint: style.bad } : {}) },
    { text: oldestTransaction === null ? '-' : lasting(oldestTransaction) },
    { text: size === null ? '-' : `${sizeIsExact ? '' : '~'}${bytes(size)}` },
  ];
}

function waitLine({ waiting, holding, sessions, seconds, instance }: Wait & { readonly instance: string }, style: Style): string {
  const who = (app: string | null): string => (app === null ? 'somebody else' : printable(app));
  const since = seconds === null ? '' : `, the longest for ${lasting(seconds)}`;
  const text = `${who(holding)} holds up ${waiting === holding ? 'itself' : who(waiting)} on ${printable(instance)}: ${count(sessions, 'session')} ${sessions === 1 ? 'waits' : 'wait'}${since}`;
  return (waiting === holding ? style.warn : style.bad)(prose(text, 0, style));
}

function unknown({ name, lost, untold }: TopInstance, style: Style): readonly string[] {
  return [
    ...lost.map((text) => style.warn(prose(printable(`lost on ${name}: ${text}`), 0, style))),
    ...untold.map((text) => style.dim(prose(printable(`${name} does not tell ${text}`), 0, style))),
  ];
}

export function topJson(report: TopReport, exitCode: number): string {
  return document(writeTop({ ...report, exitCode }));
}

/** The same as one line. */
export function topJsonLine(report: TopReport, exitCode: number): string {
  return `${JSON.stringify(writeTop({ ...report, exitCode }))}\n`;
}
