import { Ajv2020 } from 'ajv/dist/2020.js';
import { fc } from '../../test/support/properties.ts';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { validManifest } from '../../test/support/manifest-arbitrary.ts';
import { alpha, beta, schemaEngines } from '../../test/support/schema-engine.ts';
import { jsonSchema } from './json-schema.ts';
import { parseManifest } from './parse.ts';

const schema = jsonSchema([alpha, beta]);
const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema);

const head = 'cotenant: 1\nproject: p\ninstances: { main: { engine: alpha }, side: { engine: beta, path: x } }\n';

describe('JSON Schema', () => {
  test('is draft 2020-12, without references that lead nowhere', () => {
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    const text = JSON.stringify(schema);
    const references = [...text.matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(references.length).toBeGreaterThan(5);
    for (const reference of references) expect(schema['$defs']).toHaveProperty([reference]);
    expect(text).not.toContain('mayBeEmpty');
  });

  test('completes: a description for each key of the top, and the fields of each engine', () => {
    const properties = Object.entries(schema['properties'] ?? {});
    expect(properties.map(([key]) => key)).toEqual([
      'cotenant',
      'project',
      'instances',
      'defaults',
      'apps',
      'teams',
      'readers',
      'shares',
      'operators',
      'known',
      'backup',
      'removal',
    ]);
    expect(schema).toMatchObject({
      $defs: {
        'alpha.instance': {
          properties: { engine: { const: 'alpha' }, mode: { anyOf: [{ enum: ['fast', 'safe'] }, {}] } },
          required: ['engine'],
          additionalProperties: false,
        },
        'beta.instance': {
          anyOf: [{ properties: { engine: { const: 'beta' }, url: {} } }, { properties: { engine: { const: 'beta' }, path: {} } }],
        },
        instance: { oneOf: [{ $ref: '#/$defs/alpha.instance' }, { $ref: '#/$defs/beta.instance' }] },
        defaults: { properties: { alpha: {}, beta: {} } },
      },
    });
  });

  test.each([
    [
      'everything',
      `${head}defaults: { alpha: { connections: 3 } }\napps: { a: { uses: { main: { isolation: own }, side: { kind: prefix, prefix: x } }, after: [] } }\nreaders: { r: { reads: [a] } }\n`,
    ],
    [
      'variables for numbers, booleans and words',
      `${head}apps: { a: { uses: { main: { connections: "\${N}", strict: "\${B}", isolation: "\${L}" } } } }\nremoval: "\${R}"\n`,
    ],
    ['empty sections', 'cotenant: 1\nproject: p\ninstances:\napps:\nteams:\nreaders:\nshares:\ndefaults:\n'],
    ['empty placements', `${head}apps: { a: { uses: { main: } } }\n`],
    ['a team', `${head}teams: { "t_{n}": { for: { n: [a, 1] }, uses: { main: {} } } }\n`],
    [
      'secrets',
      'cotenant: 1\nproject: p\ninstances: { m: { engine: alpha, password: { env: X } }, n: { engine: alpha, password: { file: y } } }\n',
    ],
  ])('takes %s', (_name, source) => {
    expect(validate(parse(source)) ? [] : validate.errors).toEqual([]);
  });

  test.each([
    ['an unknown key', `${head}reader: {}\n`],
    ['an unknown key of an instance', 'cotenant: 1\nproject: p\ninstances: { m: { engine: alpha, conections: {} } }\n'],
    ['an unknown key of backup', `${head}backup: { drilll: weekly }\n`],
    ['an unknown key of migrations', `${head}apps: { a: { uses: {}, migrations: { tool: alembic, directory: x, dierctory: y } } }\n`],
    ['online migrations', `${head}apps: { a: { uses: {}, migrations: { tool: alembic, directory: x, online: true } } }\n`],
    ['an unknown key of requires', `${head}apps: { a: { uses: {}, requires: { tabels: [t] } } }\n`],
    ['an unknown key of an operator', `${head}operators: { o: { may: [connect], instance: [main] } }\n`],
    ['a key of another engine', 'cotenant: 1\nproject: p\ninstances: { m: { engine: alpha, path: x } }\n'],
    ['no engine', 'cotenant: 1\nproject: p\ninstances: { m: {} }\n'],
    ['an unknown engine', 'cotenant: 1\nproject: p\ninstances: { m: { engine: gamma } }\n'],
    ['defaults of an unknown engine', `${head}defaults: { gamma: {} }\n`],
    ['a number out of range', `${head}defaults: { alpha: { connections: 0 } }\n`],
    ['a number as text', `${head}apps: { a: { uses: { main: { connections: "5" } } } }\n`],
    ['a word', `${head}removal: keep\n`],
    ['a secret in clear', 'cotenant: 1\nproject: p\ninstances: { m: { engine: alpha, password: x } }\n'],
    ['an app without uses', `${head}apps: { a: {} }\n`],
    ['a team without for', `${head}teams: { a: { uses: {} } }\n`],
    ['a share without tables', `${head}shares: [{ from: a, to: b, via: api }]\n`],
    ['another version', 'cotenant: 2\nproject: p\ninstances: {}\n'],
  ])('refuses %s, as the parser does', async (_name, source) => {
    expect(validate(parse(source))).toBe(false);
    expect((await parseManifest(source, { file: 'x', env: {}, ...schemaEngines })).manifest).toBeNull();
  });

  test('takes what the parser takes', () => {
    const part = {
      id: 'alpha',
      instance: fc.record({ url: fc.constant('alpha://u@h/d'), mode: fc.constantFrom('fast', 'safe') }, { requiredKeys: [] }),
      placement: fc.record({ connections: fc.integer({ min: 1, max: 1000 }), tags: fc.array(fc.string()) }, { requiredKeys: [] }),
      defaults: fc.record({ connections: fc.integer({ min: 1, max: 9 }) }, { requiredKeys: [] }),
    };
    fc.assert(
      fc.property(validManifest(part), (document) => {
        expect(validate(document) ? [] : validate.errors).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
