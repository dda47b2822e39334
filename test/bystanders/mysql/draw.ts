import { besideEdits } from '../edit.ts';
import type { Case, Document, Edit, Json, Move } from '../frame.ts';
import type { Random } from '../../support/random.ts';
import { handShapes } from './hand-apps.ts';
import { databaseOf } from './owners.ts';
import type { Piece } from './world.ts';

const hows: Readonly<Record<string, readonly string[]>> = {
  backup: ['all', 'grants', 'plain'],
  monitor: ['plain', 'wide'],
  proxy: ['plain', 'machine'],
  replication: ['plain'],
  cdc: ['all', 'grants'],
  twins: ['database', 'table'],
  wildcard: ['stem', 'underscore', 'all', 'escaped'],
  team: ['plain', 'nested'],
  nobody: ['near', 'open'],
  everybody: ['test', 'app'],
  narrow: ['plain'],
  dba: ['super', 'data'],
  desk: ['root', 'maker'],
  dashboard: ['root', 'own', 'invoker'],
  erp: ['key', 'merge', 'trigger'],
  auditor: ['trigger', 'event'],
  ops: ['plain', 'stray', 'server', 'locked'],
  away: ['locked', 'role'],
  project: ['one', 'two'],
  alike: ['plain'],
  mandate: ['direct', 'nested'],
  rivals: ['wide', 'narrow', 'flushed'],
  early: ['plain', 'table', 'role'],
  nearer: ['database', 'table', 'near-pattern', 'far-pattern'],
};

/** Those that look at the databases of apps. */
const looking = [
  'backup',
  'cdc',
  'twins',
  'wildcard',
  'team',
  'everybody',
  'narrow',
  'dba',
  'desk',
  'dashboard',
  'erp',
  'auditor',
  'away',
  'mandate',
  'nearer',
];

const apply: readonly Move[] = [{ verb: 'apply' }, { verb: 'again' }];

/** A world and a story for it. */
export function draw(random: Random): Case<Piece> {
  const apps = random
    .shuffled(handShapes)
    .slice(0, random.below(3))
    .map((how, index): Piece => ({ kind: 'app', id: `hand${index}`, databases: [`hand_${index}`], how }));
  const places = apps.flatMap(({ databases }) => databases);
  const kinds = random.shuffled(Object.keys(hows)).slice(0, 2 + random.below(4));
  const others = kinds.map(
    (kind, index): Piece => ({
      kind,
      id: `${kind}${index}`,
      databases: random.some(places, 0.7),
      how: random.pick(hows[kind] ?? ['plain']),
    }),
  );
  const pieces = [...apps, ...others];
  return places.length > 0 && random.chance(0.45) ? adopting(random, pieces, places) : building(random, pieces);
}

/** The server is imported, or an app of it named by hand, and what came of it is lived with. */
function adopting(random: Random, pieces: readonly Piece[], places: readonly string[]): Case<Piece> {
  const byHand = random.chance(0.25);
  const apps = Object.fromEntries(
    places.map((name) => [name, { uses: { main: { adopt: true, connections: 9, names: { login: `${name}_app` } } } }]),
  );
  const begin: readonly Move[] = byHand ? [{ verb: 'plan' }] : [{ verb: 'import' }, { verb: 'plan' }];
  const story: Move[] = [...begin, ...random.some<Move>([{ verb: 'yes' }], 0.3), ...apply];
  return { pieces, document: byHand ? { apps, ...people(random, pieces) } : { apps: {} }, story: [...story, ...later(random, places, 2)] };
}

/** New apps beside what is there, and strangers that come to look at them. */
function building(random: Random, before: readonly Piece[]): Case<Piece> {
  const names = random.shuffled(['shop', 'blog', 'big-shop', 'crm']).slice(0, 1 + random.below(3));
  const apps = Object.fromEntries(names.map((name) => [name, { uses: { main: placement(random) } }]));
  const document: Document = {
    apps,
    ...(random.chance(0.3) ? { readers: { lens: { reads: names.slice(0, 2) } } } : {}),
    ...sharesOf(random, names),
    ...people(random, before),
    ...(random.chance(0.1) ? { instances: { main: { perimeter: 'warn' } } } : {}),
  };
  const comers = random
    .shuffled(looking)
    .slice(0, random.below(3))
    .map(
      (kind): Piece => ({
        kind,
        id: `late_${kind}`,
        databases: [databaseOf(document, random.pick(names))],
        how: random.pick(hows[kind] ?? ['plain']),
        table: 'items',
        late: true,
      }),
    );
  const arrive = comers.map(({ id }): Move => ({ verb: 'hand', hand: `build:${id}` }));
  const story: Move[] = [
    { verb: random.pick(['yes', 'apply']) },
    ...apply,
    ...arrive,
    ...(arrive.length > 0 ? [{ verb: random.pick(['yes', 'apply', 'fix'] as const) }, ...apply] : []),
    ...later(random, names, 2),
  ];
  return { pieces: [...before, ...comers], document, story };
}

function sharesOf(random: Random, names: readonly string[]): Document {
  const [from, to] = random.shuffled(names);
  if (from === undefined || to === undefined || !random.chance(0.5)) return {};
  return { shares: [{ from, to, tables: ['items'], ...(random.chance(0.5) ? { columns: ['id', 'body'] } : {}), via: 'grant' }] };
}

const words: Readonly<Record<string, readonly string[]>> = {
  backup: ['read-all'],
  monitor: ['monitor'],
  replication: ['replication'],
  cdc: ['cdc'],
  proxy: ['connect'],
  twins: ['connect'],
};

