import type { Planted } from '../suite.ts';
import type { Piece } from './world.ts';

const reporter: Piece = { kind: 'reporter', id: 'rep', databases: ['hand'], how: 'group' };
const app: Piece = { kind: 'app', id: 'hand', databases: ['hand'], how: 'owner' };

const hand = (name: string, sql: string, finds: Planted<Piece>['finds']): Planted<Piece> => ({
  name,
  harmful: { pieces: [app, reporter], document: { apps: {} }, story: [{ verb: 'hand', hand: `sql:hand:${sql}`, planted: true }] },
  finds,
});

/** Harm that is done on purpose. */
export const planted: readonly Planted<Piece>[] = [
  hand('a right is taken', 'REVOKE SELECT ON notes FROM rep_group', ({ kind, who }) => kind === 'lost' && who === 'rep'),
];
