import {
  common,
  type Doctor,
  type DoctorRequest,
  type Examination,
  Examining,
  missingThings,
  type SessionContext,
} from '../../../engine/index.ts';
import { mapPool } from '../../../util/pool.ts';
import { compile } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import type { Connection } from '../connect/connection.ts';
import { isTrouble } from '../connect/trouble.ts';
import { partOf } from '../part-name.ts';
import { isKind } from '../spec.ts';
import { own } from './checks.ts';
import { examineCounters, examineInside } from './inside.ts';
import { ARCHIVER, CONNECTIONS, counters, DATABASES, edited, inside, LOG, ROLES, SERVER, SLOTS } from './queries.ts';
import { examinePooler } from './pooler.ts';
import { member, number, type Row, text } from './rows.ts';
import {
  examineArchiver,
  examineConnections,
  examineDatabases,
  examineLog,
  examineServer,
  examineSlots,
  type Server,
  serverOf,
} from './server.ts';
import { examineSessions, NEEDS_STATS } from './sessions.ts';
import { Whose } from './whose.ts';

/** Databases that are looked into at the same time. */
const LANES = 4;
const DAY = 86_400;

/** Nothing waits for long, and nothing is written. */
const CAREFUL = `SET statement_timeout = '5s'; SET lock_timeout = '1s'; SET default_transaction_read_only = on`;
const AS_BEFORE = 'RESET statement_timeout; RESET lock_timeout; RESET default_transaction_read_only';

const INSIDE = [own.invalid, own.duplicate, own.unused, own.dead, own.autovacuum];

export interface DoctorContext {
  readonly input: Input;
  readonly session: SessionContext;
  /** The operator's connection to the database of the admin URL. One more may be one too many. */
  readonly shared: Connection;
  readonly open: (database: string) => Promise<Connection>;
}

interface Insides {
  readonly whose: Whose;
  readonly server: Server | null;
  readonly databases: readonly Row[];
  readonly lanes: number;
}

/** A dozen statements for the server, and two in each database of an app. */
export class PostgresDoctor implements Doctor {
  readonly #context: DoctorContext;

  constructor(context: DoctorContext) {
    this.#context = context;
  }

  async examine(request: DoctorRequest): Promise<Examination> {
    const { shared } = this.#context;
    await shared.rows(CAREFUL);
    try {
      return await this.#examine(request);
    } finally {
      await shared.rows(AS_BEFORE).catch(() => undefined);
    }
  }

