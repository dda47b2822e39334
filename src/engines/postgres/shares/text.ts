import { ident, literal, qualified } from '../quote.ts';
import type { SharedTable } from './shares.ts';
import type { ShareSpec, SourceColumn, SourceTable } from './spec.ts';
import { byKey } from '../../../util/text-order.ts';

/** Options of every foreign server of a share: read only, nothing kept open, an answer or an error soon. */
const FIXED: Readonly<Record<string, string>> = {
  updatable: 'false',
  truncatable: 'false',
  keep_connections: 'off',
  connect_timeout: '10',
  application_name: 'cotenant share',
};

/** What a share needs to know of the server. */
export interface Reach {
  readonly port: number;
  /** listen_addresses */
  readonly listens: string;
}

/** Where the server reaches itself, unless the manifest says it: the loopback address, or the first one that it listens on. */
function address({ port, listens }: Reach): Readonly<Record<string, string>> {
  const all = listens.split(',').map((one) => one.trim());
  const loops = all.some((one) => ['*', '0.0.0.0', 'localhost', '127.0.0.1', ''].includes(one));
  return { host: loops ? '127.0.0.1' : (all[0] ?? '127.0.0.1'), port: String(port) };
}

export function serverOptions(share: ShareSpec, reach: Reach): Readonly<Record<string, string>> {
  return { ...address(reach), ...share.options, dbname: share.database, ...FIXED };
}

export function optionList(options: Readonly<Record<string, string>>, verb = ''): string {
  return Object.entries(options)
    .map(([name, value]) => `${verb}${ident(name)} ${literal(value)}`)
    .join(', ');
}

/** The columns of a table that are shared, as its own database has them; [] where there is none of them. */
export function sharedColumns({ columns }: SharedTable, source: SourceTable): readonly SourceColumn[] {
  return columns === null ? source.columns : source.columns.filter(([name]) => columns.includes(name));
}

/** A type that only the other database knows comes as text. */
function typeOf([, type, own]: SourceColumn): string {
  return own ? type : 'text';
}

export function foreignTable(share: ShareSpec, server: string, table: string, columns: readonly SourceColumn[]): string {
  const list = columns.map((column) => {
    const collation = column[2] && column[3] !== '' ? ` COLLATE ${qualified('pg_catalog', column[3])}` : '';
    return `${ident(column[0])} ${typeOf(column)}${collation}`;
  });
  return `CREATE FOREIGN TABLE ${qualified(share.hidden, table)} (${list.join(', ')}) SERVER ${ident(server)} OPTIONS (${optionList(remote(share, table))})`;
}

function remote(share: ShareSpec, table: string): Readonly<Record<string, string>> {
  return { schema_name: share.schema, table_name: table };
}

/** What tells one foreign table from another: server, options, columns with type, collation and options. */
export function foreignShape(server: string, options: Readonly<Record<string, string>>, columns: readonly (readonly string[])[]): string {
  return JSON.stringify([server, Object.entries(options).toSorted(byKey), columns]);
}

export function wantedForeignShape(share: ShareSpec, server: string, table: string, columns: readonly SourceColumn[]): string {
  return foreignShape(
    server,
    remote(share, table),
    columns.map((column) => [column[0], typeOf(column), column[2] ? column[3] : '', '']),
  );
}

/**
 * The view that is read. The other database would not find an operator for its own type and our text: a function that
 * is not immutable is never sent there.
 */
export function viewBody(share: ShareSpec, table: string, columns: readonly SourceColumn[]): string {
  const list = columns.map((column) => {
    const it = `f.${ident(column[0])}`;
    return column[2] ? it : `CASE WHEN ${it} IS NULL THEN NULL::pg_catalog.text ELSE pg_catalog.concat(${it}) END AS ${ident(column[0])}`;
  });
  return `SELECT ${list.join(', ')} FROM ${qualified(share.hidden, table)} f`;
}

/** Name and type of each column of the view. */
export function viewColumns(columns: readonly SourceColumn[]): readonly string[] {
  return columns.map((column) => `${column[0]} ${typeOf(column)}`);
}

/** A view's definition without what the server adds or leaves out as it likes, and its options. */
export function viewShape(definition: string, options: readonly string[]): string {
  const bare = definition.replaceAll(
    /"(?:[^"]|"")*"|'(?:[^']|'')*'|::(?:pg_catalog\.)?text\b|\bpg_catalog\.|(?<![\w$"])f\.|[\s();]/g,
    (part) => (part.startsWith('"') ? plain(part) : part.startsWith("'") ? part : ''),
  );
  return [bare, ...options].join(' | ');
}

function plain(name: string): string {
  return name.replace(/^"([a-z_][a-z0-9_]*)"$/, '$1');
}

export interface ForeignTarget {
  readonly server: string;
  readonly options: Readonly<Record<string, string>>;
  /** Name and options of each column. */
  readonly columns: readonly (readonly [name: string, options: string])[];
}

/** Reads back what `foreignShape` wrote. */
export function foreignTarget(shape: string): ForeignTarget {
  // Written above.
  const [server, options, columns] = JSON.parse(shape) as [string, [string, string][], string[][]];
  return { server, options: Object.fromEntries(options), columns: columns.map(([name = '', , , more = '']) => [name, more]) };
}

/** True for the shape of a view that shows these columns of its foreign table as they are, or as text. */
export function showsColumns(share: ShareSpec, table: string, columns: readonly string[], shape: string): boolean {
  let rest = shape;
  const begins = (text: string): boolean => {
    if (!rest.startsWith(text)) return false;
    rest = rest.slice(text.length);
    return true;
  };
  // A body of one column, in both forms: what stands before and behind them is the same.
  const bodies = (column: string): readonly string[] =>
    [true, false].map((own) => viewShape(viewBody(share, table, [[column, '', own, '']]), []));
  const [empty = ''] = bodies('x').map((body) => body.slice('SELECTx'.length));
  if (!begins('SELECT')) return false;
  for (const [index, column] of columns.entries()) {
    if (index > 0 && !begins(',')) return false;
    const forms = bodies(column).map((body) => body.slice('SELECT'.length, body.length - empty.length));
    if (!forms.toSorted((a, b) => b.length - a.length).some(begins)) return false;
  }
  return rest === empty;
}
