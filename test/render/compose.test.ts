import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import type { Strategy } from '../../src/render/input.ts';
import { deployTool } from '../support/deploy-tools.ts';
import { cache, checkout } from '../support/places.ts';
import { everyEngine, type RenderPlace, renderPlace, runTool } from './kit.ts';

// Of the specification's repository, June 2026.
const schema = JSON.parse(await readFile(join(import.meta.dirname, 'compose-spec.json'), 'utf8')) as object;
const ajv = new Ajv({
  strict: false,
  validateSchema: false,
  logger: false,
  formats: { duration: true, uri: true, subnet_ip_address: true },
});
const isCompose = ajv.compile(schema);

interface Service {
  readonly image: string;
  readonly networks: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly profiles?: readonly string[];
  readonly environment?: unknown;
}
interface Compose {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean; readonly name?: string; readonly external?: boolean }>>;
}

async function composeFiles(place: RenderPlace): Promise<ReadonlyMap<string, Compose>> {
  return new Map(
    [...(await place.all())].flatMap(([path, text]) => (path.endsWith('compose.yaml') ? [[path, parse(text) as Compose]] : [])),
  );
}

const examples: readonly (readonly [string, () => Promise<string>])[] = [
  ['every engine', () => Promise.resolve(everyEngine)],
  ['examples/digi', () => readFile(join(checkout, 'examples/digi/cotenant.yaml'), 'utf8')],
  ['examples/alembic', () => readFile(join(checkout, 'examples/alembic/cotenant.yaml'), 'utf8')],
];
const compose = deployTool(cache, 'docker-compose');

describe.each(examples)('%s', (_, manifest) => {
  it.each(['hybrid', 'single', 'separate'] as const)(
    '%s: every compose file is one by the schema, and by docker compose itself',
    async (strategy) => {
      await using place = await renderPlace(await manifest(), { PGHOST: '127.0.0.1', PGPORT: '5432' });
      for (const app of ['core', 'learning', 'chat'])
        await cp(join(checkout, 'examples/alembic', app), join(place.folder, app), { recursive: true });
      await place.render({ strategy });
      const files = await composeFiles(place);
      expect(files.size).toBeGreaterThan(0);
      for (const [path, file] of files) {
        expect({ path, valid: isCompose(file), errors: isCompose.errors }).toEqual({ path, valid: true, errors: null });
        if (compose === null) continue;
        const folder = join(place.out, path, '..');
        // As it is after the first start: the environments are there.
        for (const name of (await place.all()).keys())
          if (/^apps\/[^/]+\/[^/]*\.env\.example$/.test(name)) await writeFile(join(place.out, name, '../.env'), "A='x$y'\n");
        const checked = await runTool(compose.program, ['--profile', '*', 'config', '--quiet'], folder);
        expect({ path, ...checked }).toEqual({ path, code: 0, stdout: '', stderr: '' });
      }
    },
  );
});

test.skipIf(compose === null)(
  compose === null ? 'docker compose: MISSING, see scripts/debian-root' : 'docker compose sees what was meant',
  async () => {
    await using place = await renderPlace(everyEngine);
    await place.render();
    const { stdout } = await runTool(compose?.program ?? '', ['config', '--format', 'json'], place.out);
    const read = JSON.parse(stdout) as { services: Record<string, { healthcheck?: { test: readonly string[] } }> };
    expect(read.services['cache']?.healthcheck?.test[1]).toContain('"$$(cat /run/secrets/cache-admin)"');
  },
);

async function of(strategy: Strategy, manifest = everyEngine): Promise<ReadonlyMap<string, Compose>> {
  await using place = await renderPlace(manifest);
  await place.render({ strategy });
  return await composeFiles(place);
}

test('apps see the servers that they use, and neither each other nor any other server; servers do not see the world', async () => {
  for (const strategy of ['hybrid', 'single', 'separate'] as const) {
    const files = await of(strategy);
    const networks = (path: string, service: string): readonly string[] => {
      const file = files.get(path);
      return (file?.services[service]?.networks ?? []).map((key) => file?.networks[key]?.name ?? `${file?.name ?? ''}_${key}`);
    };
    const place = (app: string): string => (strategy === 'single' ? 'compose.yaml' : `apps/${app}/compose.yaml`);
    const [core, shop] = [networks(place('digi-core'), 'digi-core'), networks(place('shop'), 'shop')];
    expect(core.filter((one) => shop.includes(one))).toEqual([]);
    expect([core.length, shop.length]).toEqual([2, 2]);
    for (const [path, file] of files)
      for (const [name, { image, ports }] of Object.entries(file.services)) {
        expect(ports).toBeUndefined();
        if (image.startsWith('${')) continue;
        for (const key of file.services[name]?.networks ?? [])
          expect({ path, name, key, ...file.networks[key] }).toMatchObject({ internal: true });
      }
    if (strategy === 'separate') continue;
    const reach = (service: string): readonly string[] => networks('compose.yaml', service);
    expect(reach('graph').some((one) => core.includes(one))).toBe(true);
    expect(reach('graph').some((one) => shop.includes(one))).toBe(false);
    expect(reach('scheduler').some((one) => shop.includes(one))).toBe(true);
  }
});

