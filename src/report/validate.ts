import type { Log, ReportingDescriptor, Result } from 'sarif';
import type { Codes, Diagnostic, Severity } from '../model/index.ts';
import { lookUp } from '../util/record.ts';
import { document } from './documents/document.ts';
import { printableLines } from './printable.ts';

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = { error: 'error', warning: 'warning', info: 'note' };

/** What is wrong with a manifest, as SARIF 2.1.0. `uriOf`: a file as the reader of the report calls it. */
export function diagnosticsSarif(
  diagnostics: readonly Diagnostic[],
  context: { readonly version: string; readonly codes: Codes; readonly uriOf: (file: string) => string },
): string {
  const ids = [...new Set(diagnostics.map(({ code }) => code))];
  const results = diagnostics.map((one): Result => resultOf(one, ids, context.uriOf));
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'cotenant', semanticVersion: context.version, rules: ids.map((id) => ruleOf(id, context.codes)) } },
        automationDetails: { id: 'cotenant/validate/' },
        invocations: [{ executionSuccessful: true }],
        results,
        columnKind: 'utf16CodeUnits',
      },
    ],
  };
  return document(log);
}

function ruleOf(id: string, codes: Codes): ReportingDescriptor {
  const entry = lookUp(codes, id);
  if (!entry) return { id };
  const help = entry.hint === undefined ? {} : { help: { text: entry.hint } };
  return { id, shortDescription: { text: entry.title }, fullDescription: { text: entry.explanation }, ...help };
}

function resultOf(
  { code, severity, message, expected, hint, location }: Diagnostic,
  ids: readonly string[],
  uriOf: (file: string) => string,
): Result {
  const text = [message, ...(expected === undefined ? [] : [`Expected: ${expected}`]), ...(hint === undefined ? [] : [`Hint: ${hint}`])];
  const region = location ? { startLine: location.line, startColumn: location.column } : { startLine: 1 };
  return {
    ruleId: code,
    ruleIndex: ids.indexOf(code),
    level: levels[severity],
    message: { text: printableLines(text.join('\n')) },
    ...(location ? { locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(location.file) }, region } }] } : {}),
  };
}
