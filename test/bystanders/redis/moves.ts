import { besideEdits } from '../edit.ts';
import type { Edit, Json, Move } from '../frame.ts';
import type { Random } from '../../support/random.ts';
import type { Piece } from './world.ts';

export interface Ground {
  /** Apps that the manifest has, as far as they were not refused. */
  readonly names: readonly string[];
  readonly pieces: readonly Piece[];
  readonly walled: boolean;
}

const apply: readonly Move[] = [{ verb: 'apply' }, { verb: 'again' }];

export function placement(random: Random, walled: boolean, name: string): Json {
  if (walled && random.chance(0.3))
    return { isolation: 'database', ...(random.chance(0.2) ? { logins: { app: 'rw', reports: 'read' } } : {}) };
  const relax = Object.fromEntries(
    random.some(['scan', 'scripting', 'info', 'keys', 'restore', 'sort', 'functions', 'clientTracking'], 0.15).map((one) => [one, true]),
  );
  return {
    relax,
    ...(random.chance(0.1) ? { prefix: `{${name}}` } : {}),
    ...(random.chance(0.1) ? { channels: ['/0.celery.pidbox', 'socket.io#*'] } : {}),
    ...(random.chance(0.1) ? { keyspaceEvents: true } : {}),
    ...(random.chance(0.2) ? { logins: random.pick(LOGINS) } : {}),
  };
}

const LOGINS: readonly Json[] = [
  { app: 'rw', reports: 'read' },
  { reports: 'read', worker: { as: 'rw', relax: { scripting: true } }, app: 'owner' },
];

/** What is done to a system that runs. */
export function later(random: Random, ground: Ground, count: number): readonly Move[] {
  const kinds = [looked, corrected, unapplied, added, edited, edited, edited, people, byHand, byHand, removal, removal, removal];
  return Array.from({ length: count }, () => random.pick(kinds)(random, ground)).flat();
}

type Kind = (random: Random, ground: Ground) => readonly Move[];

const looked: Kind = () => [{ verb: 'verify' }];

const corrected: Kind = () => [{ verb: 'fix' }, ...apply];

const unapplied: Kind = (random, { names, walled }) => {
  const app = random.pick(names);
  const main = ['apps', app, 'uses', 'main'];
  const edits = random.pick<readonly Edit[]>([
    [{ path: ['apps', app] }, { path: ['readers'] }],
    // With a database to itself an app is moved by it, and looks for its keys elsewhere.
    [{ path: [...main, walled ? 'relax' : 'prefix'], value: walled ? { scan: true } : 'elsewhere:' }],
    [{ path: [...main, 'names', 'login'], value: 'another_login' }],
    [{ path: [...main, 'relax'], value: { info: true } }],
    [{ path: ['known'] }, { path: ['operators'] }],
  ]);
  return besideEdits(random, app, edits);
};

const added: Kind = (random, { walled }) => {
  const name = `new${random.below(1000)}`;
  const value = { uses: { main: placement(random, walled, name) } };
  return [{ verb: 'apply', edits: [{ path: ['apps', name], value, place: random.pick(['first', 'last']) }] }, ...apply];
};

/** A field of an app, and back where it cannot be changed so. */
const edited: Kind = (random, ground) => {
  const { names, walled } = ground;
  const app = random.pick(names);
  const at = (field: string, value?: Json): Edit => ({
    path: ['apps', app, 'uses', 'main', field],
    ...(value === undefined ? {} : { value }),
  });
  const there = (field: string, value: Json): readonly Move[] => [{ verb: 'apply', edits: [at(field, value)] }, ...apply];
  const back = (field: string, value: Json): readonly Move[] => [
    ...there(field, value),
    { verb: 'apply', edits: [{ ...at(field), recall: true }] },
    ...apply,
  ];
  return random.pick([
    () => there('relax', { scan: true }),
    () => there('relax', {}),
    () => there('relax', { scripting: true, info: true }),
    () => back('logins', random.pick(LOGINS)),
    () => there('logins', random.pick(LOGINS)),
    () => [{ verb: 'apply' as const, edits: [at('logins')] }, ...apply],
    () => there('channels', ['/0.celery.pidbox']),
    () => [{ verb: 'apply' as const, edits: [at('channels')] }, ...apply],
    () => there('keyspaceEvents', true),
    () => there('user', `${app}_user`),
    // With a database to itself an app keeps its keys, whatever they are called.
    ...['prefix', 'separator'].map(
      (field) => () => (walled ? looked(random, ground) : undone(at(field, field === 'prefix' ? 'elsewhere' : '.'), at(field))),
    ),
    () => undone(at('isolation', 'database'), at('isolation')),
  ])();
};

