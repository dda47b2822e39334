import { isAlias, isMap, isScalar, isSeq, type Pair, type ParsedNode } from 'yaml';
import { Findings } from './findings.ts';
import { quoteText } from './frame.ts';
import { limits } from './limits.ts';
import type { Entry, MapNode, Node, Span } from './node.ts';

export const depthWords = { expected: `at most ${limits.depth} levels`, hint: 'A manifest needs about eight.' };

export interface Built {
  readonly node: Node;
  /** Values in it, those behind aliases counted each time. */
  readonly size: number;
  readonly depth: number;
}

/** A map that is being filled. */
interface Draft {
  readonly entries: Map<string, Entry>;
  readonly merged: Node[];
  size: number;
  depth: number;
}

function newDraft(): Draft {
  return { entries: new Map(), merged: [], size: 1, depth: 1 };
}

/** Turns the library's nodes into ours: aliases shared, merge keys expanded, keys as strings. */
export class TreeBuilder {
  /** What is wrong with the tree; says nothing where the text itself is no YAML. */
  readonly findings = new Findings();
  readonly #anchors = new Map<string, Built>();
  readonly #open = new Set<string>();
  readonly #drafts = new Map<number | null, Draft>();

  /** `at`: where an empty value stands. `key`: offset of the key that the value belongs to, null for the root. */
  build(source: ParsedNode | null, at: number, key: number | null = null): Built {
    const span = source ? spanOfSource(source) : { start: at, end: at };
    if (!source) return leaf(null, span);
    if (isAlias(source)) return this.#alias(source.source, span);
    if (source.tag && !coreTags.has(source.tag)) {
      const hint = 'Remove the tag. Secrets are written as { env: NAME } or { file: PATH }.';
      this.findings.add({
        code: 'CT1007',
        message: `The tag ${quoteText(source.tag)} is not allowed.`,
        span,
        expected: 'no tag',
        hint,
      });
    }
    if (source.anchor) this.#open.add(source.anchor);
    const built = this.#limit(this.#content(source, span, key));
    if (source.anchor) {
      this.#open.delete(source.anchor);
      this.#anchors.set(source.anchor, built);
    }
    return built;
  }

