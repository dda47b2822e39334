import { describe, expect, test } from 'vitest';
import { alpha, schemaEngines } from '../../test/support/schema-engine.ts';
import type { Manifest, ManifestResult } from './types.ts';
import { parseManifest } from './parse.ts';

type Env = Readonly<Record<string, string | undefined>>;

async function parse(source: string, env: Env = {}, file = '/p/cotenant.yaml'): Promise<ManifestResult> {
  return parseManifest(source, { file, env, ...schemaEngines });
}

async function sound(source: string, env: Env = {}, file?: string): Promise<Manifest> {
  const { manifest, diagnostics } = await parse(source, env, file);
  expect(diagnostics).toEqual([]);
  if (!manifest) throw new Error('no manifest');
  return manifest;
}

const full = `
cotenant: 1
project: digi
instances:
  main: { engine: alpha, url: "alpha://u@h/d", password: { file: secrets/pw } }
  side: { engine: beta, path: /x }
defaults:
  alpha: { isolation: shared, database: common, connections: 5 }
apps:
  late: { after: [core], uses: { main: { connections: 7 } } }
  core: { uses: { main: { isolation: own }, side: { kind: prefix, prefix: c } } }
teams:
  team_{name}: { for: { name: [front, back] }, uses: { main: { tags: ["is-{name}", "{other}"] } } }
readers:
  analytics: { reads: [core, late], connections: 5 }
  side_only: { reads: [core] }
shares:
  - { from: core, tables: [t], to: late, via: grant }
`;

describe('meaning', () => {
  test('instances with all that concerns them', async () => {
    const manifest = await sound(full);
    expect(manifest.instances.map((one) => [one.name, one.engine.id])).toEqual([
      ['main', 'alpha'],
      ['side', 'beta'],
    ]);
    const main = manifest.instances[0]?.input;
    expect(main).toMatchObject({
      project: 'digi',
      name: 'main',
      path: ['instances', 'main'],
      config: { url: 'alpha://u@h/d', password: { file: '/p/secrets/pw' }, connections: { reserve: 10 } },
      removal: 'retain',
      readers: [
        { name: 'analytics', reads: ['core', 'late'], connections: 5, path: ['readers', 'analytics'] },
        { name: 'side_only', reads: ['core'], connections: null },
      ],
      shares: [{ from: 'core', to: 'late', tables: ['t'], columns: null, via: 'grant', path: ['shares', 0] }],
    });
    expect(main?.placements.map((one) => [one.app, one.placement])).toMatchObject([
      ['core', { isolation: 'own', database: 'common', connections: 5 }],
      ['late', { isolation: 'shared', database: 'common', connections: 7 }],
      ['team_front', { tags: ['is-front', '{other}'], connections: 5 }],
      ['team_back', { tags: ['is-back', '{other}'] }],
    ]);
    expect(main?.placements[2]?.path).toEqual(['teams', 'team_{name}', 'uses', 'main']);
    const side = manifest.instances[1]?.input;
    expect(side?.placements.map((one) => one.app)).toEqual(['core']);
    expect(side?.readers.map((one) => one.reads)).toEqual([['core'], ['core']]);
    expect(side?.shares).toEqual([]);
  });

  test('apps stand after those that they wait for, otherwise in the order of the file', async () => {
    const manifest = await sound(full);
    expect(manifest.apps).toMatchObject([
      { name: 'core', after: [], instances: ['main', 'side'], path: ['apps', 'core'] },
      { name: 'late', after: ['core'], instances: ['main'] },
      { name: 'team_front', path: ['teams', 'team_{name}'] },
      { name: 'team_back' },
    ]);
  });

  test('sections and placements that are left empty', async () => {
    const manifest = await sound(
      'cotenant: 1\nproject: p\ninstances: { m: { engine: alpha } }\napps:\n  a: { uses: { m: } }\nteams:\nreaders:\nshares:\ndefaults: { alpha: }\n',
    );
    expect(manifest.instances[0]?.input.placements).toMatchObject([{ app: 'a', placement: { isolation: 'own' } }]);
    expect((await sound('cotenant: 1\nproject: p\ninstances:\napps:\n')).apps).toEqual([]);
  });

  test('`for` with several variables, numbers, and under apps', async () => {
    const manifest = await sound(
      'cotenant: 1\nproject: p\ninstances: { m: { engine: alpha } }\napps:\n  "{a}-{b}": { for: { a: [x, y], b: [1, 2] }, after: ["{a}-1x"], uses: { m: { database: "{b}{a}" } } }\n  "{a}-1x": { for: { a: [x, y] }, uses: {} }\n',
    );
    expect(manifest.apps.map((one) => one.name)).toEqual(['x-1x', 'x-1', 'x-2', 'y-1x', 'y-1', 'y-2']);
    expect(manifest.instances[0]?.input.placements.map((one) => one.placement)).toMatchObject(
      ['1x', '2x', '1y', '2y'].map((database) => ({ database })),
    );
  });

  test('anchors and merge keys', async () => {
    const manifest = await sound(
      'cotenant: 1\nproject: p\ninstances: { m: { engine: alpha } }\napps:\n  a: &a { uses: { m: &m { connections: 3, tags: [one] } } }\n  b: *a\n  c: { uses: { m: { <<: *m, connections: 4 } } }\n  d: { uses: { m: { <<: [{ connections: 5 }, *m] } } }\n',
    );
    const connections = manifest.instances[0]?.input.placements.map((one) => one.placement);
    expect(connections).toMatchObject([
      { connections: 3, tags: ['one'] },
      { connections: 3, tags: ['one'] },
      { connections: 4, tags: ['one'] },
      { connections: 5, tags: ['one'] },
    ]);
  });

  test('all of it is frozen, engines are not', async () => {
    const manifest = await sound(full);
    const open: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null || value === alpha || path.endsWith('engine')) return;
      if (!Object.isFrozen(value)) open.push(path);
      for (const [key, member] of Object.entries(value)) visit(member, `${path}.${key}`);
    };
    visit(manifest, '');
    expect(open).toEqual([]);
    expect(manifest.instances[0]?.engine).toBe(alpha);
    expect(Object.isFrozen(alpha)).toBe(false);
  });
});

