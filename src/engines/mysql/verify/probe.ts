import { probePages } from '../../../engine/index.ts';

/**
 * One page of the catalogue. What `from` and `to` of a finding or an attempt say, for both halves alike:
 *
 * - `from` is an app or a reader; the name of an account that belongs to neither; null for any login.
 * - `to` is an app whose database is reached; the name of a database that is no app's; null is the server.
 */
export const probe = probePages('MY', ['database']);
