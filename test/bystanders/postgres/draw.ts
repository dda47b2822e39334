import { besideEdits } from '../edit.ts';
import type { Case, Document, Edit, Json, Move } from '../frame.ts';
import type { Random } from '../../support/random.ts';
import { handShapes } from './hand-apps.ts';
import { homeOf } from './owners.ts';
import { late } from './late.ts';
import type { Piece } from './world.ts';

const hows: Readonly<Record<string, readonly string[]>> = {
  backup: ['all', 'grants'],
  monitor: ['plain', 'definer'],
  replication: ['plain'],
  cdc: ['plain', 'slot', 'all'],
  pooler: ['plain'],
  fdw: ['plain', 'app'],
  viewer: ['plain'],
  outbox: ['plain'],
  watch: ['notify', 'audit'],
  definer: ['plain'],
  dashboard: ['plain'],
  reporter: ['option', 'group', 'future'],
  deputy: ['plain', 'noinherit', 'admin', 'later'],
  caretaker: ['plain'],
  queue: ['plain'],
  desk: ['plain'],
  prepared: ['plain'],
  subscriber: ['inside', 'own'],
  bystander: ['plain'],
  statements: ['plain'],
  // Rarely: where it has the database of this manifest's apps, nothing of that is ever applied.
  project: ['shared', 'own', 'own', 'own'],
};
/** What an operator's entry may say, by kind of stranger. */
const may: Readonly<Record<string, readonly string[]>> = {
  backup: ['read-all'],
  monitor: ['monitor'],
  replication: ['replication'],
  cdc: ['replication', 'read-all'],
  pooler: ['auth-query'],
};

/** Shapes whose table is `public.notes`, so that strangers can look at it. */
const withNotes: ReadonlySet<string> = new Set(handShapes.filter((how) => !['schemas', 'crossed', 'maintenance'].includes(how)));

/** A world and a story for it. */
export function draw(random: Random): Case<Piece> {
  const shapes = random.shuffled(handShapes).slice(0, 1 + random.below(2));
  const apps: Piece[] = shapes.map((how, index) => ({ kind: 'app', id: `hand${index}`, databases: [`hand${index}`], how }));
  const places = apps.filter(({ how }) => withNotes.has(how)).flatMap(({ databases }) => databases);
  const kinds = compatible(random.shuffled(Object.keys(hows)).slice(0, 2 + random.below(3)));
  const others = kinds.flatMap((kind, index): Piece[] => {
    const databases = random.some(places, 0.8);
    const needed = ['cdc', 'fdw'].includes(kind);
    if (needed && databases.length === 0) return [];
    return [{ kind, id: `${kind}${index}`, databases, how: random.pick(hows[kind] ?? ['plain']) }];
  });
  const pieces = [...apps, ...others];
  if (random.chance(0.15) && shapes.some((how) => ownerShapes.has(how))) return adoptedByHand(random, pieces, apps);
  return random.chance(0.45) ? adopting(random, pieces) : building(random, pieces);
}

/** Shapes with one login that owns its database. */
const ownerShapes: ReadonlySet<string> = new Set(['owner', 'limited', 'md5']);

/** Somebody writes the entries by hand, where an import may leave out what others are members of, and has colleagues in the roles. */
function adoptedByHand(random: Random, pieces: readonly Piece[], apps: readonly Piece[]): Case<Piece> {
  const owned = apps.filter(({ how }) => ownerShapes.has(how));
  const entries = owned.map(({ id }) => [id, { uses: { main: { adopt: true, names: { login: `${id}_app` } } } }] as const);
  const colleagues = random
    .some(hows['deputy'] ?? [], 0.5)
    .map((how): Piece => ({ kind: 'deputy', id: `colleague_${how}`, databases: owned.flatMap((one) => one.databases), how }));
  const names = owned.map(({ id }) => id);
  return {
    pieces: [...pieces, ...colleagues],
    document: { apps: Object.fromEntries(entries) },
    story: [{ verb: 'plan' }, ...random.some<Move>([{ verb: 'yes' }], 0.3), ...apply, ...later(random, names, 3)],
  };
}

/** A slot is made only where no transaction is open. */
const compatible = (kinds: readonly string[]): readonly string[] =>
  kinds.includes('cdc') ? kinds.filter((kind) => kind !== 'prepared') : kinds;