  #content(source: ParsedNode, span: Span, key: number | null): Built {
    if (isMap(source)) return this.#map(source.items, span, key);
    if (isSeq(source)) {
      const items = source.items.map((item) => this.build(asParsed(item), span.start, -1));
      return { node: { kind: 'list', items: items.map((item) => item.node), span }, ...measure(items) };
    }
    return isScalar(source) ? leaf(source.value, span, source.source) : leaf(null, span);
  }

  #limit(built: Built): Built {
    if (built.depth <= limits.depth) return built;
    this.findings.add({ code: 'CT1005', message: 'Values are nested too deeply here.', span: built.node.span, ...depthWords });
    return failed(built.node.span);
  }

  #alias(name: string, span: Span): Built {
    const built = this.#anchors.get(name);
    if (built) return built;
    const message = this.#open.has(name)
      ? `The alias ${quoteText(`*${name}`)} is inside its own anchor.`
      : `No anchor ${quoteText(`&${name}`)} is defined above this alias.`;
    this.findings.add({
      code: 'CT1008',
      message,
      span,
      expected: 'an alias of a complete value above it',
      hint: 'An alias repeats a value that was defined with & earlier in the file.',
    });
    return failed(span);
  }

  /** Takes the first entries of a map whose other entries come later. `key`: the offset of the map's own key; null for the root. */
  add(key: number | null, pairs: readonly Pair[]): void {
    const draft = this.#drafts.get(key) ?? newDraft();
    this.#drafts.set(key, draft);
    this.#fill(draft, pairs, null);
  }

  #map(pairs: readonly Pair[], span: Span, key: number | null): Built {
    const draft = this.#drafts.get(key) ?? newDraft();
    this.#fill(draft, pairs, span);
    const { entries } = draft;
    // Written keys win over merged ones, and an earlier merged map over a later one.
    for (const source of draft.merged) {
      for (const [name, entry] of source.kind === 'map' ? source.entries : []) if (!entries.has(name)) entries.set(name, entry);
    }
    const node: MapNode = { kind: 'map', entries, span };
    return { node, size: draft.size, depth: draft.depth };
  }

  #fill(draft: Draft, pairs: readonly Pair[], span: Span | null): void {
    const { entries } = draft;
    for (const pair of pairs) {
      const keyNode = asParsed(pair.key);
      const keySpan = keyNode ? spanOfSource(keyNode) : (span ?? { start: 0, end: 0 });
      const value = this.build(asParsed(pair.value), keySpan.end, keySpan.start);
      draft.size += value.size;
      draft.depth = Math.max(draft.depth, value.depth + 1);
      const key = this.#key(keyNode, keySpan);
      if (key === null) continue;
      if (key === '<<' && isScalar(keyNode) && keyNode.type === 'PLAIN') draft.merged.push(...this.#mergeSources(value.node, keySpan));
      else if (entries.has(key)) this.#duplicate(key, keySpan);
      else entries.set(key, { keySpan, node: value.node });
    }
  }

  #mergeSources(node: Node, span: Span): readonly Node[] {
    const sources = node.kind === 'list' ? node.items : [node];
    if (sources.every((source) => source.kind === 'map')) return sources;
    this.findings.add({
      code: 'CT1008',
      message: 'The value of the merge key << is not a map.',
      span,
      expected: 'an alias of a map, or a list of such aliases',
      hint: 'Write `<<: *name`.',
    });
    return [];
  }

  #key(node: ParsedNode | null, span: Span): string | null {
    const text = node && isScalar(node) ? node.source : null;
    if (text === null) {
      const found = node ? (isAlias(node) ? 'an alias' : 'not a single value') : 'empty';
      this.findings.add({
        code: 'CT1006',
        message: `A key is ${found}.`,
        span,
        expected: 'a plain text',
        hint: 'Write the key as one word.',
      });
    } else if (text === '__proto__') {
      this.findings.add({
        code: 'CT1006',
        message: 'The key "__proto__" is not allowed.',
        span,
        expected: 'another name',
        hint: 'Choose another name.',
      });
      return null;
    }
    return text;
  }

  #duplicate(key: string, span: Span): void {
    const hint = 'Merge them, or remove one: most YAML readers silently keep the last one.';
    this.findings.add({
      code: 'CT1002',
      message: `Duplicate key ${quoteText(key)} in this map.`,
      span,
      expected: 'unique keys',
      hint,
    });
  }
}

const coreTags = new Set(['map', 'seq', 'str', 'int', 'float', 'bool', 'null'].map((name) => `tag:yaml.org,2002:${name}`));

function measure(parts: readonly Built[]): { size: number; depth: number } {
  let size = 1;
  let depth = 0;
  for (const part of parts) {
    size += part.size;
    depth = Math.max(depth, part.depth);
  }
  return { size, depth: depth + 1 };
}

function leaf(value: unknown, span: Span, source = ''): Built {
  const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  const written = typeof plain === 'number' && String(plain) !== source ? { written: source } : {};
  return { node: { kind: 'scalar', value: plain, span, ...written }, size: 1, depth: 1 };
}

/** Stands for a value that has its own error, so that nothing more is said about it. */
function failed(span: Span): Built {
  return { node: { kind: 'scalar', value: null, span, env: 'failed' }, size: 1, depth: 1 };
}

function spanOfSource(node: ParsedNode): Span {
  return { start: node.range[0], end: node.range[1] };
}

/** The library types keys and values of a pair as unknown; after parsing they are nodes or null. */
function asParsed(value: unknown): ParsedNode | null {
  return isParsed(value) ? value : null;
}

function isParsed(value: unknown): value is ParsedNode {
  return isAlias(value) || isMap(value) || isScalar(value) || isSeq(value);
}
