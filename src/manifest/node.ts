import type { Path } from '../model/index.ts';
import { putIn } from '../util/record.ts';
import { quoteText } from './frame.ts';

/** Offsets in the file: from the first character to after the last one. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type ScalarValue = string | number | boolean | null;

/** Where a value did not come from the file as it stands: `whole` where the value is nothing but one `${VAR}`, `failed` where it has its own error. */
export type FromEnv = 'whole' | 'part' | 'failed';

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: ScalarValue;
  readonly span: Span;
  readonly env?: FromEnv;
  /** Of a number that is written in another way than it is printed, as 01. */
  readonly written?: string;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly Node[];
  readonly span: Span;
}

export interface Entry {
  readonly keySpan: Span;
  readonly node: Node;
}

export interface MapNode {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly span: Span;
}

/** A value that knows where it stands in the file. Parts are shared between trees: a default keeps its own place when it is merged into an app. */
export type Node = ScalarNode | ListNode | MapNode;

export function emptyMap(span: Span): MapNode {
  return { kind: 'map', entries: new Map(), span };
}

export function asText(node: Node | undefined): string | null {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : null;
}

export function isNull(node: Node | undefined): boolean {
  return node?.kind === 'scalar' && node.value === null && node.env !== 'failed';
}

/** The member of a map, or undefined. */
export function member(node: Node | undefined, key: string): Node | undefined {
  return node?.kind === 'map' ? node.entries.get(key)?.node : undefined;
}

/** Entries of a map; none where it is something else. */
export function entriesOf(node: Node | undefined): readonly (readonly [string, Entry])[] {
  return node?.kind === 'map' ? [...node.entries] : [];
}

/** Texts of a list with their nodes; other items are left out. */
export function textsOf(node: Node | undefined): readonly { readonly text: string; readonly node: Node; readonly index: number }[] {
  if (node?.kind !== 'list') return [];
  return node.items.flatMap((item, index) => {
    const text = asText(item);
    return text === null || isFailed(item) ? [] : [{ text, node: item, index }];
  });
}

export function isFailed(node: Node): boolean {
  return node.kind === 'scalar' && node.env === 'failed';
}

/** True where a part of it could not be filled from the environment; that has its own error. */
export function hasFailed(node: Node): boolean {
  if (node.kind === 'scalar') return isFailed(node);
  if (node.kind === 'list') return node.items.some(hasFailed);
  return [...node.entries.values()].some((entry) => hasFailed(entry.node));
}

/** Plain data, for a schema. Every map is a fresh object. */
export function toPlain(node: Node): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toPlain);
  const plain: Record<string, unknown> = {};
  for (const [key, entry] of node.entries) putIn(plain, key, toPlain(entry.node));
  return plain;
}

/** Where a path leads: as deep as it goes. */
export interface Found {
  readonly node: Node;
  /** The key that led to the node. */
  readonly keySpan: Span | null;
  /** How many steps of the path were taken. */
  readonly depth: number;
}

export function find(root: Node, path: readonly PropertyKey[]): Found {
  let node = root;
  let keySpan: Span | null = null;
  let depth = 0;
  for (const step of path) {
    if (node.kind === 'map') {
      const entry: Entry | undefined = node.entries.get(String(step));
      if (!entry) break;
      node = entry.node;
      keySpan = entry.keySpan;
    } else if (node.kind === 'list') {
      const item: Node | undefined = node.items[Number(step)];
      if (!item) break;
      node = item;
      keySpan = null;
    } else break;
    depth += 1;
  }
  return { node, keySpan, depth };
}

/** The place to point at: a value itself, but the key of a map or list. */
export function spanOf(found: Found): Span {
  const empty = found.node.kind !== 'scalar' || found.node.span.end === found.node.span.start;
  return empty && found.keySpan ? found.keySpan : found.node.span;
}

/** The same tree with another value at the path; unchanged where the path leads nowhere. */
export function replaceAt(root: Node, path: readonly PropertyKey[], change: (node: Node) => Node): Node {
  const [step, ...rest] = path;
  if (step === undefined) return change(root);
  if (root.kind === 'map') {
    const entry = root.entries.get(String(step));
    if (!entry) return root;
    return { ...root, entries: new Map(root.entries).set(String(step), { ...entry, node: replaceAt(entry.node, rest, change) }) };
  }
  if (root.kind === 'list') {
    return { ...root, items: root.items.map((item, index) => (index === Number(step) ? replaceAt(item, rest, change) : item)) };
  }
  return root;
}

const plainKey = /^[\p{L}\p{N}_{}-]+$/u;

/** A path as people write it: `apps.shop.uses.main`, `shares[0].from`. */
export function pathText(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!plainKey.test(step)) text += `[${quoteText(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** Every single value below a node that is text, with its path. */
export function* textsIn(node: Node, path: Path = []): Generator<readonly [scalar: ScalarNode & { readonly value: string }, path: Path]> {
  if (node.kind === 'list') for (const [index, item] of node.items.entries()) yield* textsIn(item, [...path, index]);
  if (node.kind === 'map') for (const [key, entry] of node.entries) yield* textsIn(entry.node, [...path, key]);
  if (node.kind === 'scalar' && typeof node.value === 'string') yield [{ ...node, value: node.value }, path];
}
