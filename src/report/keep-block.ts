import { Document, parse, visit } from 'yaml';
import { z } from 'zod';
import { spelledOut, unprintable } from '../util/unprintable.ts';

const keeping = z.object({ known: z.array(z.unknown()).optional(), operators: z.record(z.string(), z.unknown()).optional() });

/** What keeps what strangers have, as it can be pasted into the manifest: the entries that each loss tells, together. */
export function keepBlock(entries: readonly string[]): string {
  const known = new Map<string, unknown>();
  const operators = new Map<string, unknown>();
  for (const entry of new Set(entries)) {
    const part = keeping.parse(parse(entry));
    for (const one of part.known ?? []) known.set(JSON.stringify(one), one);
    for (const [name, may] of Object.entries(part.operators ?? {})) operators.set(name, may);
  }
  return [
    ...(operators.size === 0 ? [] : ['operators:']),
    ...[...operators].map(([name, may]) => `  ${flow(name)}: ${flow(may)}`),
    ...(known.size === 0 ? [] : ['known:']),
    ...[...known.values()].map((one) => `  - ${flow(one)}`),
  ].join('\n');
}

/** On one line. A name with characters that nobody sees stands between double quotes, and they are spelled out. */
function flow(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === 'string' && node.value.search(unprintable) >= 0) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ collectionStyle: 'flow', lineWidth: 0 }).trim().replace(unprintable, spelledOut);
}