/** Some of them are known, or the operator's. */
function peopleAmong(random: Random, pieces: readonly Piece[]): Document {
  const logins = pieces.filter(({ kind }) => !['app', 'project', 'neighbour', 'watch'].includes(kind));
  const named = random.some(logins, 0.25);
  const operators = named.flatMap(({ kind, id }) => (may[kind] === undefined ? [] : [[id, { may: may[kind] }] as const]));
  const known = named.flatMap(({ kind, id }) => (may[kind] === undefined ? [{ user: id, why: 'seen' }] : []));
  return {
    ...(operators.length > 0 ? { operators: Object.fromEntries(operators) } : {}),
    ...(known.length > 0 ? { known } : {}),
  };
}

/** The server is imported, and what came of it is lived with. */
function adopting(random: Random, pieces: readonly Piece[]): Case<Piece> {
  const story: Move[] = [
    { verb: 'import' },
    { verb: 'plan' },
    ...random.some<Move>([{ verb: 'yes' }], 0.3),
    ...random.some<Move>([{ verb: 'plan', edits: [closed] }], 0.15),
    ...apply,
  ];
  // What the import calls its apps is known only then.
  return { pieces, document: { apps: {} }, story: [...story, ...later(random, ['#0', '#1', '#2'], 3)] };
}

/** PUBLIC loses CONNECT on databases that the manifest does not name, too. */
const closed: Edit = { path: ['instances', 'main', 'foreignDatabases'], value: 'close' };

const warned: Edit = { path: ['instances', 'main', 'perimeter'], value: 'warn' };

/** New apps beside what is there, and strangers that come to look at them. */
function building(random: Random, before: readonly Piece[]): Case<Piece> {
  const names = ['shop', 'blog', 'wiki', 'crm'].slice(0, 2 + random.below(3));
  const apps = Object.fromEntries(names.map((name) => [name, { uses: { main: placement(random) } }]));
  const reads = names.filter((name) => levelOf(apps, name) !== 'rows').slice(0, 2);
  const document: Document = {
    apps,
    ...(reads.length > 0 && random.chance(0.4) ? { readers: { lens: { reads } } } : {}),
    ...sharesOf(random, reads),
    ...(random.chance(0.15) ? { instances: { main: { foreignDatabases: 'close' } } } : {}),
    ...(random.chance(0.4) ? peopleAmong(random, before) : {}),
  };
  const comers = comersTo(random, document, reads).filter(
    // A slot waits for every transaction that is open, and a prepared one stays so.
    ({ kind }) => kind !== 'cdc' || !before.some((other) => other.kind === 'prepared'),
  );
  const arrive = comers.map(({ id }): Move => ({ verb: 'hand', hand: `build:${id}` }));
  const story: Move[] = [
    { verb: 'plan' },
    { verb: random.pick(['yes', 'apply']) },
    { verb: 'apply' },
    { verb: 'again' },
    ...arrive,
    ...(arrive.length > 0 ? [{ verb: random.pick(['yes', 'apply', 'fix'] as const) }, ...apply] : []),
    ...later(random, names, 3),
  ];
  return { pieces: [...before, ...comers], document, story };
}

const levelOf = (apps: Document, name: string): string => homeOf({ apps }, name).level;

function sharesOf(random: Random, names: readonly string[]): Document {
  const [from, to] = random.shuffled(names);
  if (from === undefined || to === undefined || !random.chance(0.6)) return {};
  return { shares: [{ from, to, tables: ['items'], via: 'grant' }] };
}

function comersTo(random: Random, document: Document, names: readonly string[]): readonly Piece[] {
  const shares = document['shares'] as readonly { readonly from: string; readonly to: string }[] | undefined;
  const share = shares?.[0];
  const [from, to] = [share?.from ?? '', share?.to ?? ''];
  const together = share !== undefined && homeOf(document, from).database === homeOf(document, to).database;
  const neighbour: Piece[] = together
    ? [
        {
          kind: 'neighbour',
          id: 'neighbour',
          databases: [homeOf(document, from).database],
          apps: [from, to],
          how: random.pick(['type', 'view', 'materialized', 'function', 'domain', 'composite', 'array', 'rule', 'policy', 'index']),
          late: true,
        },
      ]
    : [];
  if (names.length === 0) return neighbour;
  const kinds = compatible(random.shuffled(late).slice(0, random.below(3)));
  const comers = kinds.map((kind): Piece => {
    const { database, schema } = homeOf(document, random.pick(names));
    return {
      kind,
      id: `late_${kind}`,
      databases: [database],
      how: random.pick(hows[kind] ?? ['plain']),
      table: { schema, name: 'items' },
      late: true,
    };
  });
  return [...neighbour, ...comers];
}

