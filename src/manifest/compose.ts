import { Composer, type CST, type Document, isMap, Lexer, Parser } from 'yaml';
import type { Findings } from './findings.ts';
import { limits } from './limits.ts';
import { depthWords, TreeBuilder } from './tree-builder.ts';

type SyntaxErrors = Document.Parsed['errors'];

export interface Composed {
  /** What is left to build; null where there is nothing to go on with. */
  readonly document: Document.Parsed | null;
  /** Holds what has been built already. */
  readonly builder: TreeBuilder;
  readonly errors: SyntaxErrors;
}

const options = { uniqueKeys: false, keepSourceTokens: false, logLevel: 'silent', schema: 'core' } as const;

/**
 * Like the library's parseDocument, with two differences. It stops at a depth that its recursion could not take. And entries of
 * the two outer levels that are complete are built and let go while the rest is read: ten thousand apps would otherwise stand in
 * memory three times.
 */
export function composeInPieces(source: string, findings: Findings, piece = 100): Composed {
  const parser = new Parser();
  const builder = new TreeBuilder();
  const errors: SyntaxErrors = [];
  const state: { tooDeep: boolean; pieces: number; document: CST.Token | undefined } = { tooDeep: false, pieces: 0, document: undefined };
  // A directive holds for the document that it stands before, and a piece would be read without it.
  const whole = source.startsWith('%') || source.includes('\n%');
  function* tokens(): Generator<CST.Token> {
    for (const lexeme of new Lexer().lex(source)) {
      yield* parser.next(lexeme);
      const [document, root, section] = parser.stack;
      state.document ??= document;
      state.tooDeep = parser.stack.length > limits.depth * 3;
      if (state.tooDeep) return;
      if (
        !whole &&
        document === state.document &&
        root?.type === 'block-map' &&
        section?.type === 'block-map' &&
        section.items.length > piece + 1
      ) {
        takeComplete(root, section, builder, errors);
        state.pieces += 1;
      }
    }
    yield* parser.end();
  }
  const documents: Document.Parsed[] = [];
  for (const document of new Composer(options).compose(tokens(), true, source.length)) {
    documents.push(document);
    errors.push(...document.errors);
    if (documents.length > 1) break;
  }
  // A piece can tell an error at another place than the whole does.
  if (errors.length > 0 && state.pieces > 0) return composeInPieces(source, findings, source.length);
  const [first, second] = documents;
  if (state.tooDeep) {
    findings.add({
      code: 'CT1005',
      message: 'Values are nested too deeply here.',
      span: { start: parser.offset, end: parser.offset },
      ...depthWords,
    });
    return { document: null, builder, errors: [] };
  }
  if (second) {
    addSecond(second.range[0], findings);
    return { document: null, builder, errors };
  }
  return { document: first ?? null, builder, errors };
}

/** Entries before the last one are complete; the parser still looks at the one before the last. */
function takeComplete(root: CST.BlockMap, section: CST.BlockMap, builder: TreeBuilder, errors: SyntaxErrors): void {
  const key = root.items.at(-1)?.key;
  if (key?.type !== 'scalar') return;
  take(root, 1, null, builder, errors);
  take(section, 2, key.offset, builder, errors);
}

/** Builds all entries of the map but the last ones, and takes them out of it. */
function take(map: CST.BlockMap, left: number, key: number | null, builder: TreeBuilder, errors: SyntaxErrors): void {
  const { offset, indent } = map;
  const items = map.items.splice(0, map.items.length - left);
  if (items.length === 0) return;
  const token: CST.Document = { type: 'document', offset, start: [], value: { type: 'block-map', offset, indent, items } };
  for (const document of new Composer(options).compose([token])) {
    errors.push(...document.errors);
    if (isMap(document.contents)) builder.add(key, document.contents.items);
  }
}

function addSecond(start: number, findings: Findings): void {
  findings.add({
    code: 'CT1001',
    message: 'A second YAML document starts here.',
    span: { start, end: start },
    expected: 'one document',
    hint: 'Remove the `---` line, or move the second document to its own file.',
  });
}