test('images are pinned to a version, and nothing of cotenant or of an app comes from a registry by accident', async () => {
  const images = new Set([...(await of('single')).values()].flatMap(({ services }) => Object.values(services).map(({ image }) => image)));
  expect([...images].sort()).toEqual([
    '${COTENANT_IMAGE:-cotenant:0.0.1}',
    '${DIGI_CORE_IMAGE:-localhost/digi-core:latest}',
    '${PLAIN_IMAGE:-localhost/plain:latest}',
    '${SHOP_IMAGE:-localhost/shop:latest}',
    'mariadb:11.8.9',
    'neo4j:5.26.30-community',
    'pgvector/pgvector:0.8.1-pg18',
    'valkey/valkey:9.1.2',
  ]);
});

test('cotenant waits for healthy servers, and apps for cotenant and for those before them', async () => {
  const { services = {} } = (await of('single')).get('compose.yaml') ?? {};
  const waits = (name: string): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(services[name]?.depends_on ?? {}).map(([on, { condition }]) => [on, condition]));
  const healthy = 'service_healthy';
  expect(waits('cotenant')).toEqual({ main: healthy, scheduler: healthy, cache: healthy, graph: healthy });
  expect(waits('shop')).toEqual({
    main: healthy,
    scheduler: healthy,
    cotenant: 'service_completed_successfully',
    'digi-core': 'service_started',
  });
  expect(services['shop']?.profiles).toEqual(['apps']);
});

test('a port is published where it was asked for, on the loopback address', async () => {
  await using place = await renderPlace(everyEngine);
  await place.render({ publish: new Map([['main', 15_432]]) });
  const file = (await composeFiles(place)).get('compose.yaml');
  expect(file?.services['main']).toMatchObject({ ports: ['127.0.0.1:15432:5432'] });
  expect(file?.services['main']?.networks).toContain('published');
  expect(file?.services['cache']?.ports).toBeUndefined();
  await expect(place.render({ publish: new Map([['main', 1]]), external: ['main'] })).rejects.toMatchObject({
    diagnostics: [{ code: 'CT4706' }],
  });
});

test('a server that is elsewhere stays there, and cotenant gets a way out to it', async () => {
  const far = everyEngine.replace(
    '{ engine: mysql }',
    '{ engine: mysql, url: "mysql://root@db.example.com:3306", tls: { mode: disable }, password: { env: FAR } }',
  );
  await using place = await renderPlace(far);
  await place.render();
  const file = (await composeFiles(place)).get('compose.yaml');
  expect(Object.keys(file?.services ?? {}).sort()).toEqual(['cache', 'cotenant', 'graph', 'main', 'serve']);
  expect(file?.services['cotenant']).toMatchObject({ networks: ['back', 'outside'], environment: ['FAR'] });
  expect(await place.read('cotenant.yaml')).toContain('url: mysql://root@db.example.com:3306');
});

test('apps that are read across, or made by `for`, cannot be separate; names that would be one service are told', async () => {
  const shared = `${everyEngine}shares:\n  - { from: digi_core, to: shop, tables: [t], via: grant }\n`;
  await expect(of('separate', shared)).rejects.toMatchObject({ diagnostics: [{ code: 'CT4704' }] });
  const many =
    'cotenant: 1\nproject: p\ninstances: { main: { engine: postgres } }\napps: { "a{n}": { for: { n: [1, 2] }, uses: { main: {} } } }\n';
  await expect(of('separate', many)).rejects.toMatchObject({ diagnostics: [{ code: 'CT4704' }] });
  expect((await of('hybrid', many)).size).toBe(3);
  const twice =
    'cotenant: 1\nproject: p\ninstances: { a-b: { engine: redis }, a_b: { engine: postgres } }\napps: { x: { uses: { a-b: {}, a_b: {} } } }\n';
  await expect(of('hybrid', twice)).rejects.toMatchObject({ diagnostics: [{ code: 'CT4707' }] });
});

test('a pooler stands where the manifest asks for one: apps go through it, and its login is there before cotenant looks', async () => {
  const pooled = everyEngine.replace(
    '{ engine: postgres,',
    '{ engine: postgres, pooler: { url: "postgres://anywhere:6432", mode: session },',
  );
  await using place = await renderPlace(pooled);
  await place.render();
  const file = (await composeFiles(place)).get('compose.yaml');
  expect({ valid: isCompose(file), errors: isCompose.errors }).toEqual({ valid: true, errors: null });
  expect(file?.services['cotenant']?.depends_on).toMatchObject({ 'main-pooler-setup': { condition: 'service_completed_successfully' } });
  expect(file?.services['main-pooler']?.networks).toEqual(file?.services['main']?.networks);
  expect(await place.read('main-pooler/pgbouncer.ini')).toMatch(/^pool_mode = session$/m);
  expect(parse(await place.read('cotenant.yaml'))).toMatchObject({
    instances: { main: { pooler: { url: 'postgres://main-pooler:6432', mode: 'session' } } },
    operators: { pgbouncer: { may: ['auth-query'], instances: ['main'] } },
  });
  expect(await place.read('apps/digi-core/.env.example')).toMatch(/^POSTGRES_HOST=main-pooler$/m);
  expect(await place.states({ check: true })).toEqual({});
  if (compose !== null) expect(await runTool(compose.program, ['config', '--quiet'], place.out)).toMatchObject({ code: 0, stderr: '' });
});
