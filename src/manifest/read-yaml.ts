import { Composer, type Document, type CST, isAlias, isMap, isScalar, isSeq, Lexer, type Pair, type ParsedNode, Parser } from 'yaml';
import type { Findings } from './findings.ts';
import { quoteText } from './frame.ts';
import { limits } from './limits.ts';
import { maskText } from './mask.ts';
import type { Entry, MapNode, Node, Span } from './node.ts';

/** The file as a tree with places. Null where it cannot be used: an error has been added then. */
export function readYaml(source: string, findings: Findings): MapNode | null {
  if (source.length > limits.source) {
    const found = `${(source.length / 1048576).toFixed(1)} MiB`;
    findings.add({
      code: 'CT1004',
      message: `The file is too large: ${found}.`,
      span: { start: 0, end: 0 },
      expected: `at most ${limits.source / 1048576} MiB`,
      hint: 'Use several manifests.',
    });
    return null;
  }
  const document = compose(source, findings);
  if (!document) return null;
  for (const error of document.errors) addSyntaxError(error, source, findings);
  if (findings.failed) return null;
  if (!document.contents || (isScalar(document.contents) && document.contents.value === null)) {
    addEmpty(findings, 'The file is empty.');
    return null;
  }
  const built = new Builder(findings).build(document.contents, 0);
  if (built.size > limits.nodes) {
    findings.add({
      code: 'CT1004',
      message: `The file comes to more than ${limits.nodes} values.`,
      span: built.node.span,
      expected: `at most ${limits.nodes}`,
      hint: 'Aliases count as often as they are used.',
    });
    return null;
  }
  if (built.node.kind === 'map') return built.node;
  addEmpty(findings, `The file holds ${built.node.kind === 'list' ? 'a list' : 'one single value'}.`);
  return null;
}

function addEmpty(findings: Findings, message: string): void {
  const expected = 'a map with the keys cotenant, project, instances and apps';
  findings.add({ code: 'CT1009', message, span: { start: 0, end: 0 }, expected, hint: '`cotenant init` writes a first one.' });
}

/** Like the library's parseDocument, but it stops at a depth that its recursion could not take. */
function compose(source: string, findings: Findings): Document.Parsed | null {
  const parser = new Parser();
  let tooDeep = false;
  function* tokens(): Generator<CST.Token> {
    for (const lexeme of new Lexer().lex(source)) {
      yield* parser.next(lexeme);
      if (parser.stack.length <= limits.depth * 3) continue;
      tooDeep = true;
      return;
    }
    yield* parser.end();
  }
  const composer = new Composer({ uniqueKeys: false, keepSourceTokens: false, logLevel: 'silent' });
  const documents: Document.Parsed[] = [];
  for (const document of composer.compose(tokens(), true, source.length)) {
    documents.push(document);
    if (documents.length > 1) break;
  }
  if (tooDeep) {
    findings.add({
      code: 'CT1005',
      message: 'Values are nested too deep here.',
      span: { start: parser.offset, end: parser.offset },
      ...depthWords,
    });
    return null;
  }
  const [first, second] = documents;
  if (second) {
    const start = second.range[0];
    const hint = 'Remove the `---` line, or move what follows into its own file.';
    findings.add({
      code: 'CT1001',
      message: 'A second YAML document starts here.',
      span: { start, end: start },
      expected: 'one document',
      hint,
    });
    return null;
  }
  return first ?? null;
}

const depthWords = { expected: `at most ${limits.depth} levels`, hint: 'A manifest needs about eight.' };

function addSyntaxError(
  error: { readonly pos: readonly [number, number]; readonly message: string; readonly code: string },
  source: string,
  findings: Findings,
): void {
  const [start, end] = error.pos;
  if (error.code === 'RESOURCE_EXHAUSTION') {
    findings.add({ code: 'CT1005', message: 'Values are nested too deep here.', span: { start, end }, ...depthWords });
    return;
  }
  const line = source.slice(
    source.lastIndexOf('\n', start - 1) + 1,
    source.indexOf('\n', start) < 0 ? undefined : source.indexOf('\n', start),
  );
  findings.add({
    code: 'CT1001',
    message: `This is not YAML: ${maskText(firstLine(error.message))}.`,
    span: { start, end },
    expected: 'YAML 1.2',
    hint: syntaxHint(error.code, line),
  });
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/[.:]$/, '');
}

function syntaxHint(code: string, line: string): string {
  if (line.includes('{') && /[{,:]\s*[^"'\s]*\$?\{/.test(line.slice(line.indexOf('{')))) {
    return 'Inside { } a text with braces, as ${VAR} or {name}, needs quotes: "${VAR}".';
  }
  if (code === 'TAB_AS_INDENT') return 'Indent with spaces.';
  if (code === 'MULTILINE_IMPLICIT_KEY' || code === 'MISSING_CHAR')
    return 'Look for a missing colon, quote or bracket on this line or above it.';
  return 'Look at the indentation, and for quotes and brackets that are not closed.';
}

interface Built {
  readonly node: Node;
  /** Values in it, those behind aliases counted each time. */
  readonly size: number;
  readonly depth: number;
}

/** Turns the library's nodes into ours: aliases shared, merge keys worked in, keys as texts. */
class Builder {
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
    return leaf(null, built.node.span);
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
    return leaf(null, span);
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
    const text = node && isScalar(node) ? String(node.source ?? node.value) : null;
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

function spanOfSource(node: ParsedNode): Span {
  return { start: node.range[0], end: node.range[1] };
}

/** The library types keys and values of a pair as unknown; after parsing they are nodes or null. */
function asParsed(value: unknown): ParsedNode | null {
  return isAlias(value) || isMap(value) || isScalar(value) || isSeq(value) ? (value as ParsedNode) : null;
}
