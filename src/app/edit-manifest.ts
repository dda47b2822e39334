import { isDeepStrictEqual } from 'node:util';
import { isMap, isPair, isScalar, isSeq, type Node, parseDocument, stringify, type YAMLMap } from 'yaml';
import { lookUp } from '../util/record.ts';

const reading = { merge: true, logLevel: 'silent' } as const;

export type Plain = Readonly<Record<string, unknown>>;

/** A map as plain data; of anything else, an empty one. */
export function plain(value: unknown): Plain {
  if (typeof value !== 'object' || value === null) return {};
  const entries: [string, unknown][] = Object.entries(value);
  return Object.fromEntries(entries);
}

/** An app of the file as plain data; null: it has no entry of its own under `apps`. */
export function plainApp(source: string, name: string): Plain | null {
  const file: unknown = parseDocument(source, reading).toJS({ maxAliasCount: -1 });
  const apps = plain(plain(file)['apps']);
  return Object.hasOwn(apps, name) ? plain(lookUp(apps, name)) : null;
}

/** The text with one more app, every other character as it was. null: that cannot be done. */
export function withApp(source: string, name: string, entry: Plain): string | null {
  const before = parseDocument(source, reading);
  if (!isMap(before.contents)) return null;
  const line = stringify({ [name]: entry }, { collectionStyle: 'flow', lineWidth: 0 })
    .trim()
    .slice(1, -1)
    .trim();
  const text = inserted(source, before.contents, line);
  if (text === null) return null;
  const after = parseDocument(text, reading);
  if (after.errors.length > 0) return null;
  const wanted: unknown = before.toJS({ maxAliasCount: -1 });
  const found: unknown = after.toJS({ maxAliasCount: -1 });
  return isDeepStrictEqual(found, added(wanted, name, entry)) ? text : null;
}

function added(file: unknown, name: string, entry: unknown): unknown {
  return { ...plain(file), apps: { ...plain(plain(file)['apps']), [name]: entry } };
}

function inserted(source: string, root: YAMLMap, line: string): string | null {
  const newline = source.includes('\r\n') ? '\r\n' : '\n';
  const put = (at: number, text: string): string => source.slice(0, at) + text + source.slice(at);
  const pair = root.items.find(({ key }) => isScalar(key) && key.value === 'apps');
  if (pair === undefined) {
    if (root.flow === true) return null;
    return `${source}${source === '' || source.endsWith('\n') ? '' : newline}apps:${newline}  ${line}${newline}`;
  }
  const apps = pair.value;
  if (!isMap(apps)) {
    const at = isScalar(apps) && apps.value === null && apps.source === '' ? lineEnd(source, endOf(pair)) : null;
    return at === null || root.flow === true ? null : put(at, `${newline}  ${line}`);
  }
  const [first, last] = [apps.items[0], apps.items.at(-1)];
  if (!first || !last) {
    const [start, end] = apps.range ?? [0, 0];
    return apps.flow === true && /^\{\s*\}$/.test(source.slice(start, end)) ? put(start + 1, ` ${line} `) : null;
  }
  if (apps.flow === true) return put(endOf(last), `, ${line}`);
  const start = isScalar(first.key) ? (first.key.range?.[0] ?? 0) : 0;
  const indent = source.slice(source.lastIndexOf('\n', start - 1) + 1, start);
  return /^ *$/.test(indent) ? put(lineEnd(source, endOf(last)), `${newline}${indent}${line}`) : null;
}

/** Where the text of a node ends, without the comments and blank lines behind it. */
function endOf(node: unknown): number {
  if (isPair(node)) return Math.max(endOf(node.key), endOf(node.value));
  if ((isMap(node) || isSeq(node)) && node.flow !== true && node.items.length > 0) return endOf(node.items.at(-1));
  return isNode(node) ? (node.range?.[1] ?? 0) : 0;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'range' in value;
}

/** The end of the line that this place is in; of a text that ends with its line, that line's. */
function lineEnd(source: string, at: number): number {
  const from = source[at - 1] === '\n' ? at - 1 : at;
  const end = source.indexOf('\n', from);
  const whole = end === -1 ? source.length : end;
  return source[whole - 1] === '\r' ? whole - 1 : whole;
}
