import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { openapi } from '../../src/serve/openapi.ts';
import { routes } from '../../src/serve/routes.ts';
import { describeEachRedis } from '../support/engines-redis.ts';
import { checkout } from '../support/places.ts';
import { fc } from '../support/properties.ts';
import { freshRedis, manifestOn } from './redis.ts';
import { type Answered, type Ask, type Started, started } from './started.ts';

interface Media {
  readonly schema: object;
}
interface Described {
  readonly parameters: readonly { readonly name: string; readonly in: 'path' | 'query' | 'header'; readonly schema: object }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, Media>> }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: object;
}

const version = '0.1.0';
const document = openapi(routes, version) as unknown as Document;

test('docs/openapi.json is what the routes say', async () => {
  const { version: ours } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as { version: string };
  await expect(`${JSON.stringify(openapi(routes, ours), null, 2)}\n`).toMatchFileSnapshot(join(checkout, 'docs/openapi.json'));
});

describe('the description', () => {
  test('has schemas that can be read, and no reference into nothing', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    for (const [path, methods] of Object.entries(document.paths))
      for (const { responses } of Object.values(methods))
        for (const { content } of Object.values(responses))
          for (const { schema } of Object.values(content))
            expect(() => ajv.compile({ ...schema, components: document.components }), path).not.toThrow();
  });
});

/** Whether an answer is one that the description has. */
function judge(ajv: Ajv2020, described: Described, { status, headers, json }: Answered): string {
  const response = described.responses[status] ?? described.responses['default'];
  if (!response) return `${status} is not described`;
  const type = (headers.get('content-type') ?? '').split(';')[0] ?? '';
  const media = response.content[type];
  if (!media) return `${status} is described, but not as ${type}`;
  if (json === null) return '';
  const validate = ajv.compile({ ...media.schema, components: document.components });
  return validate(json) ? '' : `${status}: ${ajv.errorsText(validate.errors)}`;
}

const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    'shop',
    'blog',
    '__proto__',
    'constructor',
    '0',
    '-1',
    '1e9',
    "'; DROP TABLE x; --",
    '../../etc/passwd',
    '%00',
    '\u202e',
    '{}',
    'null',
    '',
  ),
  fc.integer().map(String),
);
const bodies = fc.oneof(
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.string({ maxLength: 60 }),
  fc
    .record(
      {
        apps: fc.oneof(fc.array(odd, { maxLength: 3 }), fc.jsonValue()),
        confirm: fc.oneof(fc.array(odd, { maxLength: 3 }), fc.jsonValue()),
        yes: fc.oneof(fc.boolean(), fc.jsonValue()),
        dryRun: fc.constant(true),
        seed: fc.oneof(fc.integer(), fc.double(), fc.jsonValue()),
        exhaustive: fc.jsonValue(),
        lockTimeoutSeconds: fc.oneof(fc.constant(0), fc.jsonValue()),
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)),
);

const request = fc.constantFrom(...Object.entries(document.paths)).chain(([path, methods]) =>
  fc.constantFrom(...Object.entries(methods)).chain(([method, described]) =>
    fc.record({
      path: fc.constant(path),
      method: fc.constant(method),
      described: fc.constant(described),
      id: odd,
      query: fc.array(fc.tuple(fc.constantFrom('app', 'limit', 'before', 'x'), odd), { maxLength: 3 }),
      body: bodies,
      headers: fc.record(
        {
          accept: fc.constantFrom('*/*', 'application/openmetrics-text', 'text/html;q=0'),
          'idempotency-key': fc.constantFrom('a', 'b', 'c d', 'x'.repeat(300)),
          'if-none-match': fc.constantFrom('*', '"x"', 'W/"x", "y"'),
          'last-event-id': fc.constantFrom('0', '-1', '999999999', 'x'),
          'if-match': fc.constantFrom('"x"', '*'),
        },
        { requiredKeys: [] },
      ),
    }),
  ),
);

describeEachRedis('requests of all kinds', {}, (_server, redisVersion) => {
  let keys: readonly (string | undefined)[] = [];
  const canary = 'c4nary-of-nobody';

  async function fuzzed(service: Started): Promise<void> {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const secrets = await secretsOf(service);
    await fc.assert(
      fc.asyncProperty(request, fc.nat(), async ({ path, method, described, id, query, body, headers }, who) => {
        const search = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString();
        const key = keys[who % keys.length];
        const how: Ask = {
          method: method.toUpperCase(),
          headers,
          ...(key === undefined ? {} : { key }),
          ...(method === 'post' ? { body } : {}),
        };
        const answer = await service.ask(
          `${path.replace('{id}', encodeURIComponent(id.toWellFormed()))}${search === '' ? '' : `?${search}`}`,
          how,
        );
        expect(answer.status, answer.text).not.toBe(500);
        if (answer.status !== 304 && answer.json !== null) expect(judge(ajv, described, answer)).toBe('');
        for (const secret of secrets) expect(answer.text).not.toContain(secret);
      }),
      { numRuns: 300 },
    );
    for (const secret of secrets) expect(service.log.join('\n')).not.toContain(secret);
    expect(service.log.join('\n')).not.toContain('internal error');
  }

  async function secretsOf({ path }: Started): Promise<readonly string[]> {
    const store = await readFile(join(path, '.cotenant/secrets.json'), 'utf8');
    const made = [...store.matchAll(/"value": "([^"]+)"/g)].flatMap(([, value]) => value ?? []);
    expect(made.length).toBeGreaterThan(1);
    return [...made, canary, ...keys.flatMap((key) => key?.slice(-43) ?? [])];
  }

  beforeAll(() => {
    keys = [];
  });

  test('end in no error of ours, in nothing that is not described, and give no secret away', async () => {
    await using server = await freshRedis(redisVersion);
    const env = { CACHE_PASSWORD: server.password, UNUSED: canary };
    await using service = await started(manifestOn(server), env);
    const operate = await service.key('operate');
    keys = [undefined, operate, await service.key('read'), await service.key('app:shop')];
    await service.done('/api/v1/apply', { key: operate });
    await service.until('/readyz', ({ status }) => status === 200);
    await fuzzed(service);
  });
});
