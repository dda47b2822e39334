import { probePages } from '../../../engine/index.ts';

/**
 * One page of the catalogue. What `from` and `to` of a finding or an attempt say, for both halves alike:
 *
 * - `from` is an app or a reader; the name of a role that belongs to neither (a migrator, a backup login); null for any login.
 * - `to` is an app where its own database (level `database`) or its own schema (level `schema`) is reached. It is the name
 *   of the database where that belongs to several apps or to none: `engarde`, `postgres`, `template1`. Level `rows` has
 *   only the second form. null is the server.
 */
export const probe = probePages('PG', ['database', 'schema', 'rows']);
