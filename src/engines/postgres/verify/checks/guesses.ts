import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Findings } from '../../../../engine/index.ts';
import { mapPool } from '../../../../util/pool.ts';
import type { Connection } from '../../connect/connection.ts';
import { matchesVerifier } from '../../connect/scram.ts';
import { ident, literal } from '../../quote.ts';
import type { CatalogSnapshot } from '../catalog-snapshot.ts';
import type { Role } from '../principals.ts';

/** Tried after the names. The server itself takes no empty password. */
const COMMON = ['postgres', 'password', 'postgresql', 'admin', 'root', 'secret', 'changeme', 'test', '123456'];
/** Names of apps and databases that are tried for one login. */
const NAMES = 10;
/** Rounds that one login may cost: a verifier says itself how many a guess has. */
const ROUNDS = 1_000_000;
/** What came of a verifier and its guesses: deriving a key is dear, and a second look asks the same. */
const known = new Map<string, boolean>();
const MOST = 10_000;

/**
 * Passwords that everybody tries first, of whoever comes to an app and is not made by cotenant: the operator's own logins, those that
 * the manifest knows, strangers, adopted logins. Compared with what the server keeps, so that nobody's login counts a wrong password.
 */
export async function checkGuesses(snapshot: CatalogSnapshot, findings: Findings, connection: Connection): Promise<void> {
  const asked = [...snapshot.roles.values()].filter((role) => isAsked(snapshot, role));
  if (!snapshot.server[2] || asked.length === 0) return;
  const names = asked.map(({ name }) => literal(name)).join(', ');
  const [rows = []] = await connection.rows(
    `SELECT a.rolname::text, a.rolpassword FROM pg_catalog.pg_authid a WHERE a.rolname::text = ANY (ARRAY[${names}]) AND a.rolpassword IS NOT NULL ORDER BY 1`,
  );
  findings.judged += rows.length;
  const guessed = new Set<string>();
  await mapPool(rows, availableParallelism(), async ([name, verifier]) => {
    if (await isGuessed(String(name), String(verifier), guessesFor(snapshot, String(name)))) guessed.add(String(name));
  });
  for (const name of [...guessed].sort())
    findings.add('H4', {
      from: null,
      to: null,
      statement: `pg_authid.rolpassword of ${name}`,
      answer: 'its own name, the name of what it comes to, or a word that everybody tries first',
      stuck: {
        accepted: false,
        why: `By hand: \\password ${name} in psql (ALTER ROLE ${ident(name)} PASSWORD …), for whoever logs in so.`,
      },
    });
}

/** A login with a password that cotenant did not make, and that leads to an app or to the server. */
function isAsked(snapshot: CatalogSnapshot, role: Role): boolean {
  const { name, desired, verifier } = role;
  if (!snapshot.isLive(name) || (verifier !== 'scram' && verifier !== 'md5')) return false;
  if (desired && !desired.adopt) return false;
  if (desired || role.superuser || role.createRole || role.replication || role.bypassRls) return true;
  const groups = [...snapshot.memberships.reach(name).usable];
  const isWay = (group: string): boolean => {
    const { kind = 'operator' } = snapshot.principalOf(group) ?? {};
    return group.startsWith('pg_') || snapshot.roles.get(group)?.superuser === true || !['operator', 'foreign'].includes(kind);
  };
  return groups.some(isWay) || placesOf(snapshot, name).length > 0;
}

/** Databases of apps that it comes into. */
function placesOf(snapshot: CatalogSnapshot, login: string): readonly CatalogSnapshot['places'][number][] {
  return snapshot.places.filter(({ kind, database }) => (kind === 'app' || kind === 'space') && snapshot.enters(login, database));
}

function guessesFor(snapshot: CatalogSnapshot, name: string): readonly string[] {
  const places = placesOf(snapshot, name).flatMap(({ database, app, space }) => [
    database,
    ...(app === null ? [] : [app]),
    ...(space ? space.apps.map((one) => one.app) : []),
  ]);
  return [...new Set([name, `${name}${name}`, `${name}123`, ...[...new Set(places)].slice(0, NAMES), ...COMMON])];
}

async function isGuessed(name: string, verifier: string, guesses: readonly string[]): Promise<boolean> {
  if (verifier.startsWith('md5'))
    return guesses.some((guess) => verifier === `md5${createHash('md5').update(`${guess}${name}`).digest('hex')}`);
  const rounds = Number(/^SCRAM-SHA-256\$(\d+):/.exec(verifier)?.[1] ?? ROUNDS);
  const mine = guesses.slice(0, Math.floor(ROUNDS / Math.max(1, rounds)));
  const key = createHash('sha256')
    .update([verifier, ...mine].join('\0'))
    .digest('base64');
  const before = known.get(key);
  if (before !== undefined) return before;
  let found = false;
  for (const guess of mine) found ||= await matchesVerifier(guess, verifier);
  if (known.size < MOST) known.set(key, found);
  return found;
}
