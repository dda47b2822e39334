import { randomBytes } from 'node:crypto';
import { type BackupContext, explained, type InstanceInput, placementOf } from '../../../engine/index.ts';
import { type Diagnostic, DiagnosticError, fail, type SavedObject, type SavedPart } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import { Connection } from '../connect/connection.ts';
import { passwordHash } from '../connect/password-hash.ts';
import { targetOf } from '../connect/target.ts';
import { errorNumber, expected } from '../connect/trouble.ts';
import { TABLE } from '../kinds/ledger.ts';
import type { ServerFacts } from '../observe/catalog.ts';
import { ledgerForm, strangeLedger } from '../observe/ledger.ts';
import { readCatalog } from '../observe/read-catalog.ts';
import { ownPrivileges } from '../privileges.ts';
import { accountName, exactly, grantPattern, ident, literal } from '../quote.ts';
import { refuseEvents, restoreInto } from './load.ts';
import { type Login, loginOf, NAME, openAs } from './login.ts';
import { type Place, placeOf } from './place.ts';
import { DRILLS, freeName } from './readers.ts';

type Input = InstanceInput<Config, Placement>;

/** Connections that a rehearsal may have at once: one that compares, one that writes, one that takes back. */
const CONNECTIONS = 3;
/** Rows of the ledger for what a drill makes. They belong to no app, so that forgetting one keeps them. */
const KIND = 'drill';

/**
 * As `BackupAbility.rehearse`: a database and accounts of their own under a name that nobody can know before. A database has no
 * owner here and no comment: the operator's ledger says, before anything is made, that this name is a drill's. A lock of the same
 * name says that its run lives.
 */
export async function rehearse(input: Input, app: string, part: SavedPart, context: BackupContext): Promise<readonly SavedObject[]> {
  const place = placeOf(part, input.name);
  // A drill may what the app may.
  const events = placementOf(input, app)?.placement.relax.events === true;
  if (!events) refuseEvents(part, input.name);
  const own = await loginOf(input, app, context);
  await using operator = await Connection.open(await targetOf(input.config, context.session), NAME, context.session);
  const work = async (): Promise<readonly SavedObject[]> => {
    const strange = strangeLedger(await ledgerForm(operator), input);
    if (strange.length > 0) throw new DiagnosticError(strange);
    await sweep(operator, input, context);
    const catalog = await readCatalog(operator);
    const name = await freeName(catalog, input, own.database, context);
    await operator.rows(`SELECT GET_LOCK(${literal(name)}, 0)`);
    await operator.run(`INSERT INTO ${TABLE} (kind, name, project) VALUES (${literal(KIND)}, ${literal(name)}, ${literal(input.project)})`);
    try {
      const login = await make(operator, name, { place, own, input, events, server: catalog.server });
      await using session = await openAs(login, context);
      return await restoreInto(login, session, part, { context, instance: input.name });
    } finally {
      await remove(operator, name, input.name);
    }
  };
  return await explained(work(), (error) => expected(error, input.name));
}

interface Making {
  readonly place: Place;
  readonly own: Login;
  readonly input: Input;
  readonly events: boolean;
  readonly server: ServerFacts;
}

async function make(operator: Connection, name: string, { place, own, input, events, server }: Making): Promise<Login> {
  const password = randomBytes(24).toString('base64url');
  const plugin = server.flavor === 'mariadb' ? 'mysql_native_password' : 'caching_sha2_password';
  const words = server.flavor === 'mariadb' ? `IDENTIFIED VIA ${plugin} USING` : `IDENTIFIED WITH ${plugin} AS`;
  const rights = ownPrivileges(server, { as: 'owner', events }).join(', ');
  const ssl = input.config.requireSsl ? ' REQUIRE SSL' : '';
  const accounts = [...new Set(own.hosts)].map((host) => accountName({ user: name, host }));
  // Accounts first: a database without one is no drill's.
  for (const who of accounts)
    await operator.run(
      `CREATE USER ${who} ${words} ${literal(passwordHash(plugin, password))}${ssl} WITH MAX_USER_CONNECTIONS ${CONNECTIONS}`,
    );
  await operator.run(`CREATE DATABASE ${ident(name)} CHARACTER SET ${place.charset} COLLATE ${place.collation}`);
  for (const who of accounts) await operator.run(`GRANT ${rights} ON ${ident(grantPattern(name, server.literalNames))}.* TO ${who}`);
  return { ...own, target: { ...own.target, user: name, password }, database: name };
}

