import { isAlias, isMap, isScalar, isSeq, type Pair, type ParsedNode } from 'yaml';
import type { Findings } from './findings.ts';
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

/** Turns the library's nodes into ours: aliases shared, merge keys worked in, keys as texts. */
export class TreeBuilder {
  readonly #findings: Findings;
  readonly #anchors = new Map<string, Built>();
  readonly #open = new Set<string>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  build(source: ParsedNode | null, at: number): Built {
    const span = source ? spanOfSource(source) : { start: at, end: at };
    if (!source) return leaf(null, span);
    if (isAlias(source)) return this.#alias(source.source, span);
    if (source.tag && !coreTags.has(source.tag)) {
      const hint = 'Leave the tag out. Secrets are written as { env: NAME } or { file: PATH }.';
      this.#findings.add({
        code: 'CT1007',
        message: `The tag ${quoteText(source.tag)} means nothing here.`,
        span,
        expected: 'no tag',
        hint,
      });
    }
    if (source.anchor) this.#open.add(source.anchor);
    const built = this.#limit(this.#content(source, span));
    if (source.anchor) {
      this.#open.delete(source.anchor);
      this.#anchors.set(source.anchor, built);
    }
    return built;
  }

  #content(source: ParsedNode, span: Span): Built {
    if (isMap(source)) return this.#map(source.items, span);
    if (isSeq(source)) {
      const items = source.items.map((item) => this.build(asParsed(item), span.start));
      return { node: { kind: 'list', items: items.map((item) => item.node), span }, ...measure(items) };
    }
    return leaf(isScalar(source) ? source.value : null, span);
  }

  #limit(built: Built): Built {
    if (built.depth <= limits.depth) return built;
    this.#findings.add({ code: 'CT1005', message: 'Values are nested too deep here.', span: built.node.span, ...depthWords });
    return failed(built.node.span);
  }

  #alias(name: string, span: Span): Built {
    const built = this.#anchors.get(name);
    if (built) return built;
    const message = this.#open.has(name)
      ? `The alias *${name} stands inside what it points at.`
      : `No anchor &${name} stands above this alias.`;
    this.#findings.add({
      code: 'CT1008',
      message,
      span,
      expected: 'an alias of a value that is complete',
      hint: 'An alias repeats a value that was marked with & earlier in the file.',
    });
    return failed(span);
  }

  #map(pairs: readonly Pair[], span: Span): Built {
    const entries = new Map<string, Entry>();
    const merged: Node[] = [];
    const parts: Built[] = [];
    for (const pair of pairs) {
      const keyNode = asParsed(pair.key);
      const keySpan = keyNode ? spanOfSource(keyNode) : span;
      const value = this.build(asParsed(pair.value), keySpan.end);
      parts.push(value);
      const key = this.#key(keyNode, keySpan);
      if (key === null) continue;
      if (key === '<<' && isScalar(keyNode) && keyNode.type === 'PLAIN') merged.push(...this.#mergeSources(value.node, keySpan));
      else if (entries.has(key)) this.#duplicate(key, keySpan);
      else entries.set(key, { keySpan, node: value.node });
    }
    // Written keys win over merged ones, and an earlier merged map over a later one.
    for (const source of merged) {
      for (const [key, entry] of source.kind === 'map' ? source.entries : []) if (!entries.has(key)) entries.set(key, entry);
    }
    const node: MapNode = { kind: 'map', entries, span };
    return { node, ...measure(parts) };
  }

  #mergeSources(node: Node, span: Span): readonly Node[] {
    const sources = node.kind === 'list' ? node.items : [node];
    if (sources.every((source) => source.kind === 'map')) return sources;
    this.#findings.add({
      code: 'CT1008',
      message: 'The merge key << got something that is not a map.',
      span,
      expected: 'an alias of a map, or a list of such aliases',
      hint: 'Write `<<: *name`.',
    });
    return [];
  }

  #key(node: ParsedNode | null, span: Span): string | null {
    const text = node && isScalar(node) ? node.source : null;
    if (text === null) {
      const found = node ? (isAlias(node) ? 'an alias' : 'not one single value') : 'empty';
      this.#findings.add({
        code: 'CT1006',
        message: `A key is ${found}.`,
        span,
        expected: 'a plain text',
        hint: 'Write the key as one word.',
      });
    } else if (text === '__proto__') {
      this.#findings.add({
        code: 'CT1006',
        message: 'The key "__proto__" cannot be used.',
        span,
        expected: 'another name',
        hint: 'Choose another name.',
      });
      return null;
    }
    return text;
  }

  #duplicate(key: string, span: Span): void {
    const hint = 'Put both into one, or remove one of them: YAML would let the last one win without a word.';
    this.#findings.add({
      code: 'CT1002',
      message: `The key ${quoteText(key)} stands twice in the same map.`,
      span,
      expected: 'each key once',
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

function leaf(value: unknown, span: Span): Built {
  const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  return { node: { kind: 'scalar', value: plain, span }, size: 1, depth: 1 };
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
