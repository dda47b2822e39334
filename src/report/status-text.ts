import type { AppBackups, ShareStatus, StatusRow, StatusReport } from '../model/index.ts';
import { moment } from './backups-text.ts';
import { foreignLine, relaxationBlock } from './plan-text.ts';
import { document } from './documents/document.ts';
import { writeStatus } from './documents/status.ts';
import { flow, prose } from './columns.ts';
import { count, printable } from './printable.ts';
import { plain, type Style } from './style.ts';
import { missingText } from './summary.ts';
import { type Cell, type Column, table } from './table.ts';
import { bytes } from '../util/bytes.ts';

const columns: readonly Column[] = [
  { title: 'APP' },
  { title: 'INSTANCE' },
  { title: 'ISOLATION', spare: 2 },
  { title: 'LOCATION' },
  { title: 'SIZE', align: 'right', spare: 1 },
  { title: 'CONNECTIONS', align: 'right' },
  { title: 'PENDING', align: 'right' },
  { title: 'DRIFT', align: 'right' },
  { title: 'CREDENTIAL', align: 'right', spare: 3 },
  { title: 'STATE' },
];

/** A row for each app and instance, then what else the servers hold, then a closing line. Ends with a line end. */
export function statusText(report: StatusReport, style: Style = plain): string {
  const apps = new Set(report.placements.map((row) => row.app)).size;
  const drift = report.placements.reduce((sum, row) => sum + row.drift, 0);
  const pending = report.placements.reduce((sum, row) => sum + row.pending, 0);
  const missing = report.instances.filter((instance) => !instance.reached);
  const { shared = { pending: 0, drift: 0 } } = report;
  const also = shared.pending === 0 ? '' : ` Shared objects: ${shared.pending} pending, ${shared.drift} drift.`;
  const isKnown = missing.length === 0 || report.placements.some((row) => row.state !== 'unknown');
  const known = isKnown ? `${count(apps, 'app')}, ${pending} pending, ${drift} drift.${also}` : `${count(apps, 'app')}.`;
  const unreached = missing.map(({ name }) => name);
  const closing = missing.length === 0 ? known : `${known} ${missingText(unreached, report.diagnostics)}`;
  const blocks = [
    report.placements.length === 0
      ? 'No apps on the servers yet.'
      : table(
          columns,
          report.placements.map((row) => cells(row, style)),
          style,
        ),
    ownServers(report, style),
    backupBlock(report.backups ?? [], style),
    shareBlock(report.shares, style),
    relaxationBlock(report.relaxations, style),
    prose(foreignLine(report.foreign), 0, style, Infinity),
    style.bold(prose(closing, 0, style)),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

export function statusJson(report: StatusReport): string {
  return document(writeStatus({ format: 1, ...report }));
}

/** The same as one line. */
export function statusJsonLine(report: StatusReport): string {
  return `${JSON.stringify(writeStatus({ format: 1, ...report }))}\n`;
}

/** Servers that cotenant starts. */
function ownServers({ instances }: StatusReport, style: Style): string {
  const rows = instances.flatMap(({ name, own }) => (own ? [{ name, own }] : []));
  if (rows.length === 0) return '';
  const titles = [{ title: 'INSTANCE' }, { title: 'STATE' }, { title: 'ADDRESS' }, { title: 'CRASHES', align: 'right' as const }];
  const cells = rows.map(({ name, own }): readonly Cell[] => [
    { text: printable(name), paint: style.bold },
    { text: own.state, paint: own.state === 'running' ? style.good : style.bad },
    { text: own.port === undefined ? 'none yet' : `${own.host}:${own.port}` },
    { text: own.ends === undefined ? '' : String(own.ends), ...((own.ends ?? 0) > 0 ? { paint: style.warn } : {}) },
    { text: own.title === undefined ? '' : `${own.way}: ${printable(own.title)}` },
  ]);
  return table([...titles, { title: 'SERVER', spare: 1 }], cells, style);
}

/** What is saved of each app, and what of that came back. */
function backupBlock(backups: readonly AppBackups[], style: Style): string {
  if (backups.length === 0) return '';
  const titles = [{ title: 'APP' }, { title: 'LAST BACKUP' }, { title: 'GRADE', spare: 1 }, { title: 'LAST PROVED' }];
  const rows = backups.map(({ app, last, proved }): readonly Cell[] => [
    { text: printable(app), paint: style.bold },
    last === null ? { text: 'none', paint: style.bad } : { text: moment(last.at) },
    { text: last?.grade ?? (last === null ? '' : '?') },
    proved === null ? { text: 'never', paint: last === null ? style.dim : style.warn } : { text: moment(proved.at), paint: style.good },
    { text: proved?.seconds === null || proved === null ? '' : `${proved.seconds} s` },
  ]);
  return table([...titles, { title: 'TOOK', align: 'right' as const, spare: 2 }], rows, style);
}

/** A line for each two apps, and under it what is shared. */
function shareBlock(shares: readonly ShareStatus[], style: Style): string {
  if (shares.length === 0) return '';
  const lines = shares.flatMap((share) => {
    const paint = share.state === 'ready' ? style.good : style.bad;
    const tables = share.tables.map(({ table, columns }) => (columns === null ? table : `${table} (${columns.join(', ')})`)).join(', ');
    const missing = share.missing.length === 0 ? '' : `, not existing yet: ${share.missing.join(', ')}`;
    return [
      flow(
        [
          { text: printable(`${share.to} reads ${share.from} on ${share.engine}/${share.instance} in ${share.location}`) },
          { text: share.state, paint },
        ],
        2,
        style.width,
      ),
      style.dim(prose(printable(tables + missing), 6, style, Infinity)),
    ];
  });
  return [style.bold('Shares:'), ...lines].join('\n');
}

function cells(row: StatusRow, style: Style): readonly Cell[] {
  const unknown = row.state === 'unknown';
  const busy = row.connections !== null && row.connectionLimit !== null && row.connections >= row.connectionLimit;
  return [
    { text: printable(row.app), paint: style.bold },
    { text: printable(`${row.engine}/${row.instance}`) },
    { text: printable(row.isolation) },
    { text: printable(row.location) },
    { text: row.size === null ? '?' : bytes(row.size) },
    {
      text: unknown ? '?' : `${row.connections ?? '?'}/${row.connectionLimit ?? (row.state === 'absent' ? '-' : 'no limit')}`,
      ...(busy ? { paint: style.bad } : {}),
    },
    { text: unknown ? '?' : String(row.pending), ...(row.pending > 0 ? { paint: style.warn } : {}) },
    { text: unknown ? '?' : String(row.drift), ...(row.drift > 0 ? { paint: style.warn } : {}) },
    { text: age(row.credentialAge) },
    { text: state(row), paint: row.state === 'ready' ? style.good : row.state === 'retired' ? style.dim : style.bad },
  ];
}

function state(row: StatusRow): string {
  return row.retired === undefined ? row.state : `${row.state} ${printable(row.retired)}`;
}

function age(days: number | null): string {
  if (days === null) return 'none';
  return days < 1 ? 'today' : `${Math.floor(days)} d`;
}
