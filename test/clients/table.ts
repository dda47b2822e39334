import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = join(import.meta.dirname, '../../docs/clients.md');
const START = '<!-- clients -->';
const END = '<!-- /clients -->';

export interface Row {
  readonly client: string;
  readonly versions: string;
  readonly server: string;
  readonly level: string;
  readonly result: string;
  readonly needs: string;
  readonly date: string;
}

const FIELDS = ['client', 'versions', 'server', 'level', 'result', 'needs', 'date'] as const;
const keyOf = ({ server, client, level }: Row): string => `${server} ${client} ${level}`;

/** The rows that the page has. */
export function rowsOnPage(): readonly Row[] {
  const text = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';
  const lines = text.slice(text.indexOf(START), text.indexOf(END)).split('\n');
  return lines.flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    const [client = '', versions = '', server = '', level = '', result = '', needs = '', date = ''] = cells.slice(1);
    return cells.length === FIELDS.length + 2 && /^\d{4}-/.test(date) ? [{ client, versions, server, level, result, needs, date }] : [];
  });
}

/** Puts what was run in the place of what stood there of it before. */
export function writeRows(fresh: readonly Row[]): void {
  const keys = new Set(fresh.map(keyOf));
  const rows = [...rowsOnPage().filter((one) => !keys.has(keyOf(one))), ...fresh].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const table = [
    '| client | version | server | level | result | what it needs | run on |',
    '|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${FIELDS.map((name) => row[name]).join(' | ')} |`),
  ];
  const text = readFileSync(PAGE, 'utf8');
  writeFileSync(PAGE, `${text.slice(0, text.indexOf(START))}${START}\n${table.join('\n')}\n${text.slice(text.indexOf(END))}`);
}
