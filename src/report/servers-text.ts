import type { Diagnostic } from '../model/index.ts';
import { document } from './documents/document.ts';
import { writeDown, writeUp } from './documents/small.ts';
import { indent, printable, printableLines } from './printable.ts';
import { plain, type Style } from './style.ts';
import { table } from './table.ts';

/** A server that cotenant starts, after `up`. */
export interface ServerRow {
  readonly instance: string;
  readonly state: string;
  readonly way: string;
  readonly title: string;
  readonly host: string;
  readonly port: number;
  readonly passedOver: readonly { readonly way: string; readonly why: string; readonly get?: string }[];
}

/** A row for each server. Ends with a line end. */
export function serversText(rows: readonly ServerRow[], style: Style = plain): string {
  if (rows.length === 0) return 'Nothing was started: no local server is running.\n';
  const columns = [{ title: 'INSTANCE' }, { title: 'STATE' }, { title: 'ADDRESS' }, { title: 'WAY' }, { title: 'SERVER' }];
  const cells = rows.map((row) => [
    { text: printable(row.instance), paint: style.bold },
    { text: row.state, paint: style.good },
    { text: `${row.host}:${row.port}` },
    { text: row.way },
    { text: printable(row.title) },
  ]);
  return `${table(columns, cells, style)}\n`;
}

/** Which ways were not taken, and why. */
export function passedOverText(row: ServerRow): string {
  const lines = row.passedOver.map(({ way, why, get }) => {
    const hint = get === undefined ? '' : ` (to get it: ${get})`;
    return indent(printableLines(`not ${way}: ${why}${hint}`), 2);
  });
  return [`${printable(row.instance)}: ${row.way}`, ...lines].join('\n');
}

export function serversJson(rows: readonly ServerRow[], diagnostics: readonly Diagnostic[]): string {
  return document(writeUp({ format: 1, servers: rows, diagnostics }));
}

interface Stopped {
  readonly instance: string;
  readonly ran: boolean;
  readonly destroyed: boolean;
  /** Nothing was done; this would be. */
  readonly would?: 'stop' | 'delete';
}

export function stoppedText(stopped: readonly Stopped[], style: Style = plain): string {
  if (stopped.length === 0) return 'Nothing to stop.\n';
  const lines = stopped.map(({ instance, ran, destroyed, would }) => {
    if (would !== undefined) return `${style.bold(printable(instance))}: would be stopped${would === 'delete' ? ', its data deleted' : ''}`;
    const what = ran ? 'stopped' : 'was not running';
    return `${style.bold(printable(instance))}: ${what}${destroyed ? ', data deleted' : ''}`;
  });
  return `${lines.join('\n')}\n`;
}

export function stoppedJson(stopped: readonly Stopped[], diagnostics: readonly Diagnostic[]): string {
  return document(writeDown({ format: 1, servers: stopped, diagnostics }));
}
