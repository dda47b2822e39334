import type { Case, Document, Edit, Json, Move } from '../frame.ts';
import type { Random } from '../random.ts';
import { handShapes } from './hand-apps.ts';
import type { Piece } from './world.ts';

const hows: Readonly<Record<string, readonly string[]>> = {
  backup: ['all', 'grants'],
  monitor: ['plain', 'definer'],
  replication: ['plain'],
  cdc: ['plain'],
  pooler: ['plain'],
  fdw: ['plain'],
  watch: ['notify', 'audit'],
  definer: ['plain'],
  dashboard: ['plain'],
  reporter: ['option', 'group'],
  bystander: ['plain'],
};

/** Shapes whose table is `public.notes`, so that strangers can look at it. */
const withNotes: ReadonlySet<string> = new Set(handShapes.filter((how) => !['schemas', 'crossed', 'maintenance'].includes(how)));

/** A world and a story for it. */
export function draw(random: Random): Case<Piece> {
  const shapes = random.shuffled(handShapes).slice(0, 1 + random.below(2));
  const apps: Piece[] = shapes.map((how, index) => ({ kind: 'app', id: `hand${index}`, databases: [`hand${index}`], how }));
  const places = apps.filter(({ how }) => withNotes.has(how)).flatMap(({ databases }) => databases);
  const kinds = random.shuffled(Object.keys(hows)).slice(0, 2 + random.below(3));
  const others = kinds.flatMap((kind, index): Piece[] => {
    const databases = random.some(places, 0.8);
    const needed = ['cdc', 'fdw'].includes(kind);
    if (needed && databases.length === 0) return [];
    return [{ kind, id: `${kind}${index}`, databases, how: random.pick(hows[kind] ?? ['plain']) }];
  });
  const pieces = [...apps, ...others];
  return random.chance(0.5) ? adopting(random, pieces) : building(random, pieces);
}

/** The server is imported, and what came of it is lived with. */
function adopting(random: Random, pieces: readonly Piece[]): Case<Piece> {
  const story: Move[] = [
    { verb: 'import' },
    { verb: 'plan' },
    ...(random.chance(0.3) ? [{ verb: 'yes' } as const] : []),
    { verb: 'apply' },
    { verb: 'again' },
  ];
  return { pieces, document: { apps: {} }, story: [...story, ...later(random, ['hand0', 'hand1'], 2)] };
}

/** New apps beside what is there. */
function building(random: Random, pieces: readonly Piece[]): Case<Piece> {
  const names = ['shop', 'blog', 'wiki', 'crm'].slice(0, 2 + random.below(3));
  const apps = Object.fromEntries(names.map((name) => [name, { uses: { main: placement(random) } }]));
  const document: Document = { apps, ...(random.chance(0.4) ? { readers: { lens: { reads: [names[0] ?? ''] } } } : {}) };
  return {
    pieces,
    document,
    story: [{ verb: 'plan' }, { verb: 'apply' }, { verb: 'apply' }, { verb: 'again' }, ...later(random, names, 3)],
  };
}

function placement(random: Random): Json {
  const level = random.pick(['database', 'schema', 'rows']);
  if (level === 'database') return { connections: 5 };
  return { isolation: level, database: level === 'schema' ? 'shared' : 'pool', connections: 5 };
}

const apply: readonly Move[] = [{ verb: 'apply' }, { verb: 'again' }];

/** What is done to a system that runs. */
function later(random: Random, names: readonly string[], count: number): readonly Move[] {
  const moves: (() => readonly Move[])[] = [
    () => [{ verb: 'verify' }],
    () => [{ verb: 'fix' }, ...apply],
    () => [{ verb: 'apply', edits: [added(random)] }, ...apply],
    () => [{ verb: 'apply', edits: [{ path: ['apps', random.pick(names), 'uses', 'main', 'connections'], value: 7 }] }, ...apply],
    () => removal(random, random.pick(names)),
  ];
  return Array.from({ length: count }, () => random.pick(moves)()).flat();
}

function added(random: Random): Edit {
  return {
    path: ['apps', `new${random.below(1000)}`],
    value: { uses: { main: placement(random) } },
    place: random.pick(['first', 'last']),
  };
}

function removal(random: Random, app: string): readonly Move[] {
  const out: readonly Edit[] = [{ path: ['apps', app] }, { path: ['readers'] }];
  if (random.chance(0.5)) return [{ verb: 'apply', edits: [...out, { path: ['removal'], value: 'delete' }] }, { verb: 'apply' }, ...apply];
  return [{ verb: 'apply', edits: out }, { verb: 'again' }, ...random.some<Move>([{ verb: 'fix' }], 0.5), { verb: 'restore', app }];
}