function placement(random: Random): Json {
  const level = random.pick(['database', 'schema', 'schema', 'rows']);
  if (level === 'database') return { connections: 5, ...(random.chance(0.3) ? { extensions: ['citext'] } : {}) };
  const relax = level === 'schema' && random.chance(0.3) ? { relax: { createOnDatabase: true } } : {};
  return { isolation: level, database: level === 'schema' ? 'shared' : 'pool', connections: 5, ...relax };
}

const apply: readonly Move[] = [{ verb: 'apply' }, { verb: 'again' }];
const main = (app: string): readonly string[] => ['apps', app, 'uses', 'main'];

/** What is done to a system that runs. */
function later(random: Random, names: readonly string[], count: number): readonly Move[] {
  const moves: (() => readonly Move[])[] = [
    () => [{ verb: 'verify' }],
    () => [{ verb: 'fix' }, ...apply],
    () => unapplied(random, names),
    () => [{ verb: random.pick(['yes', 'apply']), edits: [added(random)] }, ...apply],
    () => [{ verb: 'apply', edits: [fieldOf(random, random.pick(names))] }, ...apply],
    // Last instead of first: nothing else is another.
    () => [{ verb: 'apply', edits: [{ path: ['apps', names[0] ?? ''], recall: true, place: 'last' }] }, ...apply],
    () => [
      { verb: 'apply', edits: [{ path: ['shares'] }, { path: ['apps', random.pick(names)], recall: true, place: 'first' }] },
      ...apply,
    ],
    () => [{ verb: 'apply', edits: [{ path: ['known'] }, { path: ['operators'] }] }, ...apply],
    () => [{ verb: random.pick(['yes', 'apply']), edits: [random.pick([closed, warned])] }, ...apply],
    // An app that is adopted no more gets a password of its own.
    ...(names[0]?.startsWith('#')
      ? [() => [{ verb: 'apply', edits: [{ path: [...main(random.pick(names)), 'adopt'] }] }, ...apply] as const]
      : []),
    () => removal(random, random.pick(names)),
    () => removal(random, names[0] ?? ''),
  ];
  return Array.from({ length: count }, () => random.pick(moves)()).flat();
}

function unapplied(random: Random, names: readonly string[]): readonly Move[] {
  const app = random.pick(names);
  const edits = random.pick<readonly Edit[]>([
    [{ path: ['apps', app] }, { path: ['readers'] }, { path: ['shares'] }],
    [{ path: [...main(app), 'database'], value: 'elsewhere' }],
    [{ path: [...main(app), 'names', 'login'], value: 'another_login' }],
    [{ path: ['known'] }, { path: ['operators'] }],
    [fieldOf(random, app)],
    [added(random)],
  ]);
  return besideEdits(random, app, edits);
}

function fieldOf(random: Random, app: string): Edit {
  const [field, value] = random.pick<readonly [string, Json]>([
    ['connections', 7],
    ['statementTimeout', '45s'],
    ['extensions', ['pgcrypto']],
    ['extensions', []],
    ['relax', { temporary: true }],
    ['advisoryLocks', 'deny'],
    ['settings', { work_mem: '6MB' }],
    // An adopted login that is given a level can do what that says, and that is no harm.
    ...(app.startsWith('#')
      ? []
      : ([
          ['logins', { app: 'owner', reports: 'read' }],
          ['logins', { app: 'rw', migrator: 'owner' }],
        ] as const)),
    ['relax', { logicalMessages: true }],
  ]);
  return { path: [...main(app), field], value };
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
    { verb: 'apply' },
    { verb: 'again' },
  ];
  const back: readonly Move[] = [
    { verb: 'restore', app },
    {
      verb: 'apply',
      // Its views over what others share need the share.
      edits: [
        { path: ['apps', app], recall: true, place: random.pick(['first', 'last']) },
        { path: ['shares'], recall: true },
      ],
    },
    ...apply,
  ];
  return [...gone, ...random.some<Move>([{ verb: 'fix' }], 0.3), ...(random.chance(0.7) ? back : [])];
}
