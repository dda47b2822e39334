import type { Harm, Move } from '../frame.ts';
import type { Planted } from '../suite.ts';
import type { Piece } from './world.ts';

const pieces: readonly Piece[] = [
  { kind: 'app', id: 'hand', databases: ['hand_0'], how: 'objects' },
  { kind: 'backup', id: 'dump', databases: ['hand_0'], how: 'grants' },
  { kind: 'team', id: 'team', databases: ['hand_0'], how: 'nested' },
  { kind: 'desk', id: 'desk', databases: ['hand_0'], how: 'maker' },
  { kind: 'twins', id: 'twin', databases: ['hand_0'], how: 'database' },
];
const shop = { apps: { shop: { uses: { main: { connections: 5 } } } } };

function harm(name: string, hand: string, finds: (harm: Harm) => boolean, before: readonly Move[] = []): Planted<Piece> {
  const story: readonly Move[] = [...before, { verb: 'hand', hand, planted: true }];
  return { name, harmful: { pieces, document: shop, story }, finds };
}

const STANDS_BEFORE = {
  database: String.raw`${'`hand\\_0`'}.*`,
  'near-pattern': '`han%`.*',
  'far-pattern': String.raw`${'`hand\\_0`'}.*`,
  table: '`hand_0`.`notes`',
} as const;

const applied: readonly Move[] = [{ verb: 'apply' }];

/** Harm that is done on purpose: by the operator's hand, as a step would do it. */
export const planted = (flavor: 'mysql' | 'mariadb'): readonly Planted<Piece>[] => [...toPeople(flavor), ...toThings];

const toPeople = (flavor: 'mysql' | 'mariadb'): readonly Planted<Piece>[] => [
  harm(
    'a right is taken',
    String.raw`sql:REVOKE LOCK TABLES ON ${'`hand\\_0`'}.* FROM 'dump'@'%'`,
    ({ kind, what }) => kind === 'lost' && what === 'dump@% locks notes of "hand_0"',
  ),
  harm(
    'a right of a role is taken',
    String.raw`sql:REVOKE SELECT ON ${'`hand\\_0`'}.* FROM 'team_role'`,
    ({ kind, what }) => kind === 'lost' && what === 'team_one@% reads notes of "hand_0"',
  ),
  ...Object.entries(STANDS_BEFORE).map(
    ([how, on]): Planted<Piece> => ({
      name: `a row goes that stood before another one: ${how}`,
      harmful: {
        pieces: [...pieces, { kind: 'nearer', id: 'pat', databases: ['hand_0'], how }],
        document: shop,
        story: [{ verb: 'hand', hand: `sql:REVOKE SELECT ON ${on} FROM 'pat'@'127.0.0.1'`, planted: true }],
      },
      finds: ({ kind, what }) => kind === 'gained' && what.startsWith('pat@127.0.0.1 clears'),
    }),
  ),
  harm('a role is taken', "sql:REVOKE 'team_outer' FROM 'team_one'@'%'", ({ kind, who }) => kind === 'lost' && who === 'team_one@%'),
  harm(
    'a default role goes',
    `sql:SET DEFAULT ROLE NONE ${flavor === 'mariadb' ? 'FOR' : 'TO'} 'team_one'@'%'`,
    ({ kind, who }) => kind === 'lost' && who === 'team_one@%',
  ),
  harm(
    'an account is locked',
    "sql:ALTER USER 'twin'@'127.0.0.1' ACCOUNT LOCK",
    ({ kind, what }) => kind === 'lost' && what === 'twin@127.0.0.1 connects',
  ),
  harm(
    'an account goes, and another one of the name stands in',
    "sql:DROP USER 'twin'@'127.0.0.1'",
    ({ kind, what }) => kind === 'lost' && what === 'twin@127.0.0.1 connects',
  ),
  harm(
    'a password is another one',
    "sql:ALTER USER 'desk'@'%' IDENTIFIED BY 'new'",
    ({ kind, what }) => kind === 'lost' && what === 'desk@% connects',
  ),
  harm(
    'a definer loses what its procedure needs',
    String.raw`sql:REVOKE SELECT ON ${'`hand\\_0`'}.* FROM 'desk_maker'@'%'`,
    ({ kind, what }) => kind === 'lost' && what === 'desk@% calls count_hand_0',
  ),
];

const toThings: readonly Planted<Piece>[] = [
  harm('rows go', 'sql:DELETE FROM hand_0.notes WHERE id = 2', ({ kind, what }) => kind === 'changed' && what === 'table hand_0.notes'),
  harm(
    'a column goes',
    'sql:ALTER TABLE hand_0.notes DROP COLUMN tenant',
    ({ kind, what }) => kind === 'changed' && what === 'table hand_0.notes',
  ),
  harm('a view goes', 'sql:DROP VIEW hand_0.seen', ({ kind, what }) => kind === 'gone' && what === 'view hand_0.seen'),
  harm(
    'a function runs as somebody else',
    "sql:DROP FUNCTION hand_0.total;; CREATE DEFINER = 'desk'@'%' FUNCTION hand_0.total() RETURNS INT READS SQL DATA RETURN 1",
    ({ kind, what }) => kind === 'changed' && what === 'routine hand_0.total',
  ),
  harm(
    'a collation changes',
    'sql:ALTER DATABASE desk_tools CHARACTER SET ascii',
    ({ kind, what }) => kind === 'changed' && what === 'collation of desk_tools',
  ),
  harm('a session is ended', 'kill:desk', ({ kind, who }) => kind === 'ended' && who === 'desk@%'),
  harm(
    'an app gets the table of somebody',
    "sql:GRANT SELECT ON hand_0.notes TO 'shop_user'@'%'",
    ({ kind, what }) => kind === 'gained' && what.includes('hand_0'),
    applied,
  ),
  harm(
    'an app may more than the manifest says',
    "sql:GRANT PROCESS ON *.* TO 'shop_user'@'%'",
    ({ kind, what }) => kind === 'gained' && what === 'a tenant may more than the manifest says',
    applied,
  ),
  harm(
    'an app loses its own',
    'sql:DROP TABLE shop.items',
    ({ kind, what }) => kind === 'lost' && what === 'shop_user reads items of "shop"',
    applied,
  ),
  harm(
    'the account that made an app’s function loses its rights',
    "sql:CREATE USER 'old'@'%';; GRANT SELECT ON shop.* TO 'old'@'%';; DROP FUNCTION shop.total;; CREATE DEFINER = 'old'@'%' FUNCTION shop.total() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM shop.items);; REVOKE SELECT ON shop.* FROM 'old'@'%'",
    ({ kind, what }) => kind === 'lost' && what === 'shop_user calls total of "shop"',
    applied,
  ),
];
