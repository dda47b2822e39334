import type { Harm, Move } from '../frame.ts';
import type { Planted } from '../suite.ts';
import type { Piece } from './world.ts';

const pieces: readonly Piece[] = [
  { kind: 'app', id: 'hand', databases: ['hand'], how: 'owner' },
  { kind: 'reporter', id: 'rep', databases: ['hand'], how: 'group' },
  { kind: 'definer', id: 'desk', databases: ['hand'], how: 'plain' },
  { kind: 'watch', id: 'watch', databases: ['hand'], how: 'notify' },
];
const guests: readonly Piece[] = [
  { kind: 'app', id: 'hand', databases: ['hand'], how: 'owner' },
  { kind: 'cdc', id: 'cdc', databases: ['hand'], how: 'slot' },
  { kind: 'queue', id: 'jobs', databases: ['hand'], how: 'plain' },
  { kind: 'subscriber', id: 'sub', databases: ['hand'], how: 'inside' },
  { kind: 'reporter', id: 'rep', databases: ['hand'], how: 'future' },
  { kind: 'desk', id: 'desk', databases: ['hand'], how: 'plain' },
  { kind: 'prepared', id: 'votes', databases: ['hand'], how: 'plain' },
];
const shop = { apps: { shop: { uses: { main: {} } } } };

function harm(name: string, sql: string, finds: (harm: Harm) => boolean, before: readonly Move[] = []): Planted<Piece> {
  const story: readonly Move[] = [...before, { verb: 'hand', hand: `sql:${sql}`, planted: true }];
  return { name, harmful: { pieces, document: shop, story }, finds };
}

/** To somebody who has things of their own in the database of an app. */
const guest = (name: string, sql: string, what: string): Planted<Piece> => ({
  ...harm(name, sql, (found) => found.what === what),
  harmful: { pieces: guests, document: shop, story: [{ verb: 'hand', hand: `sql:${sql}`, planted: true }] },
});

/** Harm that is done on purpose: by the operator's hand, as a step would do it. */
export const planted: readonly Planted<Piece>[] = [
  harm('a right of a group is taken', 'hand:REVOKE SELECT ON notes FROM rep_group', ({ kind, who }) => kind === 'lost' && who === 'rep'),
  harm(
    'a database is closed',
    'postgres:REVOKE CONNECT ON DATABASE hand FROM PUBLIC',
    ({ kind, what }) => kind === 'lost' && what === 'rep connects to "hand"',
  ),
  harm('a group is taken', 'postgres:REVOKE rep_team FROM rep', ({ what }) => what === 'groups of "rep"'),
  harm(
    'a column goes',
    'hand:ALTER TABLE notes DROP COLUMN tenant CASCADE',
    ({ kind, what }) => kind === 'changed' && what.startsWith('table "public"."notes"'),
  ),
  harm('rows go', 'hand:DELETE FROM notes WHERE id = 2', ({ kind, what }) => kind === 'changed' && what === 'rep in "hand" reads a table'),
  harm(
    'a password is another one',
    "postgres:ALTER ROLE rep PASSWORD 'new'",
    ({ kind, what }) => kind === 'lost' && what.startsWith('rep connects'),
  ),
  harm('a setting goes', 'postgres:ALTER ROLE rep RESET ALL', ({ kind, what }) => kind === 'changed' && what === 'role "rep"'),
  harm(
    'a definer changes hands',
    'hand:ALTER FUNCTION desk_tools.how_many() OWNER TO hand_app',
    ({ kind, what }) => kind === 'changed' && what.startsWith('routine desk_tools'),
  ),
  harm(
    'a session is ended',
    "postgres:SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'rep'",
    ({ kind, who }) => kind === 'ended' && who === 'rep',
  ),
  harm(
    'an event trigger runs a function of an app',
    'hand:ALTER FUNCTION watch() OWNER TO hand_app',
    ({ kind, what }) => kind === 'gained' && what.startsWith('an event trigger'),
  ),
  harm(
    'an app is more than an app',
    'postgres:ALTER ROLE shop_user CREATEROLE',
    ({ kind, what }) => kind === 'gained' && what === 'shop_user is more than an app',
    [{ verb: 'apply' }],
  ),
  harm('an app of the manifest loses a table', 'shop:DROP TABLE items CASCADE', ({ kind, of }) => kind === 'lost' && of === 'shop', [
    { verb: 'apply' },
  ]),
  guest('a slot goes', "hand:SELECT pg_drop_replication_slot('cdc_hand')", 'slot cdc_hand in "hand"'),
  guest('a subscription goes', 'hand:DROP SUBSCRIPTION sub_hand', 'subscription sub_hand in "hand"'),
  guest('a prepared transaction goes', "hand:ROLLBACK PREPARED 'votes_hand'", 'prepared transaction votes_hand in "hand"'),
  guest('a large object goes', 'hand:SELECT lo_unlink(4712)', 'large object 4712 in "hand"'),
  guest('a type gets a comment', "hand:COMMENT ON TYPE jobs.state IS 'x'", 'type jobs.state in "hand"'),
  guest('a policy is another one', 'hand:ALTER POLICY own ON desk.cases USING (true)', 'desk in "hand" sees its cases'),
  guest('temporary tables are taken', 'postgres:REVOKE TEMPORARY ON DATABASE hand FROM PUBLIC', 'jobs in "hand" makes a temporary table'),
  guest(
    'what will be made is closed',
    'hand:ALTER DEFAULT PRIVILEGES FOR ROLE hand_app IN SCHEMA public REVOKE SELECT ON TABLES FROM rep',
    'future rep public.notes in "hand"',
  ),
  guest(
    'messages are closed',
    'hand:REVOKE EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text, boolean) FROM PUBLIC',
    'cdc in "hand" sends its heartbeat',
  ),
];