describe('environment', () => {
  const head = 'cotenant: 1\nproject: p\ninstances: { m: { engine: alpha } }\n';
  const placement = async (fields: string, env: Env): Promise<unknown> =>
    (await sound(`${head}apps: { a: { uses: { m: ${fields} } } }\n`, env)).instances[0]?.input.placements[0]?.placement;

  test.each([
    ['"${A}"', 'x'],
    ['"pre-${A}-${B}-post"', 'pre-x-y-post'],
    ['"${NONE:-fall}"', 'fall'],
    ['"${EMPTY:-fall}"', 'fall'],
    ['"${A:-fall}"', 'x'],
    ['"${NONE:-a:-b}"', 'a:-b'],
    ['"$$"', '$'],
    ['"$${A}"', '${A}'],
    ['"$A $ {A}"', '$A $ {A}'],
    ['"${NESTED}"', '${A}{name}$$'],
  ])('%s', async (written, value) => {
    const env = { A: 'x', B: 'y', EMPTY: '', NESTED: '${A}{name}$$' };
    expect(await placement(`{ database: ${written} }`, env)).toMatchObject({ database: value });
  });

  test('what comes out of a variable is not filled again, in a team neither', async () => {
    const manifest = await sound(`${head}teams:\n  t_{name}: { for: { name: [q] }, uses: { m: { database: "\${N}{name}" } } }\n`, {
      N: '{name}$$',
    });
    expect(manifest.instances[0]?.input.placements[0]?.placement).toMatchObject({ database: '{name}$$q' });
  });

  test('numbers and booleans', async () => {
    expect(await placement('{ connections: "${N}", strict: "${F}", tags: ["${N}"] }', { N: '12', F: 'false' })).toMatchObject({
      connections: 12,
      strict: false,
      tags: ['12'],
    });
    const { diagnostics } = await parse(`${head}apps: { a: { uses: { m: { connections: "1\${N}", strict: "\${N}" } } } }\n`, { N: '2' });
    expect(diagnostics.map((one) => [one.code, one.message])).toEqual([
      ['CT1011', 'apps.a.uses.m.connections is a text from the environment.'],
      ['CT1011', 'apps.a.uses.m.strict is a text from the environment.'],
    ]);
  });

  test('the core takes them too', async () => {
    const manifest = await sound('cotenant: ${V}\nproject: ${P}\ninstances: { m: { engine: "${E}" } }\nremoval: ${R:-delete}\n', {
      V: '1',
      P: 'p',
      E: 'alpha',
    });
    expect(manifest).toMatchObject({ project: 'p', removal: 'delete', instances: [{ name: 'm' }] });
  });

  test('one missing variable is one error, in a team of many', async () => {
    const { diagnostics } = await parse(
      `${head}teams:\n  t_{n}: { for: { n: [a, b, c] }, uses: { m: { database: "\${NOPE}", connections: 0 } } }\n`,
    );
    expect(diagnostics.map((one) => one.code)).toEqual(['CT1302', 'CT1014']);
  });
});

