import { parse, stringify } from 'yaml';
import { z } from 'zod';

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
  const flow = (value: unknown): string => stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
  return [
    ...(operators.size === 0 ? [] : ['operators:']),
    ...[...operators].map(([name, may]) => `  ${flow(name)}: ${flow(may)}`),
    ...(known.size === 0 ? [] : ['known:']),
    ...[...known.values()].map((one) => `  - ${flow(one)}`),
  ].join('\n');
}
