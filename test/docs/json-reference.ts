import { z } from 'zod';
import { documentNames } from '../../src/report/documents/names.ts';
import { documentSchema } from '../../src/report/documents/schemas.ts';

const head = `# JSON documents

This page is made from the schemas in \`src/report/documents/\`. After a change there: \`npx vitest run test/docs/json.test.ts -u\`.

What \`--json\` prints, and what \`plan --out\` saves. \`cotenant schema <document>\` prints the JSON Schema of each. Keys stand in the order of these tables, keys that are names are sorted: the same result is the same bytes. \`format\` changes when a reader has to. The lines of \`--output stream-json\` are described in [cli.md](cli.md).
`;

interface Schema {
  readonly type?: string | readonly string[] | undefined;
  readonly $ref?: string | undefined;
  readonly const?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
  readonly items?: Schema | undefined;
  readonly additionalProperties?: Schema | boolean | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly $defs?: Readonly<Record<string, Schema>> | undefined;
}

const schema: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    $ref: z.string().optional(),
    const: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    anyOf: z.array(schema).optional(),
    items: schema.optional(),
    additionalProperties: z.union([schema, z.boolean()]).optional(),
    properties: z.record(z.string(), schema).optional(),
    required: z.array(z.string()).optional(),
    description: z.string().optional(),
    $defs: z.record(z.string(), schema).optional(),
  }),
);

/** The text of docs/json.md. */
export function jsonReference(): string {
  const all = documentNames.map((name) => ({ name, of: schema.parse(documentSchema(name)) }));
  const parts = new Map(all.flatMap(({ of }) => Object.entries(of.$defs ?? {}).filter(([name]) => !name.startsWith('__'))));
  return [
    head,
    ...all.map(({ name, of }) => chapter('##', name, of.description ?? '', of)),
    '## Parts\n',
    ...[...parts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, of]) => chapter('###', name, of.description ?? '', of)),
  ].join('\n');
}

function chapter(level: string, name: string, what: string, of: Schema): string {
  const rows = rowsOf(of, '');
  const table = rows.length === 0 ? `${typeOf(of)}\n` : `| key | value | meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
  return `${level} ${name}\n\n${what}\n\n${table}`;
}

/** A row for each key; those of a part that has no chapter stand behind its own. */
function rowsOf({ properties = {}, required = [] }: Schema, before: string): string[] {
  return Object.entries(properties).flatMap(([key, of]) => {
    const name = `\`${before}${key}\`${required.includes(key) ? '' : ' (may be absent)'}`;
    const item = of.items ?? of;
    return [`| ${name} | ${typeOf(of)} | ${of.description ?? ''} |`, ...rowsOf(item, `${before}${key}${of.items ? '[]' : ''}.`)];
  });
}

function typeOf(of: Schema): string {
  if (of.$ref !== undefined) {
    const name = of.$ref.replace(/^.*\//, '');
    return name.startsWith('__') ? 'any JSON' : `[${name}](#${name})`;
  }
  if (of.const !== undefined) return `\`${JSON.stringify(of.const)}\``;
  if (of.enum) return of.enum.map((one) => `\`${JSON.stringify(one)}\``).join(', ');
  if (of.anyOf) return of.anyOf.map(typeOf).join(' or ');
  if (of.items) return `list of ${typeOf(of.items)}`;
  if (typeof of.additionalProperties === 'object') return `by name: ${typeOf(of.additionalProperties)}`;
  return of.type === undefined ? 'any JSON' : [of.type].flat().join(' or ');
}