  async #examine(request: DoctorRequest): Promise<Examination> {
    const { input, session, shared: connection } = this.#context;
    const on = new Examining(isTrouble);
    const whose = new Whose(input);
    const ask = async (checks: readonly string[], sql: string): Promise<readonly Row[] | null> =>
      await on.ask(checks, async () => (await connection.rows(sql))[0] ?? []);
    const server = await this.#server(on, connection, request);
    const { limits } = request;
    const roles = await ask([], ROLES);
    const databases = await ask([own.wraparound, own.behind, own.checksums], DATABASES);
    if (server && databases) examineDatabases(on, server, databases, whose, request);
    const connections = roles && databases ? await ask([common.appFull, common.serverFull], CONNECTIONS) : null;
    if (server && connections && roles && databases) examineConnections(on, server, { connections, roles, databases }, whose, limits.full);
    await examineSessions(on, ask, whose, limits);
    if (server?.seesAll === false)
      on.lost(NEEDS_STATS, 'the operator is no member of pg_read_all_stats, and sees the state of its own sessions only');
    const slots = await ask([own.slots], SLOTS);
    if (slots) examineSlots(on, slots, whose, limits.retained);
    const archiver = await ask([own.archiver], ARCHIVER);
    if (archiver) examineArchiver(on, archiver);
    const log = server?.standby === true ? null : await ask([own.log], LOG);
    if (server && log) examineLog(on, server, log, limits.retained);
    const isFull = on.findings.some(({ id }) => id === common.serverFull);
    const spaces = await this.#insides(on, request, { whose, server, databases: databases ?? [], lanes: isFull ? 1 : LANES });
    const [isWanted, places] = [(app: string) => request.apps === null || request.apps.includes(app), [...whose.places.values()]];
    await examinePooler(
      on,
      input,
      session,
      places.flatMap((live) => live.find(isWanted) ?? []),
    );
    if (roles && databases) this.#missing(on, { roles, databases, spaces });
    return on.end();
  }

  async #server(on: Examining, connection: Connection, request: DoctorRequest): Promise<Server | null> {
    const before = Date.now();
    const rows = await on.ask([common.version, common.clock, own.autovacuum], async () => (await connection.rows(SERVER))[0] ?? []);
    const after = Date.now();
    const row = rows?.[0];
    if (!row) return null;
    const isAdmin = row[4] === true;
    const waits = isAdmin ? await on.ask([own.autovacuum], async () => (await connection.rows(edited(connection.version)))[0] ?? []) : null;
    const server = serverOf(row, isAdmin && waits?.[0]?.[0] !== false);
    examineServer(on, server, { version: connection.version, there: 1000 * number(row[0]), before, after }, request);
    return server;
  }

  /** What lies in the databases of apps. Gives the schemas of those that could be read. */
  async #insides(
    on: Examining,
    { limits, apps }: DoctorRequest,
    { whose, server, databases, lanes }: Insides,
  ): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const wanted = [...whose.places].filter(([, live]) => apps === null || live.some((app) => apps.includes(app)));
    const open = wanted.flatMap(([database]) => databases.filter(([name, allows]) => name === database && allows === true));
    const spaces = new Map<string, ReadonlySet<string>>();
    await mapPool(open, lanes, async ([name, , , , , reset]) => {
      this.#context.session.signal.throwIfAborted();
      const database = text(name);
      const where = `database ${database}`;
      const connection = await on.enter([...INSIDE, common.counter], () => this.#context.open(database), where);
      if (!connection) return;
      await using inThere = connection;
      await inThere.rows(CAREFUL);
      const rows = await on.ask(INSIDE, async () => (await inThere.rows(inside(limits)))[0] ?? [], where);
      const since = reset === null ? (server?.started ?? Infinity) : number(reset);
      const counted = Date.now() / 1000 - since >= limits.unused * DAY;
      if (rows) {
        spaces.set(database, new Set(rows.flatMap(([kind, facts]) => (kind === 'schema' ? [text(member(facts, 'schema'))] : []))));
        examineInside(on, rows, { database, whose, counted });
      }
      const near = await on.ask([common.counter], async () => (await inThere.rows(counters(limits)))[0] ?? [], where);
      if (near) examineCounters(on, near, { database, whose });
    });
    return spaces;
  }

  #missing(
    on: Examining,
    {
      roles,
      databases,
      spaces,
    }: { readonly roles: readonly Row[]; readonly databases: readonly Row[]; readonly spaces: ReadonlyMap<string, ReadonlySet<string>> },
  ): void {
    const [known, there] = [roles, databases].map((rows) => new Set(rows.map(([name]) => text(name))));
    const gone = compile(this.#context.input).resources.flatMap((one) => {
      const { app, address } = one;
      if (isKind(one, 'role'))
        return known?.has(address.name) ? [] : [{ app, what: `${one.spec.login ? 'login' : 'role'} "${address.name}"`, held: false }];
      if (isKind(one, 'database')) return there?.has(address.name) ? [] : [{ app, what: `database "${address.name}"`, held: true }];
      if (!isKind(one, 'schema')) return [];
      const [database, schema] = partOf(address.name);
      return spaces.get(database)?.has(schema) === false ? [{ app, what: `schema "${schema}" in database "${database}"`, held: true }] : [];
    });
    missingThings(on, gone);
    on.made([common.missing]);
  }
}