/** Some of them stand in the manifest. */
function people(random: Random, pieces: readonly Piece[]): Document {
  const operators: Record<string, Json> = {};
  const known: Json[] = [];
  for (const { kind, id } of pieces) {
    const may = words[kind];
    if (may && random.chance(0.4)) operators[random.chance(0.5) ? id : `${id}@%`] = { may };
    else if (!['app', 'project', 'nobody', 'away'].includes(kind) && random.chance(0.3))
      known.push({ user: kind === 'team' ? `${id}_one` : id, why: 'test' });
  }
  return { ...(Object.keys(operators).length > 0 ? { operators } : {}), ...(known.length > 0 ? { known } : {}) };
}

function placement(random: Random): Json {
  return {
    connections: 8,
    ...(random.chance(0.2) ? { logins: { app: 'rw', migrator: 'owner', reports: 'read' } } : {}),
    ...(random.chance(0.2) ? { hosts: random.pick([['127.0.0.%'], ['%', '127.0.0.1'], ['127.0.0.1', '10.0.0.%']]) } : {}),
    ...(random.chance(0.2) ? { relax: { events: true } } : {}),
    ...(random.chance(0.1) ? { collation: 'utf8mb4_bin' } : {}),
  };
}

const main = (app: string, ...more: readonly string[]): readonly string[] => ['apps', app, 'uses', 'main', ...more];

/** What is done to a system that runs. */
function later(random: Random, names: readonly string[], count: number): readonly Move[] {
  const moves: (() => readonly Move[])[] = [
    () => [{ verb: 'verify' }],
    () => [{ verb: 'fix' }, ...apply],
    () => unapplied(random, random.pick(names)),
    () => [{ verb: 'apply', edits: [added(random)] }, ...apply],
    () => [{ verb: random.pick(['yes', 'apply']), edits: [fieldOf(random, random.pick(names))] }, ...apply],
    () => [{ verb: 'apply', edits: [{ path: ['shares'] }] }, ...apply],
    () => [{ verb: random.pick(['yes', 'apply']), edits: [{ path: [random.pick(['operators', 'known'])] }] }, ...apply],
    () => [{ verb: 'hand', hand: `sql:${byHand(random, random.pick(names))}` }, { verb: random.pick(['yes', 'fix']) }, ...apply],
    () => removal(random, random.pick(names)),
    () => removal(random, names[0] ?? ''),
  ];
  return Array.from({ length: count }, () => random.pick(moves)()).flat();
}

function unapplied(random: Random, app: string): readonly Move[] {
  const edits = random.pick<readonly Edit[]>([
    [{ path: ['apps', app] }, { path: ['readers'] }, { path: ['shares'] }],
    [{ path: main(app, 'database'), value: 'elsewhere' }],
    [{ path: main(app, 'hosts'), value: ['127.0.0.1', '10.0.1.%'] }],
    [{ path: main(app, 'names', 'login'), value: 'another_login' }],
    [{ path: ['known'] }, { path: ['operators'] }],
  ]);
  return besideEdits(random, app, edits);
}

function fieldOf(random: Random, app: string): Edit {
  const [field, value] = random.pick<readonly [string, Json | undefined]>([
    ['connections', 6],
    ['statementTimeout', '45s'],
    ['collation', 'utf8mb4_bin'],
    ['relax', { events: true }],
    ['relax', undefined],
    ['hosts', ['127.0.0.%']],
    ['hosts', ['%', '127.0.0.1']],
    ['hosts', ['127.0.0.0/255.255.255.0']],
    ['names', { login: `${app.replaceAll('-', '_')}_login` }],
    ['logins', { app: 'rw', migrator: 'owner' }],
    ['logins', undefined],
  ]);
  return { path: main(app, field), ...(value === undefined ? {} : { value }) };
}

/** What somebody does at night. */
function byHand(random: Random, app: string): string {
  const database = app.replaceAll('-', '_');
  return random.pick([
    `GRANT SELECT ON *.* TO '${database}_user'@'%'`,
    `GRANT ALL ON \`${database}\`.* TO '${database}_user'@'%' WITH GRANT OPTION`,
    `CREATE USER 'late'@'%' IDENTIFIED BY 'old late@%';; GRANT SELECT ON \`${database}\`.* TO 'late'@'%'`,
    `ALTER USER '${database}_user'@'%' ACCOUNT LOCK`,
    `CREATE USER '${database}_user'@'10.1.1.1' IDENTIFIED BY 'x'`,
  ]);
}

function added(random: Random): Edit {
  return {
    path: ['apps', `new${random.below(1000)}`],
    value: { uses: { main: placement(random) } },
    place: random.pick(['first', 'last']),
  };
}

/** Taken out, and deleted or kept; what is kept comes back. */
function removal(random: Random, app: string): readonly Move[] {
  const out: readonly Edit[] = [{ path: ['apps', app] }, { path: ['readers'] }, { path: ['shares'] }];
  if (random.chance(0.5)) return [{ verb: 'apply', edits: [...out, { path: ['removal'], value: 'delete' }] }, { verb: 'apply' }, ...apply];
  const gone: readonly Move[] = [
    { verb: random.pick(['yes', 'apply']), edits: [...out, { path: ['removal'], value: 'retain' }] },
    ...apply,
  ];
  const back: readonly Move[] = [
    { verb: 'restore', app },
    { verb: 'apply', edits: [{ path: ['apps', app], recall: true, place: random.pick(['first', 'last']) }] },
    ...apply,
  ];
  return [...gone, ...random.some<Move>([{ verb: 'fix' }], 0.3), ...(random.chance(0.7) ? back : [])];
}
