import type { Diagnostic } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { compile } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import type { Row } from '../connect/connection.ts';
import { literal, patternReaches } from '../quote.ts';
import { isKind } from '../spec.ts';
import type { Catalog } from './catalog.ts';
import { text } from './read-rows.ts';

/** A row of a table of grants. */
export interface GrantRow {
  readonly table: 'db' | 'tables_priv' | 'columns_priv' | 'procs_priv';
  readonly row: Row;
}

/** A row whose database or table stands there otherwise than the server reads it. */
export interface UpperCase extends GrantRow {
  /** The same stands there in lower case as well: two rows cannot be called alike. */
  readonly isDouble: boolean;
}

/** What a row is found by, besides its user and host. */
const NAMES = ['Db', 'Table_name', 'Column_name', 'Routine_name', 'Routine_type'] as const;
/** Those that the server reads in lower case. */
const LOWERED: ReadonlySet<string> = new Set(['Db', 'Table_name']);

const wordIn = (row: Row, column: string): string => text(lookUp(row, column));

/** Of rows that come to the same only the first: when that one is put right, the next one is there twice. */
export function upperCaseIn(rows: readonly GrantRow[]): readonly UpperCase[] {
  const keyOf = ({ table, row }: GrantRow): string => {
    const names = NAMES.map((name) => (LOWERED.has(name) || name === 'Routine_name' ? wordIn(row, name).toLowerCase() : wordIn(row, name)));
    return JSON.stringify([table, text(row['User']), text(row['Host']), ...names]);
  };
  const isUpper = ({ row }: GrantRow): boolean => [...LOWERED].some((name) => wordIn(row, name) !== wordIn(row, name).toLowerCase());
  const inLower = new Set(rows.filter((one) => !isUpper(one)).map(keyOf));
  const firsts = new Map<string, UpperCase>();
  for (const one of rows.filter(isUpper)) {
    const key = keyOf(one);
    if (!firsts.has(key)) firsts.set(key, { ...one, isDouble: inLower.has(key) });
  }
  return [...firsts.values()];
}

/** No REVOKE reaches such a row, and the server says that one did. */
export function toldOfUpperCase({ upperCase, ledger, server }: Catalog, input: Input): readonly Diagnostic[] {
  if (upperCase.length === 0) return [];
  const wanted = compile(input).resources.flatMap((one) => (isKind(one, 'database') ? [one.address.name] : []));
  const noted = (ledger ?? []).flatMap(({ kind, name, project }) => (kind === 'database' && project === input.project ? [name] : []));
  const ours = [...new Set([...wanted, ...noted])];
  const isOurs = ({ table, row }: GrantRow): boolean => {
    const name = text(row['Db']).toLowerCase();
    return ours.some((one) => (table === 'db' ? patternReaches(name, one, server.literalNames) : name === one));
  };
  return upperCase.filter(isOurs).map((one): Diagnostic => {
    const { table, row } = one;
    const name = ['Db', 'Table_name', 'Routine_name']
      .flatMap((part) => (lookUp(row, part) === undefined ? [] : [wordIn(row, part)]))
      .join('.');
    return {
      code: 'CT2072',
      severity: 'error',
      message: `a row of mysql.${table} gives "${text(row['User'])}@${text(row['Host'])}" rights on ${name}, which "${input.name}" reads in lower case: no REVOKE takes them`,
      hint: [...statementsFor(one), 'FLUSH PRIVILEGES'].join('; '),
      instance: input.name,
    };
  });
}

function statementsFor({ table, row, isDouble }: UpperCase): readonly string[] {
  const names = NAMES.filter((name) => lookUp(row, name) !== undefined);
  const where = (nameOf: (name: string) => string): string =>
    [
      `User = ${literal(text(row['User']))}`,
      `Host = ${literal(text(row['Host']))}`,
      ...names.map((name) => `${LOWERED.has(name) ? 'BINARY ' : ''}${name} = ${literal(nameOf(name))}`),
    ].join(' AND ');
  const written = where((name) => wordIn(row, name));
  const lowered = names.filter((name) => LOWERED.has(name));
  if (!isDouble) return [`UPDATE mysql.${table} SET ${lowered.map((name) => `${name} = LOWER(${name})`).join(', ')} WHERE ${written}`];
  const there = where((name) => (LOWERED.has(name) ? wordIn(row, name).toLowerCase() : wordIn(row, name)));
  const more = Object.keys(row).flatMap((column) => moreIn(table, column, wordIn(row, column)));
  return [
    ...(more.length > 0 ? [`UPDATE mysql.${table} SET ${more.join(', ')} WHERE ${there}`] : []),
    `DELETE FROM mysql.${table} WHERE ${written}`,
  ];
}

/** What puts the rights of one row to those of another one. */
function moreIn(table: GrantRow['table'], column: string, has: string): readonly string[] {
  if (!column.endsWith('_priv')) return [];
  if (table === 'db') return has === 'Y' ? [`${column} = 'Y'`] : [];
  return has === '' ? [] : [`${column} = CONCAT_WS(',', NULLIF(${column}, ''), ${literal(has)})`];
}