/** What runs that are gone have left of this project. What cannot go is told, and waits for the next drill: it is in nobody's way. */
async function sweep(operator: Connection, { name: instance, project }: Input, context: BackupContext): Promise<void> {
  const rows = await operator.rows(`SELECT name FROM ${TABLE} WHERE kind = ${literal(KIND)} AND project = ${literal(project)}`);
  for (const name of rows.map((row) => String(row['name'])).filter((one) => DRILLS.test(one))) {
    const [row] = await operator.rows(`SELECT GET_LOCK(${literal(name)}, 0) AS got`);
    if (String(row?.['got']) !== '1') continue;
    try {
      await remove(operator, name, instance);
    } catch (error) {
      if (!operator.alive || !(error instanceof Error)) throw error;
      if (!(error instanceof DiagnosticError) && errorNumber(error) === 0) throw error;
      const why = error instanceof DiagnosticError ? error.diagnostics.map(said).join('; ') : error.message;
      context.say(`what a drill has left could not be removed: ${name}: ${why}`);
      await operator.rows(`SELECT RELEASE_LOCK(${literal(name)})`);
    }
  }
}

const said = ({ code, message, hint }: Diagnostic): string => `${code}: ${message}${hint === undefined ? '' : ` (${hint})`}`;

/** Its rights, its sessions, its database, its accounts, its row, and its lock, in this order: whatever is cut short goes on with the next drill. */
async function remove(operator: Connection, name: string, instance: string): Promise<void> {
  const accounts = await operator.rows(`SELECT User AS user_, Host AS host_ FROM mysql.user WHERE ${exactly('User')} = ${literal(name)}`);
  const [database] = await operator.rows(
    `SELECT 1 AS one FROM information_schema.SCHEMATA WHERE ${exactly('SCHEMA_NAME')} = ${literal(name)}`,
  );
  if (database && accounts.length === 0) {
    throw fail('CT4319', `database "${name}" is called as one of a drill was, and has no account of it`, {
      instance,
      hint: `look at it, and remove it by hand if nobody needs it; then DELETE FROM ${TABLE} WHERE kind = 'drill' AND name = ${literal(name)}`,
    });
  }
  const names = accounts.map((row) => accountName({ user: String(row['user_']), host: String(row['host_']) }));
  // Its events start no more: they run with the rights of their definer.
  for (const who of names) await operator.run(`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${who}`);
  await drop(operator, name, database !== undefined);
  for (const who of names) await operator.run(`DROP USER ${who}`);
  await operator.run(`DELETE FROM ${TABLE} WHERE kind = ${literal(KIND)} AND name = ${literal(name)}`);
  await operator.rows(`SELECT RELEASE_LOCK(${literal(name)})`);
}

/** How often, and for how many seconds each, it is waited for whoever is at work there. */
const DROPS = 5;
const LOCK_WAIT = 3;
const LOCKED = 1205;

/** An event that was starting is in no list yet, so its session is looked for again. */
async function drop(operator: Connection, name: string, isThere: boolean): Promise<void> {
  const [row] = await operator.rows('SELECT @@SESSION.lock_wait_timeout AS seconds');
  await operator.run(`SET SESSION lock_wait_timeout = ${LOCK_WAIT}`);
  try {
    for (let tries = 1; ; tries += 1) {
      const sessions = await operator.rows(
        `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE ${exactly('USER')} = ${literal(name)}`,
      );
      for (const { id } of sessions) await operator.run(`KILL ${Number(id)}`).catch(() => undefined);
      try {
        if (isThere) await operator.run(`DROP DATABASE IF EXISTS ${ident(name)}`);
        break;
      } catch (error) {
        if (tries === DROPS || errorNumber(error) !== LOCKED) throw error;
      }
    }
  } finally {
    if (operator.alive) await operator.run(`SET SESSION lock_wait_timeout = ${Number(row?.['seconds'])}`);
  }
}
