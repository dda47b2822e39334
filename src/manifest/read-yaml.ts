import { Composer, type CST, type Document, isScalar, Lexer, Parser } from 'yaml';
import type { Findings } from './findings.ts';
import { limits } from './limits.ts';
import { maskText } from './mask.ts';
import type { MapNode } from './node.ts';
import { depthWords, TreeBuilder } from './tree-builder.ts';

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
  const built = new TreeBuilder(findings).build(document.contents, 0);
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
  const state = { tooDeep: false };
  function* tokens(): Generator<CST.Token> {
    for (const lexeme of new Lexer().lex(source)) {
      yield* parser.next(lexeme);
      if (parser.stack.length <= limits.depth * 3) continue;
      state.tooDeep = true;
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
  if (state.tooDeep) {
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
    message: `This is not YAML: ${withoutSource(error.message)}.`,
    span: { start, end },
    expected: 'YAML 1.2',
    hint: syntaxHint(error.code, line),
  });
}

/** The library's sentence without the piece of the file that it ends with: the frame shows that, with secrets covered. */
function withoutSource(message: string): string {
  const sentence = (message.split('\n')[0] ?? '').replace(/(?<=\w): .*$/s, '');
  return maskText(sentence.replaceAll(/[^ -~]/g, '?').replace(/[.:]$/, ''));
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
