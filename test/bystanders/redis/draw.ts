import type { Case, Document, Move } from '../frame.ts';
import type { Random } from '../../support/random.ts';
import { later, placement } from './moves.ts';
import { housed, nobodies, strangers } from './pieces.ts';
import type { Piece } from './world.ts';

/** A world and a story for it. */
export function draw(random: Random, walled: boolean): Case<Piece> {
  const pieces = [...random.shuffled(strangers).slice(0, 2 + random.below(6)), ...(random.chance(0.4) ? [random.pick(nobodies)] : [])];
  const all = [...pieces, ...(walled && random.chance(0.4) ? housed : [])];
  return random.chance(0.4) ? adopting(random, all, walled) : building(random, all, walled);
}

function adopting(random: Random, pieces: readonly Piece[], walled: boolean): Case<Piece> {
  const story: Move[] = [
    { verb: 'import' },
    { verb: 'plan' },
    ...(random.chance(0.3) ? [{ verb: 'yes' } as const] : []),
    { verb: 'apply' },
    { verb: 'again' },
  ];
  return { pieces, document: { apps: {} }, story: [...story, ...later(random, { names: importable(pieces), pieces, walled }, 4)] };
}

/** Those that an import makes apps of, as a rule. */
function importable(pieces: readonly Piece[]): readonly string[] {
  const known = ['hand', 'eager', 'shop', 'legacy', 'bull', 'celery', 'sidekiq', 'tagged'];
  const there = known.filter((name) => pieces.some(({ user }) => user === name));
  return there.length > 0 ? there : ['hand'];
}

function building(random: Random, pieces: readonly Piece[], walled: boolean): Case<Piece> {
  const names = random.shuffled(['shop', 'blog', 'crm', 'wiki']).slice(0, 1 + random.below(4));
  const apps = Object.fromEntries(names.map((name) => [name, { uses: { main: placement(random, walled, name) } }]));
  const document: Document = { apps, ...people(random, pieces) };
  return {
    pieces,
    document,
    story: [{ verb: 'plan' }, { verb: 'yes' }, { verb: 'apply' }, { verb: 'again' }, ...later(random, { names, pieces, walled }, 5)],
  };
}

function people(random: Random, pieces: readonly Piece[]): Document {
  const has = (user: string): boolean => pieces.some((piece) => piece.user === user);
  const words: Readonly<Record<string, string>> = { exporter: 'monitor', nri: 'monitor', backup: 'read-all', replica: 'replication' };
  const operators = Object.fromEntries(
    Object.entries(words).flatMap(([user, word]) => (has(user) && random.chance(0.5) ? [[user, { may: [word] }]] : [])),
  );
  const known = ['dba', 'legacy', 'default'].filter((user) => has(user) && random.chance(0.3)).map((user) => ({ user, why: 'test' }));
  return { ...(Object.keys(operators).length > 0 ? { operators } : {}), ...(known.length > 0 ? { known } : {}) };
}
