import { describe, expect, test } from 'vitest';
import { importServer } from '../../../src/app/import.ts';
import { Findings, type InstanceInput, type Observation } from '../../../src/engine/index.ts';
import { type Config, instanceSchema, type Placement, placementSchema } from '../../../src/engines/neo4j/config.ts';
import { compile } from '../../../src/engines/neo4j/compile/compile.ts';
import { initial } from '../../../src/engines/neo4j/env/initial.ts';
import { judge } from '../../../src/engines/neo4j/judge.ts';
import type { ServerFacts } from '../../../src/engines/neo4j/spec.ts';
import { check, SETTINGS } from '../../../src/engines/neo4j/verify/checks.ts';
import { probes } from '../../../src/engines/neo4j/verify/probes.ts';

const inputOf = (apps: readonly string[], config: Record<string, unknown> = {}): InstanceInput<Config, Placement> => ({
  project: 'p',
  name: 'graph',
  config: instanceSchema.parse({ url: 'bolt://neo4j@127.0.0.1:7687', ...config }),
  path: ['instances', 'graph'],
  placements: apps.map((app) => ({ app, placement: placementSchema.parse({}), path: ['apps', app, 'uses', 'graph'] })),
  readers: [],
  shares: [],
  operators: [],
  known: [],
  removal: 'retain',
});

const facts: ServerFacts = { version: '5.26.30', edition: 'community', user: 'neo4j', database: 'neo4j', databases: [], authEnabled: true };

const observed = (more: Partial<ServerFacts> = {}): Observation => ({
  resources: [],
  marks: [],
  foreign: [],
  server: { ...facts, ...more },
  diagnostics: [],
  basis: { graph: null },
});

const codesOf = (all: readonly { readonly code: string }[]): readonly string[] => all.map(({ code }) => code);

describe('compile', () => {
  test('a second app is refused, with both places and the way out', () => {
    const { diagnostics } = compile(inputOf(['one', 'two', 'three']));
    expect(diagnostics.map(({ code, path }) => [code, path?.[1]])).toEqual([
      ['CT2080', 'two'],
      ['CT2080', 'three'],
    ]);
    expect(diagnostics[0]?.message).toContain('"one" (apps.one.uses.graph)');
    expect(diagnostics[0]?.hint).toContain('instance of its own');
  });

  test('one app is told what it may do, by a name', () => {
    const { diagnostics, relaxations } = compile(inputOf(['one']));
    expect(diagnostics).toEqual([]);
    expect(relaxations).toMatchObject([
      { app: 'one', name: 'edition: community', opens: expect.stringContaining('administrator') as unknown },
    ]);
  });

  test('Enterprise is not verified yet, and says so', () => {
    expect(codesOf(compile(inputOf(['one'], { edition: 'enterprise' })).diagnostics)).toEqual(['CT2081']);
  });

  test('another machine without TLS is refused', () => {
    expect(codesOf(compile(inputOf(['one'], { url: 'neo4j://neo4j@db.internal' })).diagnostics)).toEqual(['CT3011']);
    expect(codesOf(compile(inputOf(['one'], { url: 'neo4j+s://neo4j@db.internal' })).diagnostics)).toEqual([]);
  });
});

describe('judge', () => {
  test.each([
    ['another edition', { edition: 'enterprise' }, 'CT2081'],
    ['databases by a plugin', { databases: ['other'] }, 'CT2081'],
    ['an old version', { version: '5.25.1' }, 'CT2015'],
    ['no authentication', { authEnabled: false }, 'CT2084'],
    ['another standard database', { database: 'graph' }, 'CT2086'],
  ])('refuses %s', (_, more, code) => {
    expect(judge(inputOf(['one']), observed(more))).toMatchObject([{ code, severity: 'error', instance: 'graph' }]);
  });

  test.each(['5.26.0', '2025.01.0', '2026.08.1'])('takes version %s', (version) => {
    expect(judge(inputOf(['one']), observed({ version }))).toEqual([]);
  });
});

describe('what the analysis reads', () => {
  const good = new Map<string, string>([
    [SETTINGS.auth, 'true'],
    [SETTINGS.files, 'false'],
    [SETTINGS.unrestricted, ''],
    [SETTINGS.paths, '/,/browser.*'],
    [SETTINGS.http, 'true'],
    [SETTINGS.total, '256.00MiB'],
    [SETTINGS.each, '64.00MiB'],
    [SETTINGS.timeout, '10s'],
  ]);
  const found = (settings: Record<string, string> = {}, procedures: readonly string[] = [], config = {}, more = {}): readonly string[] => {
    const findings = new Findings(probes, 'NE-', 'graph');
    check(
      {
        input: inputOf(['one'], config),
        observation: observed(more),
        settings: new Map([...good, ...Object.entries(settings)]),
        procedures,
      },
      findings,
    );
    return findings.all.map(({ probe }) => probe);
  };

  test('has nothing to say of a server as it should be', () => expect(found({}, ['db.labels', 'dbms.info', 'tx.getMetaData'])).toEqual([]));

  test.each([
    ['no authentication', { [SETTINGS.auth]: 'false' }, ['NE-A1']],
    ['files', { [SETTINGS.files]: 'true' }, ['NE-N05']],
    ['procedures without limits', { [SETTINGS.unrestricted]: 'apoc.*' }, ['NE-N27']],
    ['paths without a login', { [SETTINGS.paths]: '/,/db.*' }, ['NE-H2']],
    ['no limit of memory', { [SETTINGS.each]: '0B', [SETTINGS.total]: '0B' }, ['NE-L1', 'NE-L1']],
    ['no limit of time', { [SETTINGS.timeout]: '0s' }, ['NE-L1']],
  ])('finds %s', (_, settings, ids) => expect(found(settings)).toEqual(ids));

  test('finds plugins that the manifest does not name', () => {
    expect(found({}, ['apoc.load.json', 'apocalypse.now', 'gds.list'])).toEqual(['NE-N06', 'NE-N06', 'NE-N06']);
    expect(found({}, ['apoc.load.json'], { procedures: ['apoc'] })).toEqual([]);
    expect(found({}, ['apocalypse.now'], { procedures: ['apoc'] })).toEqual(['NE-N06']);
  });

  test('finds another edition', () => expect(found({}, [], {}, { edition: 'enterprise' })).toEqual(['NE-E1']));
});

test('init reads the usual variables, and writes no password', () => {
  expect(initial({ NEO4J_URI: 'neo4j+s://neo4j:secret@db.internal:7687', NEO4J_PASSWORD: 'secret' })).toMatchObject({
    found: true,
    instance: { url: 'neo4j+s://neo4j@db.internal:7687' },
  });
  expect(JSON.stringify(initial({ NEO4J_URI: 'bolt://neo4j:secret@db', NEO4J_PASSWORD: 'secret' }))).not.toContain('secret');
  expect(initial({})).toMatchObject({ found: false });
});

test('an import is not possible yet, and says so', async () => {
  await expect(importServer({ url: 'bolt://neo4j@127.0.0.1:1', password: 'x', env: {}, cwd: '/srv/x' })).rejects.toThrow('CT3006');
});
