import { isScalar } from 'yaml';
import { composeInPieces } from './compose.ts';
import type { Findings } from './findings.ts';
import { limits } from './limits.ts';
import { maskText } from './mask.ts';
import type { MapNode } from './node.ts';
import { depthWords } from './tree-builder.ts';

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
  const composed = composeInPieces(source, findings);
  for (const error of composed.errors) addSyntaxError(error, source, findings);
  if (!composed.document || composed.errors.length > 0) return null;
  const { contents } = composed.document;
  if (!contents || (isScalar(contents) && contents.value === null)) {
    addEmpty(findings, 'The file is empty.');
    return null;
  }
  const built = composed.builder.build(contents, 0);
  findings.addAll(composed.builder.findings);
  if (built.size > limits.nodes) {
    findings.add({
      code: 'CT1004',
      message: `The file expands to more than ${limits.nodes} values.`,
      span: built.node.span,
      expected: `at most ${limits.nodes}`,
      hint: 'An alias counts each time it is used.',
    });
    return null;
  }
  if (built.node.kind === 'map') return built.node;
  addEmpty(findings, `The file contains ${built.node.kind === 'list' ? 'a list' : 'a single value'}.`);
  return null;
}

function addEmpty(findings: Findings, message: string): void {
  const expected = 'a map with the keys cotenant, project, instances and apps';
  findings.add({ code: 'CT1009', message, span: { start: 0, end: 0 }, expected, hint: '`cotenant init` writes one to start from.' });
}

function addSyntaxError(
  error: { readonly pos: readonly [number, number]; readonly message: string; readonly code: string },
  source: string,
  findings: Findings,
): void {
  const [start, end] = error.pos;
  if (error.code === 'RESOURCE_EXHAUSTION') {
    findings.add({ code: 'CT1005', message: 'Values are nested too deeply here.', span: { start, end }, ...depthWords });
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
    return 'Inside { }, text with braces, such as ${VAR} or {name}, needs quotes: "${VAR}".';
  }
  if (code === 'TAB_AS_INDENT') return 'Indent with spaces.';
  if (code === 'MULTILINE_IMPLICIT_KEY' || code === 'MISSING_CHAR')
    return 'Look for a missing colon, quote or bracket on this line or above it.';
  return 'Check the indentation, and look for unclosed quotes and brackets.';
}