/** Refused as a rule; what it was before is nothing. */
function undone(edit: Edit, back: Edit): readonly Move[] {
  return [{ verb: 'apply', edits: [edit] }, { verb: 'apply', edits: [back] }, { verb: 'again' }];
}

const WORDS: Readonly<Record<string, string>> = {
  exporter: 'monitor',
  nri: 'monitor',
  backup: 'read-all',
  replica: 'replication',
  watcher: 'connect',
};

/** Readers, operators, known logins, the user `default`. */
const people: Kind = (random, { names, pieces }) => {
  const users = pieces.map(({ user }) => user);
  const operator = random.pick([...users.filter((user) => Object.hasOwn(WORDS, user)), 'exporter']);
  const known = random.pick([...users, 'legacy']);
  const value = { may: [WORDS[operator] ?? 'connect'] };
  return random.pick<() => readonly Move[]>([
    () => [
      { verb: 'apply', edits: [{ path: ['readers', 'lens'], value: { reads: [random.pick(names)] } }] },
      { verb: 'again' },
      { verb: 'apply', edits: [{ path: ['readers'] }] },
      ...apply,
    ],
    () => [{ verb: 'apply', edits: [{ path: ['operators', operator], value }] }, ...apply],
    () => [
      { verb: 'apply', edits: [{ path: ['operators', operator], value }] },
      { verb: 'apply', edits: [{ path: ['operators'] }] },
      ...apply,
    ],
    () => [
      { verb: 'apply', edits: [{ path: ['known'], value: [{ user: known, why: 'test' }] }] },
      ...random.some<Move>([{ verb: 'fix' }], 0.5),
      { verb: 'apply', edits: [{ path: ['known'] }] },
      ...apply,
    ],
    () => [
      { verb: 'apply', edits: [{ path: ['instances', 'main', 'defaultUser'], value: 'keep' }] },
      { verb: 'apply', edits: [{ path: ['instances', 'main', 'defaultUser'] }] },
      ...apply,
    ],
    // Somebody by hand says what an import would have said.
    () => [
      {
        verb: 'apply',
        edits: [{ path: ['apps', 'taken'], value: { uses: { main: { adopt: true, user: known, prefix: 'taken' } } } }],
      },
      { verb: 'apply', edits: [{ path: ['apps', 'taken'] }] },
      ...apply,
    ],
  ])();
};

/** The operator does something past cotenant, or the server goes down. */
const byHand: Kind = (random, { names, pieces }) => {
  const user = random.pick([...names, 'shop', 'blog', 'crm']);
  const stranger = random.pick([...pieces.map((piece) => piece.user), 'legacy']);
  const hand = random.pick([
    `ACL SETUSER ${user} ${random.pick(['+keys', '~*', '(+get ~old:*)', 'nopass', '>another', '&*', 'off', 'resetkeys'])}`,
    `MEMORY ACL SETUSER ${user} ${random.pick(['+keys', '~*', '-get'])}`,
    'ACL SETUSER late on >old-late ~shop:late:* +get +set',
    'MEMORY ACL SETUSER late on >old-late %R~blog:* +get',
    'FILE user ghost on nopass sanitize-payload ~ghost:* resetchannels -@all +get',
    `MEMORY ACL DELUSER ${stranger}`,
    `MEMORY ACL SETUSER ${stranger} off`,
    'SET shop:by-hand kept',
    'RESTART',
  ]);
  return [{ verb: 'hand', hand }, ...random.some<Move>([{ verb: 'fix' }], 0.3), ...apply];
};

const removal: Kind = (random, { names }) => {
  const app = random.pick(names);
  const out: readonly Edit[] = [{ path: ['apps', app] }];
  if (random.chance(0.6)) {
    return [
      { verb: 'apply', edits: out },
      ...random.some<Move>([{ verb: 'again' }, { verb: 'fix' }], 0.3),
      { verb: 'apply', edits: [{ path: ['removal'], value: 'delete' }] },
      ...apply,
      ...random.some<Move>([{ verb: 'apply', edits: [{ path: ['removal'] }] }], 0.5),
    ];
  }
  return [
    { verb: 'apply', edits: out },
    { verb: 'again' },
    ...random.some<Move>([{ verb: 'fix' }], 0.5),
    { verb: 'restore', app },
    // As it was: an imported one has other logins and relaxations than one that was made.
    { verb: 'apply', edits: [{ path: ['apps', app], recall: true }] },
    { verb: 'again' },
  ];
};
