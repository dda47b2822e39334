import { fc } from './properties.ts';
import { engineIds, loadEngine } from '../../src/engines/index.ts';
import type { Engine, InstanceInput, Observation } from '../../src/engine/index.ts';
import { parseManifest } from '../../src/manifest/parse.ts';
import type { Manifest } from '../../src/manifest/types.ts';
import { hasErrors, type Resource } from '../../src/model/index.ts';
import { planInstance } from '../../src/plan/plan.ts';
import { inheritedName, inheritedNames } from './hostile-names.ts';
import { type EnginePart, goodName, manifestSources, marker } from './manifest-arbitrary.ts';
import { outsideQuotes } from './quoting.ts';
import { spoiled } from './spoiled.ts';
import { holdOrder } from './ordered.ts';

const hostileEnd = fc.constantFrom(
  '',
  '"',
  "'",
  '; DROP',
  '" ; --',
  "'; --",
  '$$',
  '$a$',
  '\\',
  '\n',
  '.',
  ' ',
  '%',
  'é',
  '\u202e',
  "E'\\'",
  '/*',
  '{v}',
  ':password',
);

/** A name that an engine may take, and that only quotes keep from being read as something else; or one that every object inherits. */
const hostileName = fc.oneof(
  {
    weight: 7,
    arbitrary: fc.tuple(goodName, hostileEnd, fc.constantFrom('', 'x', '"', "'")).map(([name, middle, end]) => `${name}${middle}${end}`),
  },
  { weight: 1, arbitrary: inheritedName },
);

const names = fc.record(
  { owner: hostileName, readWrite: hostileName, readOnly: hostileName, login: hostileName, standbyLogin: hostileName },
  { requiredKeys: [] },
);

const rest = {
  names,
  schema: hostileName,
  workspace: hostileName,
  extensions: fc.array(fc.oneof(fc.constant('vector'), hostileName), { maxLength: 2 }),
  connections: fc.integer({ min: 1, max: 3 }),
  statementTimeout: fc.constant('30s'),
  settings: fc.dictionary(fc.constantFrom('work_mem', 'my.setting', 'constructor', 'my.valueof'), hostileName, { maxKeys: 2 }),
  advisoryLocks: fc.constantFrom('allow', 'deny'),
  adopt: fc.boolean(),
};

/** Placements that mostly compile: few claims meet, since nearly every name is another one. */
const placement = fc.oneof(
  fc.record({ isolation: fc.constant('database'), database: hostileName, ...rest }, { requiredKeys: [] }),
  fc.record(
    { isolation: fc.constant('schema'), database: fc.constantFrom(`${marker}shared"`, `${marker}'other`), ...rest },
    { requiredKeys: ['isolation', 'database'] },
  ),
  fc.record(
    {
      isolation: fc.constant('rows'),
      database: fc.constantFrom(`${marker}rows`, `${marker}"rows'`),
      workspace: hostileName,
      connections: rest.connections,
    },
    { requiredKeys: ['isolation', 'database'] },
  ),
);

const part: EnginePart = {
  id: 'postgres',
  instance: fc.record(
    { url: fc.constant('postgres://admin@localhost/postgres'), password: fc.constant({ env: 'X' }) },
    { requiredKeys: ['url'] },
  ),
  placement,
  defaults: fc.record({ connections: fc.integer({ min: 1, max: 3 }), statementTimeout: fc.constant('10s') }, { requiredKeys: [] }),
};

export interface FuzzSummary {
  readonly texts: number;
  /** Texts that the manifest took. */
  readonly sound: number;
  /** Instances that compiled without errors and were planned. */
  readonly planned: number;
  readonly statements: number;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly count: number;
  /** Called now and then with the number of texts so far. */
  progress?(texts: number): void;
}

/**
 * Random manifests through everything that comes before a server: reading, compiling, planning against an empty server, against one
 * that an earlier manifest left, and against one where all is wrong. Throws, with the text, where one of them crashes or a statement has a name outside quotes.
 */
export async function fuzzStatements({ seed, count, progress }: FuzzOptions): Promise<FuzzSummary> {
  const summary = { texts: 0, sound: 0, planned: 0, statements: 0 };
  let before: Observation = bare;
  for (const source of manifestSources(part, { seed, count })) {
    summary.texts += 1;
    if (summary.texts % 10_000 === 0) progress?.(summary.texts);
    try {
      const { manifest } = await parseManifest(source, { file: '/p/cotenant.yaml', env: {}, engineIds, loadEngine });
      if (!manifest) continue;
      summary.sound += 1;
      before = planAll(manifest, before, summary);
    } catch (error) {
      throw new Error(`text ${summary.texts} of seed ${seed}:\n${source}`, { cause: error });
    }
  }
  return summary;
}

const bare: Observation = {
  resources: [],
  marks: [],
  foreign: [],
  server: {
    user: 'admin',
    superuser: true,
    version: 180_000,
    release: '18.0',
    maxConnections: 10_000,
    reservedConnections: 0,
    port: 5432,
    listens: '*',
    deniedSettings: [],
  },
  diagnostics: [],
};

function planAll(manifest: Manifest, before: Observation, summary: { planned: number; statements: number }): Observation {
  let left = before;
  for (const { engine, input } of manifest.instances) {
    const compiled = engine.compile(input);
    if (hasErrors(compiled.diagnostics) || compiled.resources.length === 0) continue;
    summary.planned += 1;
    const spoilt = spoiledBy(compiled.resources, summary.planned);
    for (const observation of [bare, onInstance(before, input), spoilt]) summary.statements += checkPlan(engine, input, observation);
    left = { ...bare, resources: compiled.resources.map(({ address, app, spec }) => ({ address, app, spec, owned: true })) };
  }
  return left;
}

/** A server where everything is there, is wrong, and belongs or is open to somebody with a name that every object inherits. */
function spoiledBy(resources: readonly Resource[], turn: number): Observation {
  const nameAt = (at: number): string => inheritedNames[at % inheritedNames.length] ?? '';
  return { ...bare, resources: resources.map((one) => spoiled(one, nameAt(turn), nameAt(turn + 5))) };
}

/** The same server under the name that this manifest gives it. */
function onInstance(observation: Observation, { name }: InstanceInput): Observation {
  return { ...observation, resources: observation.resources.map((one) => ({ ...one, address: { ...one.address, instance: name } })) };
}

/** Number of statements, each with no generated name outside quotes. */
function checkPlan(engine: Engine, input: InstanceInput, observation: Observation): number {
  let statements = 0;
  const compiled = engine.compile(input);
  const { steps } = planInstance({ engine, input, compiled, observation, today: '2026-01-01', hasSecret: () => true });
  holdOrder(steps);
  for (const step of steps) {
    for (const { text } of [...step.commands, ...(step.reverse ?? [])]) {
      statements += 1;
      if (outsideQuotes(text).toLowerCase().includes(marker)) throw new Error(`a name outside quotes: ${text}`);
    }
  }
  return statements;
}
