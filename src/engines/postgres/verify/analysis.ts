import type { Finding } from '../../../model/index.ts';
import { type Analysis, Findings } from '../../../engine/index.ts';
import { mapPool } from '../../../util/pool.ts';
import type { Connection } from '../connect/connection.ts';
import { readDatabase, readServersOwn, readStrangersWays } from './read-catalog.ts';
import { checkCarriers } from './checks/carriers.ts';
import { checkCopies } from './checks/copies.ts';
import { checkDatabases } from './checks/databases.ts';
import { checkDefaults } from './checks/defaults.ts';
import { checkFunctions } from './checks/functions.ts';
import { checkGuesses } from './checks/guesses.ts';
import { checkHoldings } from './checks/holdings.ts';
import { checkHooks } from './checks/hooks.ts';
import { checkHeld, checkLasting, checkSlots } from './checks/lasting.ts';
import { checkMachinery, checkWorkspaces } from './checks/machinery.ts';
import { checkMaintenance } from './checks/maintenance.ts';
import { checkObjects } from './checks/objects.ts';
import { checkReadCode } from './checks/read-code.ts';
import { checkRests } from './checks/rests.ts';
import { checkRoles } from './checks/roles.ts';
import { checkRows } from './checks/rows.ts';
import { checkSchemas } from './checks/schemas.ts';
import { checkServer } from './checks/server.ts';
import { checkServersOwn } from './checks/servers-own.ts';
import { checkSettings } from './checks/settings.ts';
import { checkMissingViews, checkShares } from './checks/shares.ts';
import { checkStrangersWays } from './checks/strangers-ways.ts';
import { checkThings } from './checks/things.ts';
import { checkHba } from './hba.ts';
import { checkFiles, checkWaiting } from './checks/waiting.ts';
import { barOfPlace, barred } from './fixable.ts';
import { type DatabaseContext, contextIn } from './database-context.ts';
import { probes } from './probes/probes.ts';
import { residualOf } from './residual.ts';
import type { VerifyContext } from './verifier.ts';
import type { Place, CatalogSnapshot } from './catalog-snapshot.ts';

/** Databases that are read at the same time. A connection costs the server a process. */
const LANES = 8;

/**
 * The half that the operator reads: who can do what to whom, from the catalogs alone. Two round trips for what all
 * databases share, one for each database; nothing is sampled, and the cost grows with what is there and not with pairs.
 */
export async function analyse(context: VerifyContext, snapshot: CatalogSnapshot): Promise<Analysis> {
  const findings = new Findings(probes, 'PG-', context.input.name);
  checkDatabases(snapshot, findings);
  checkRoles(snapshot, findings);
  await checkGuesses(snapshot, findings, context.shared);
  checkSettings(snapshot, findings);
  checkServer(snapshot, findings);
  checkHba(snapshot, findings);
  checkWaiting(snapshot, findings);
  checkFiles(snapshot, findings);
  checkLasting(snapshot, findings);
  checkSlots(snapshot, findings);
  const linked: DatabaseContext[] = [];
  const read: DatabaseContext[] = [];
  await mapPool(
    snapshot.places.filter(isRead),
    LANES,
    async (place) => await readPlace(context, snapshot, findings, place, { linked, read }),
  );
  await mapPool(
    snapshot.places.filter((place) => isStrangers(snapshot, place)),
    LANES,
    async (place) => await readStrangers(context, snapshot, findings, place),
  );
  checkMissingViews(snapshot, linked);
  await checkCopies(read, context);
  checkHoldings(snapshot, findings);
  return {
    findings: findings.all.map(untaken),
    declared: declaredPairs(snapshot),
    residual: residualOf(snapshot),
    places: placesOf(snapshot),
    analysed: findings.judged,
  };
}

/** Nothing is taken from an operator, by no fix either: people do that. What it lacks is granted. */
function untaken(finding: Finding): Finding {
  return finding.probe === 'PG-F2' && finding.verdict === 'BREACH' ? { ...finding, fix: [] } : finding;
}

export function isRead(place: Place): boolean {
  return place.allows && (place.kind === 'app' || place.kind === 'space' || place.kind === 'maintenance');
}

/** A database that is nobody's here, and that somebody besides the operator gets into. */
function isStrangers(snapshot: CatalogSnapshot, { kind, allows, database }: Place): boolean {
  return kind === 'other' && allows && snapshot.principals.some((one) => snapshot.entrants(one, database).length > 0);
}

/** Of it only what it opens of the server. Where this admin does not get in, no superuser gave anybody anything for it to see. */
async function readStrangers(context: VerifyContext, snapshot: CatalogSnapshot, findings: Findings, place: Place): Promise<void> {
  const connection = await context.open(place.database).catch(() => null);
  if (connection === null) return;
  await using _ = connection;
  const inside = { snapshot, findings: barred(findings, barOfPlace(snapshot, place)), place, catalog: await readServersOwn(connection) };
  checkServersOwn(inside);
  checkStrangersWays(inside, inside.catalog.ways);
}

/** `linked` gets the databases that shares begin or end in, `read` all of them. */
async function readPlace(
  context: VerifyContext,
  snapshot: CatalogSnapshot,
  findings: Findings,
  place: Place,
  { linked, read }: { readonly linked: DatabaseContext[]; readonly read: DatabaseContext[] },
): Promise<void> {
  await using connection = await enter(context, findings, place);
  if (connection === null) return;
  const column = place.space?.apps[0]?.placement.isolation === 'rows' ? place.space.apps[0].placement.column : null;
  const sink = barred(findings, barOfPlace(snapshot, place));
  const inside = contextIn(snapshot, sink, place, await readDatabase(connection, column));
  read.push(inside);
  if (place.kind === 'maintenance') {
    checkMaintenance(inside);
    checkStrangersWays(inside, await readStrangersWays(connection));
    return;
  }
  if (snapshot.isLinked(place.database)) linked.push(inside);
  checkSchemas(inside);
  checkObjects(inside);
  checkFunctions(inside);
  checkDefaults(inside);
  checkThings(inside);
  checkCarriers(inside, inside.catalog.graph);
  checkHooks(inside, inside.catalog.graph);
  checkRests(inside, inside.catalog.graph);
  checkReadCode(inside);
  checkHeld(inside);
  await checkShares(inside, connection, context.session.secrets);
  if (column === null) return;
  checkRows(inside);
  if (checkMachinery(inside)) await checkWorkspaces(inside, connection);
}

/** A database that this admin may not enter is not proved. */
async function enter(context: VerifyContext, findings: Findings, place: Place): Promise<Connection | null> {
  try {
    return await context.open(place.database);
  } catch (error) {
    const answer = error instanceof Error ? error.message : String(error);
    findings.add('P01b', {
      from: null,
      to: place.target,
      statement: `connect to ${place.database}`,
      answer,
      why: 'what is granted inside could not be read',
      verdict: 'UNPROVEN',
    });
    return null;
  }
}

/** Databases that several apps share. */
function placesOf(snapshot: CatalogSnapshot): ReadonlyMap<string, readonly string[]> {
  return new Map(snapshot.places.flatMap(({ target, space }) => (space ? [[target, space.apps.map(({ app }) => app)] as const] : [])));
}

/** Readers and the apps that they read, shares and the apps that they open. */
function declaredPairs(snapshot: CatalogSnapshot): Analysis['declared'] {
  const readers = snapshot.input.readers.flatMap((reader) => reader.reads.map((to) => ({ from: reader.name, to })));
  const shares = snapshot.input.shares.filter((share) => share.via === 'grant').map((share) => ({ from: share.to, to: share.from }));
  return [...readers, ...shares];
}
