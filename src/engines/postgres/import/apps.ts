import { Admin } from './admin.ts';
import { effective, groupsOf, type Holding, type ImportDatabase, LEVEL } from './evidence.ts';
import { GroupFinder, NO_GROUPS } from './groups.ts';
import type { FoundApp, FoundApps, FoundLogin, Left } from './found.ts';
import { outsideOf } from './outside.ts';
import { markedLogins, People } from './people.ts';
import { type Fit, fitOf, type Ground, isSecured, worksWithAll } from './reach.ts';
import { Troubles } from './troubles.ts';
import { readMark } from '../marks/mark.ts';
import { nameTrouble } from '../names.ts';
import type { RoleRow, SharedRows } from '../queries/shared.ts';
import { tenantsRole } from '../compile/spaces.ts';
import { ofProject } from '../../../engine/index.ts';
import { append } from '../../../util/append.ts';

interface Login {
  readonly row: RoleRow;
  readonly holding: Holding;
}

/** Which apps there are, and who belongs to none. Pure. A database whose logins cannot be kept as they are is left out as a whole. */
export function findApps(rows: SharedRows, databases: readonly ImportDatabase[], project: string): FoundApps {
  return new Finder(rows, databases, project).run();
}

class Finder {
  /** That the manifest is to have. */
  readonly #project: string;
  readonly #databases: readonly ImportDatabase[];
  readonly #roles: ReadonlyMap<string, RoleRow>;
  readonly #groups: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #operators: ReadonlySet<string>;
  readonly #admin: Admin;
  readonly #people: People;
  readonly #troubles: Troubles;
  readonly #finder: GroupFinder;
  readonly #apps: FoundApp[] = [];
  readonly #left: Left[] = [];

  constructor(rows: SharedRows, databases: readonly ImportDatabase[], project: string) {
    this.#project = project;
    this.#databases = databases;
    this.#roles = new Map(rows.roles.map((row) => [row[0], row]));
    this.#groups = groupsOf(rows);
    this.#admin = new Admin(rows);
    this.#people = new People(rows, databases, this.#groups);
    this.#troubles = new Troubles(rows, databases, this.#groups, this.#admin);
    this.#finder = new GroupFinder(rows, databases, this.#groups);
    this.#operators = this.#findOperators(this.#admin.name);
  }