describe('defaults', () => {
  const head = 'cotenant: 1\nproject: p\ninstances: { m: { engine: alpha } }\n';

  test('an error stands where the value came from, once', async () => {
    const { diagnostics } = await parse(
      `${head}defaults:\n  alpha: { connections: 0, tags: [a] }\napps: { a: { uses: { m: } }, b: { uses: { m: { connections: 1 } } } }\n`,
    );
    expect(diagnostics).toMatchObject([{ code: 'CT1014', path: ['defaults', 'alpha', 'connections'], location: { line: 5, column: 25 } }]);
  });

  test('a rule broken by defaults and placement together names the placement', async () => {
    const { diagnostics } = await parse(`${head}defaults: { alpha: { isolation: shared } }\napps: { a: { uses: { m: {} } } }\n`);
    expect(diagnostics).toMatchObject([{ code: 'CT2019', path: ['apps', 'a', 'uses', 'm'], location: { line: 5 } }]);
  });

  test('later diagnostics find the value, the default, or what is around it', async () => {
    const { locate } = await parse(full);
    const at = (...path: (string | number)[]): readonly (number | undefined)[] => {
      const { location } = locate({ code: 'CT2001', severity: 'error', message: 'x', path });
      return [location?.line, location?.column];
    };
    const place = (text: string, skip = 0): readonly number[] => {
      const before = full.slice(0, full.indexOf(text) + skip);
      return [before.split('\n').length, before.length - before.lastIndexOf('\n')];
    };
    expect(at('apps', 'late', 'uses', 'main', 'connections')).toEqual(place('7 }'));
    expect(at('apps', 'late', 'uses', 'main', 'database')).toEqual(place('common'));
    expect(at('apps', 'late', 'uses', 'main', 'nothing')).toEqual(place('main: { connections: 7'));
    expect(at('apps', 'team_back', 'uses', 'main')).toEqual(place('main: { tags'));
    expect(at('teams', 'team_{name}', 'uses', 'main', 'tags', 1)).toEqual(place('"{other}"'));
    expect(at('shares', 0, 'tables', 0)).toEqual(place('[t]', 1));
    expect(at('instances', 'side')).toEqual(place('side: {'));
    expect(at()).toEqual([2, 1]);
    const without = { code: 'CT2001', severity: 'error', message: 'x' } as const;
    expect(locate(without)).toBe(without);
  });
});

describe('hash', () => {
  const base =
    'cotenant: 1\nproject: p\ninstances: { m: { engine: alpha, password: { file: pw } } }\napps: { a: { uses: { m: { connections: 3, tags: [x, y] } } }, b: { after: [a], uses: { m: {} } } }\n';
  const hashOf = async (source: string, env: Env = {}, file?: string): Promise<string> => (await sound(source, env, file)).hash;

  test.each([
    ['comments and blank lines', `# hello\n\n${base}\n# bye\n`],
    [
      'order of keys',
      'project: p\napps: { b: { uses: { m: }, after: [a] }, a: { uses: { m: { tags: [x, y], connections: 3 } } } }\ncotenant: 1\ninstances: { m: { password: { file: pw }, engine: alpha } }\n',
    ],
    [
      'block style',
      'cotenant: 1\nproject: "p"\ninstances:\n  m:\n    engine: alpha\n    password:\n      file: pw\napps:\n  a:\n    uses:\n      m:\n        connections: 3\n        tags:\n          - x\n          - y\n  b:\n    after:\n      - a\n    uses:\n      m: {}\n',
    ],
    ['values that are the default anyway', base.replace('m: {} ', 'm: { isolation: own, connections: 20 } ')],
    [
      'defaults of the engine',
      `${base.replace('connections: 3, tags: [x, y]', 'tags: [x, y]').replace('m: {} ', 'm: { connections: 20 } ')}defaults: { alpha: { connections: 3 } }\n`,
    ],
    [
      '`for`',
      'cotenant: 1\nproject: p\ninstances: { m: { engine: alpha, password: { file: pw } } }\napps: { b: { after: [a], uses: { m: {} } } }\nteams: { "{n}": { for: { n: [a] }, uses: { m: { connections: 3, tags: [x, y] } } } }\n',
    ],
  ])('the same for %s', async (_name, source) => {
    expect(await hashOf(source)).toBe(await hashOf(base));
  });

  test('the same in another folder', async () => {
    expect(await hashOf(base, {}, '/elsewhere/deep/x.yaml')).toBe(await hashOf(base));
  });

  test.each([
    ['project', base.replace('project: p', 'project: q')],
    ['a number', base.replace('connections: 3', 'connections: 4')],
    ['order of a list', base.replace('[x, y]', '[y, x]')],
    ['order of deployment', base.replace('after: [a], ', '')],
    ['where a secret is', base.replace('file: pw', 'file: pw2')],
    ['removal', `${base}removal: delete\n`],
    ['a reader', `${base}readers: { r: { reads: [a] } }\n`],
    ['a share', `${base}shares: [{ from: a, to: b, tables: [t], via: api }]\n`],
    ['backup', `${base}backup: { drill: weekly }\n`],
  ])('another one for %s', async (_name, source) => {
    expect(await hashOf(source)).not.toBe(await hashOf(base));
    expect(source).not.toBe(base);
  });

  test('secrets count by where they are, not by what they are', async () => {
    const source = base.replace('file: pw', 'env: PW');
    expect(await hashOf(source, { PW: 'one' })).toBe(await hashOf(source, { PW: 'two' }));
  });
});
