import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { documentSchema } from '../report/documents/schemas.ts';
import { lookUp, putIn } from '../util/record.ts';
import type { Access } from './who.ts';
import type { Answer, Route } from './route.ts';

type Json = Record<string, unknown>;

const said: Readonly<Record<Access, string>> = {
  public: 'Wants no key.',
  health: 'Wants no key. Who asks from another machine without one is told how all stand, and not of whom that speaks.',
  see: 'Wants a key, but on this machine. A key of one app gets what concerns that app.',
  whole: 'Wants a key of the scope `read` or `operate`, but on this machine.',
  operate: 'Wants a key of the scope `operate`.',
};

const problemSchema: Json = {
  description: 'What went wrong (RFC 9457), with the code and the hint of the command line.',
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', description: '`urn:cotenant:` and the code.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: '`cotenant explain CODE` tells more.' },
    hint: { type: 'string' },
    diagnostics: { type: 'array', items: { $ref: '#/components/schemas/diagnostic' }, description: 'Set where there are several reasons.' },
  },
};

/** The description of the interface, OpenAPI 3.1. */
export function openapi(routes: readonly Route[], version: string): Json {
  const schemas: Json = { problem: problemSchema };
  const paths = [...Map.groupBy(routes, ({ path }) => path)].map(([path, some]) => [
    path,
    Object.fromEntries(some.map((route) => [route.method, operationOf(route, schemas)])),
  ]);
  return {
    openapi: '3.1.1',
    info: {
      title: 'cotenant',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: 'What `cotenant serve` answers. Documents are those of the command line with `--json`.',
    },
    paths: Object.fromEntries(paths),
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'A key of `cotenant key create`.' } },
    },
  };
}

function operationOf(route: Route, schemas: Json): Json {
  const { method, path, summary, access, query, body, answers } = route;
  const [what = '', ...more] = summary.split(/(?<=\.) /);
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const starts = method === 'post';
  return {
    operationId: `${method}${path.replaceAll(/[/_{}.-]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary: what,
    description: [...more, said[access]].join(' '),
    security: access === 'operate' ? [{ key: [] }] : access === 'public' ? [] : [{}, { key: [] }],
    parameters: [...inPath, ...(query === null ? [] : parametersOf(query, schemas)), ...(starts ? [idempotency] : [])],
    ...(body === null
      ? {}
      : {
          requestBody: {
            required: false,
            content: { 'application/json': { schema: hoisted(jsonOf(body), schemas) } },
          },
        }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, responseOf(answer, schemas)])),
      ...usual(access),
    },
  };
}

const idempotency: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same request with the same one begins nothing anew.',
  schema: { type: 'string', pattern: '^[!-~]{1,200}$' },
};

/** What every route can end with. */
function usual(access: Access): Json {
  const refused =
    access === 'public' || access === 'health' ? {} : { 401: 'A key is missing, or nobody has it.', 403: 'The key does not reach so far.' };
  const all: Readonly<Record<number, string>> = { ...refused, 429: 'Too many keys were wrong.' };
  return Object.fromEntries(
    Object.entries({ ...all, default: 'What else can be wrong with a request.' }).map(([status, what]) => [
      status,
      responseOf({ what, type: 'application/problem+json' }, {}),
    ]),
  );
}

function responseOf(answer: Answer, schemas: Json): Json {
  const { what, type = 'application/json' } = answer;
  return { description: what, content: { [type]: { schema: schemaOf(answer, type, schemas) } } };
}

function schemaOf({ document, schema }: Answer, type: string, schemas: Json): Json {
  if (type === 'application/problem+json') return { $ref: '#/components/schemas/problem' };
  if (document !== undefined) {
    schemas[document] ??= hoisted(documentSchema(document), schemas);
    return { $ref: `#/components/schemas/${document}` };
  }
  return schema === undefined ? { type: 'string' } : hoisted(jsonOf(schema), schemas);
}

function parametersOf(query: z.ZodObject, schemas: Json): readonly Json[] {
  const { properties = {}, required = [] } = jsonOf(query);
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = typeof schema === 'object' ? schema : {};
    return {
      name,
      in: 'query',
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: hoisted(rest, schemas),
    };
  });
}

/** In the same form as that of documents. */
function jsonOf(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(schema, { io: 'input', override: ({ jsonSchema }) => delete jsonSchema.readOnly });
}

/** Parts are those of the whole description: the same name is the same part in every document. */
function hoisted(schema: object, schemas: Json): Json {
  const { $schema: _, $defs: parts = {}, ...rest } = schema as { $schema?: unknown; $defs?: Record<string, object> };
  for (const [name, part] of Object.entries(parts)) {
    const here = moved(part);
    const there = lookUp(schemas, name);
    if (there !== undefined && !isDeepStrictEqual(there, here)) throw new Error(`two parts are called ${name}`);
    putIn(schemas, name, here);
  }
  return movedIn(rest);
}

function moved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moved);
  return typeof value === 'object' && value !== null ? movedIn(value) : value;
}

function movedIn(value: object): Json {
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === '$ref' && typeof one === 'string' ? one.replace('#/$defs/', '#/components/schemas/') : moved(one),
    ]),
  );
}