  run(): FoundApps {
    for (const database of this.#databases) {
      if (database.row[0] === 'postgres' && isEmpty(database)) continue;
      const why = database.trouble ?? this.#unusable(database) ?? this.#admin.cannotTake(database) ?? this.#place(database);
      if (why !== null) this.#left.push({ kind: 'database', name: database.row[0], why });
    }
    const used = new Set(
      this.#apps.flatMap(({ logins, groups }) => [
        ...logins.map(({ row }) => row[0]),
        ...[groups.owner, groups.readWrite, groups.readOnly].filter((name) => name !== null),
      ]),
    );
    const unused = [...this.#roles.values()].filter((row) => !used.has(row[0]) && !this.#operators.has(row[0]) && !row[3]);
    const others = unused.filter((row) => !readMark(row[10]));
    const adopted = new Set(this.#apps.map(({ database }) => database));
    const makers = others.filter((row) => !row[1] && this.#isMaker(row[0], adopted, used));
    for (const row of others)
      if (!row[1] && !makers.includes(row)) this.#left.push({ kind: 'role', name: row[0], why: 'it belongs to no app' });
    const logins = others.filter((row) => row[1]);
    const people = this.#people.sort(logins, makers, adopted);
    const marked = markedLogins(unused, this.#project);
    this.#left.push(...marked.left);
    const superusers = this.#people.superusers([...this.#roles.values()], this.#admin.name, used);
    const apps = this.#apps.map((app) => ({ ...app, beside: app.beside.filter((name) => !used.has(name)) }));
    return { apps, people: { ...people, known: [...people.known, ...marked.known, ...superusers] }, left: this.#left };
  }

  /** A role without login that owns something in an app's database: whoever uses its views and functions there has its rights. */
  #isMaker(name: string, adopted: ReadonlySet<ImportDatabase>, used: ReadonlySet<string>): boolean {
    const owns = [...adopted].some(({ holdings }) => holdings.get(name)?.level === LEVEL.owns);
    return owns && ![...used].some((login) => this.#groups.get(login)?.has(name));
  }

  /** The admin, and superusers but for those that are the only login to work in one database: that is an app's. */
  #findOperators(admin: string): ReadonlySet<string> {
    const operators = new Set([admin, 'postgres']);
    for (const [name, row] of this.#roles) {
      const homes = this.#databases.filter((one) => (one.holdings.get(name)?.level ?? 0) >= LEVEL.writes);
      const [home, second] = homes;
      const alone = home !== undefined && second === undefined && !this.#hasOrdinary(home);
      if (row[3] && !(row[1] && alone)) operators.add(name);
    }
    return operators;
  }

  /** True where a login that is no superuser works in the database. */
  #hasOrdinary({ holdings }: ImportDatabase): boolean {
    return [...this.#roles].some(
      ([name, row]) => row[1] && !row[3] && effective(holdings, name, this.#groups.get(name)).level >= LEVEL.writes,
    );
  }

  #unusable({ row }: ImportDatabase): string | null {
    const mark = readMark(row[9]);
    if (mark) return ofProject(mark.project, this.#project);
    if (row[0] === 'postgres')
      return 'it holds objects, and the maintenance database is no place for an app: move them into a separate database';
    return nameTrouble(row[0])?.why ?? null;
  }

  /** Puts the apps of a database down; or says why there are none. */
  #place(database: ImportDatabase): string | null {
    const logins = this.#loginsOf(database);
    const able = logins.filter(({ row, holding }) => holding.level >= LEVEL.writes && !this.#isHelper(row));
    const owners = able.filter(({ holding }) => holding.level === LEVEL.owns);
    if (owners.length > 1) return this.#placeOwners(database, owners, logins);
    if (owners.length === 0 && able.length > 1 && able.every(({ holding }) => isAlone(holding, able)))
      return this.#placeSchemas(database, able, logins);
    const [owner] = owners;
    const maker = owner ?? this.#makerOf(database, able);
    return this.#placeDatabase(database, maker ? [maker] : [], logins, able);
  }

  /** Who owns nothing, and was given everything: it may create, and works with every table that there is. */
  #makerOf(database: ImportDatabase, able: readonly Login[]): Login | null {
    const makers = able.filter(({ row, holding }) => {
      if (!holding.creates) return false;
      return worksWithAll({ database, schema: null }, row[0]) && this.#troubles.ofActing(row, database, new Set()) === null;
    });
    const [maker, second] = makers;
    return maker && !second && able.length === 1 && !isSecured({ database, schema: null }) ? maker : null;
  }

  /** Several logins own something: through one group that they share, or each in a schema to itself. */
  #placeOwners(database: ImportDatabase, owners: readonly Login[], logins: readonly Login[]): string | null {
    const shared = this.#finder.sharedOwner(
      database,
      owners.map(({ row }) => row[0]),
    );
    const lasting = owners.every(({ row }) => row[9] === null || row[9] === 'infinity');
    if (shared !== null && lasting) return this.#placeDatabase(database, owners, logins, owners);
    return this.#placeSchemas(database, owners, logins);
  }

  /** A database of one app: its owners, those who work with the data as `rw` or `read` would, and others that stay what they are. */
  #placeDatabase(database: ImportDatabase, owners: readonly Login[], logins: readonly Login[], able: readonly Login[]): string | null {
    for (const { row } of owners) {
      const trouble = this.#troubles.ofLogin(row, database) ?? this.#troubles.ofOwner(row, database);
      if (trouble !== null) return trouble;
    }
    const found: FoundLogin[] = owners.map((one) => ({ ...one, as: 'owner', truncate: false }));
    const reasons: string[] = [];
    const rest = logins.filter((one) => !owners.includes(one) && !this.#isHelper(one.row));
    const fits = new Map<Login, Fit>();
    const ground: Ground = {
      database,
      schema: null,
      owners: new Set(owners.flatMap(({ row }) => this.#mine(row[0]))),
      acting: owners.map(({ row }) => row[0]),
      keepsGroups: false,
    };
    for (const one of rest) {
      const [name] = one.row;
      const fit = fitOf(ground, name) ?? (this.#finder.isBound(database, name) ? fitOf({ ...ground, keepsGroups: true }, name) : null);
      const trouble = fit === null ? null : (this.#troubles.ofLogin(one.row, database) ?? this.#troubles.ofMember(one.row, database));
      if (fit !== null && trouble === null) fits.set(one, fit);
      else if (able.includes(one)) reasons.push(trouble ?? unfitting(name));
    }
    for (const [one, fit] of fits) found.push({ ...one, ...fit });
    const serving = found.filter(({ as }) => as !== 'read');
    if (serving.length === 0) return reasons[0] ?? this.#placeOperators(database, logins);
    this.#add(database, null, found, logins);
    return null;
  }

  /** A login and the groups that it is in. */
  #mine(name: string): readonly string[] {
    return [name, ...(this.#groups.get(name) ?? [])];
  }

  #isHelper(row: RoleRow): boolean {
    return this.#people.helper(row).words.some((word) => word !== 'connect') && !this.#people.ownsTables(row[0]);
  }

  /** Logins that have something in this database of their own or through a group. */
  #loginsOf(database: ImportDatabase): readonly Login[] {
    const out: Login[] = [];
    for (const [name, row] of this.#roles) {
      if (!row[1] || this.#operators.has(name)) continue;
      const holding = effective(database.holdings, name, this.#groups.get(name));
      if (holding.level > LEVEL.none) out.push({ row, holding });
    }
    return out;
  }

  /** Nobody but the operator works in it: an app can get a login of its own there, and what runs goes on. */
  #placeOperators(database: ImportDatabase, logins: readonly Login[]): string | null {
    const { row } = database;
    if (!this.#operators.has(row[1]) && this.#roles.get(row[1])?.[3] !== true) return `no login uses it, and it belongs to "${row[1]}"`;
    this.#add(database, null, [], logins);
    return null;
  }

  /** Several logins: each must have one schema to itself. */
  #placeSchemas(database: ImportDatabase, writers: readonly Login[], logins: readonly Login[]): string | null {
    for (const { row } of writers) {
      const trouble = this.#troubles.ofLogin(row, database) ?? this.#troubles.ofOwner(row, database);
      if (trouble !== null) return trouble;
    }
    const names = writers.map(({ row }) => `"${row[0]}"`).join(', ');
    const owners = new Map<string, string[]>();
    for (const { row, holding } of writers) {
      for (const schema of holding.schemas) append(owners, schema, row[0]);
    }
    const shared = [...owners].filter(([schema, found]) => found.length > 1 || schema === 'public').map(([schema]) => `"${schema}"`);
    if (shared.length > 0)
      return `the logins ${names} use it, but not each in a schema of its own (${shared.sort().join(', ')}): give each app its own schema or database, then import again`;
    const odd = writers.find(({ holding }) => holding.schemas.size > 1);
    if (odd) return `the logins ${names} use it, and "${odd.row[0]}" uses ${odd.holding.schemas.size} schemas of it: an app has one`;
    const without = writers.find(({ holding }) => holding.schemas.size === 0);
    if (without) return `the logins ${names} may all write in it, and no schema shows which app owns it`;
    if (this.#roles.has(tenantsRole(database.row[0])))
      return `there is a role "${tenantsRole(database.row[0])}" already, a name that is needed for its apps`;
    const found = writers.map((writer) => this.#inSchema(database, writer));
    const unfit = writers.find((_, index) => found[index] === null);
    if (unfit) return unfitting(unfit.row[0]);
    const own = new Set(owners.keys());
    for (const [index, { row, holding }] of writers.entries()) {
      const thing = found[index]?.as === 'owner' ? outsideOf(database, row[0], [...holding.schemas][0] ?? '', own) : null;
      if (thing !== null)
        return `its login "${row[0]}" may use ${thing} outside its own schema by name, and no share can grant that: grant it to PUBLIC, or give it a schema of an app`;
    }
    for (const [index, writer] of writers.entries()) {
      const schema = [...writer.holding.schemas][0] ?? null;
      const main = found[index];
      if (main) this.#add(database, schema, [main, ...this.#guests(database, schema, writer, writers, logins)], logins);
    }
    return null;
  }

  /** Who made something in its schema, or was given everything there, is its owner. */
  #inSchema(database: ImportDatabase, writer: Login): FoundLogin | null {
    const [schema = null] = writer.holding.schemas;
    const ground: Ground = { database, schema, owners: new Set(this.#mine(writer.row[0])), acting: [writer.row[0]], keepsGroups: false };
    const made =
      writer.holding.level === LEVEL.owns || (writer.holding.creates && worksWithAll(ground, writer.row[0]) && !isSecured(ground));
    if (made) return { ...writer, as: 'owner', truncate: false };
    const fit = fitOf({ ...ground, owners: new Set() }, writer.row[0]);
    return fit === null ? null : { ...writer, ...fit };
  }

  /** Logins beside the one whose schema it is, that work in that schema and nowhere else. */
  #guests(
    database: ImportDatabase,
    schema: string | null,
    writer: Login,
    writers: readonly Login[],
    logins: readonly Login[],
  ): readonly FoundLogin[] {
    const ground: Ground = { database, schema, owners: new Set(this.#mine(writer.row[0])), acting: [writer.row[0]], keepsGroups: false };
    return logins.flatMap((one): FoundLogin[] => {
      if (writers.includes(one) || this.#isHelper(one.row)) return [];
      const places = [...new Set([...one.holding.schemas, ...one.holding.reads])];
      if (places.length !== 1 || places[0] !== schema) return [];
      const fit = fitOf(ground, one.row[0]);
      if (fit === null || this.#troubles.ofLogin(one.row, database) !== null || this.#troubles.ofMember(one.row, database) !== null)
        return [];
      return [{ ...one, ...fit }];
    });
  }

  /** The login that serves the app comes first: one at `rw`, else the owner. */
  #add(database: ImportDatabase, schema: string | null, found: readonly FoundLogin[], logins: readonly Login[]): void {
    const order = { rw: 0, owner: 1, read: 2 } as const;
    const sorted = [...found].sort((a, b) => order[a.as] - order[b.as]);
    const names = new Set(found.map(({ row }) => row[0]));
    const groups = found.length === 0 ? NO_GROUPS : this.#finder.kept(database, sorted);
    const beside = logins.map(({ row }) => row[0]).filter((name) => !names.has(name));
    this.#apps.push({ database, schema, logins: sorted, groups, beside });
  }
}

function unfitting(name: string): string {
  return `its login "${name}" may do less with some tables than \`rw\` gives, and no level says that`;
}

/** True where the login has one schema to itself among these. */
function isAlone({ schemas }: Holding, all: readonly Login[]): boolean {
  const [schema, second] = schemas;
  if (schema === undefined || second !== undefined || schema === 'public') return false;
  return all.filter(({ holding }) => holding.schemas.has(schema)).length === 1;
}

function isEmpty({ rows }: ImportDatabase): boolean {
  return rows === null || (rows.relations.length === 0 && rows.functions.length === 0 && rows.types.length === 0);
}
