import type { core } from 'zod';
import { z } from 'zod';
import type { Engine } from '../engine/index.ts';
import { lookUp, putIn } from '../util/record.ts';
import { manifestSchema } from './schema.ts';

type JsonSchema = { readonly [key: string]: unknown };

const variable = '^\\$\\{[^}]+\\}$';

/** JSON Schema (draft 2020-12) of the whole file with the parts of these engines, for editors. */
export function jsonSchema(engines: readonly Engine[]): Record<string, unknown> {
  const own = asJson(manifestSchema);
  const definitions: Record<string, unknown> = { ...record(own['$defs']) };
  const part = (id: string, name: string, schema: core.$ZodType): JsonSchema => embed(asJson(schema), `${id}.${name}`, definitions);
  const instances = engines.map((engine) => part(engine.id, 'instance', engine.instanceSchema));
  for (const engine of engines)
    putIn(definitions, `${engine.id}.instance`, withEngine(record(lookUp(definitions, `${engine.id}.instance`)), engine));
  definitions['instance'] = { oneOf: instances };
  definitions['placement'] = {
    anyOf: [...engines.map((engine) => part(engine.id, 'placement', engine.placementSchema)), { type: 'null' }],
  };
  definitions['defaults'] = {
    type: ['object', 'null'],
    properties: Object.fromEntries(
      engines.map((engine) => [engine.id, { anyOf: [part(engine.id, 'defaults', engine.defaultsSchema), { type: 'null' }] }]),
    ),
    additionalProperties: false,
  };
  return {
    ...own,
    title: 'cotenant.yaml',
    $defs: definitions,
  };
}

function asJson(schema: core.$ZodType): JsonSchema {
  return z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any', override: allowVariable });
}

/** `${VAR}` may stand where a number, true or false, or one of some words is expected; a section may be left empty. */
function allowVariable({ jsonSchema: json }: { readonly jsonSchema: Record<string, unknown> }): void {
  if (json['mayBeEmpty'] === true) {
    delete json['mayBeEmpty'];
    json['type'] = [json['type'], 'null'];
  }
  if (json['const'] !== undefined) return;
  if (json['type'] === 'integer' || json['type'] === 'number' || json['type'] === 'boolean') {
    json['type'] = [json['type'], 'string'];
    json['pattern'] = variable;
  } else if (Array.isArray(json['enum'])) {
    json['anyOf'] = [
      { type: 'string', enum: json['enum'] },
      { type: 'string', pattern: variable },
    ];
    delete json['enum'];
    delete json['type'];
  }
}

/** The schema as a definition of its own, its inner definitions moved beside it. */
function embed(json: JsonSchema, name: string, definitions: Record<string, unknown>): JsonSchema {
  const { $schema: _dialect, $defs: inner, ...body } = json;
  void _dialect;
  const renamed = (value: unknown): unknown => renameReferences(value, name);
  for (const [key, value] of Object.entries(record(inner))) putIn(definitions, `${name}.${key}`, renamed(value));
  putIn(definitions, name, renamed(body));
  return { $ref: `#/$defs/${name}` };
}

/** Adds the key that tells the engines apart. */
function withEngine(json: JsonSchema, engine: Engine): JsonSchema {
  const branches = Object.entries(json).filter(
    (entry): entry is [string, unknown[]] => /^(any|one|all)Of$/.test(entry[0]) && Array.isArray(entry[1]),
  );
  const inBranches = Object.fromEntries(branches.map(([key, list]) => [key, list.map((branch) => withEngine(record(branch), engine))]));
  const required: readonly unknown[] = Array.isArray(json['required']) ? json['required'] : [];
  return {
    type: 'object',
    ...json,
    ...inBranches,
    properties: { engine: { const: engine.id, description: engine.title }, ...record(json['properties']) },
    required: ['engine', ...required.map(String)],
  };
}

function renameReferences(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((item) => renameReferences(item, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (key !== '$ref' || typeof item !== 'string') return [key, renameReferences(item, name)];
      return [key, item === '#' ? `#/$defs/${name}` : item.replace(/^#\/\$defs\//, `#/$defs/${name}.`)];
    }),
  );
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
