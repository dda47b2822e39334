import { effective, groupsOf, type Holding, type ImportDatabase, LEVEL } from './import-evidence.ts';
import { Admin } from './import-admin.ts';
import { readMark } from './mark.ts';
import { nameTrouble } from './names.ts';
import type { RoleRow, SharedRows } from './queries/shared.ts';
import { tenantsRole } from './space.ts';

/** An app as it was found: a login with a database, or with a schema of a database, of its own. */
export interface FoundApp {
  readonly database: ImportDatabase;
  /** null: the whole database. */
  readonly schema: string | null;
  /** null: only the operator uses it. */
  readonly login: RoleRow | null;
  readonly holding: Holding;
  /** A role without login that owns what the login works with. */
  readonly owner: string | null;
  /** Other logins that can do something in the database now, and no longer once it is walled in. */
  readonly losing: readonly string[];
}

export interface FoundApps {
  readonly apps: readonly FoundApp[];
  /** What forms no app, each with why. */
  readonly left: readonly { readonly what: string; readonly why: string }[];
}

interface Login {
  readonly row: RoleRow;
  readonly holding: Holding;
}

/** Which apps there are. Pure. A database that cannot be walled in without taking something from a login that works in it is left out as a whole. */
export function findApps(rows: SharedRows, databases: readonly ImportDatabase[]): FoundApps {
  return new Finder(rows, databases).run();
}

class Finder {
  readonly #databases: readonly ImportDatabase[];
  readonly #roles: ReadonlyMap<string, RoleRow>;
  readonly #groups: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #operators: ReadonlySet<string>;
  readonly #admin: Admin;
  readonly #apps: FoundApp[] = [];
  readonly #left: { what: string; why: string }[] = [];

  constructor(rows: SharedRows, databases: readonly ImportDatabase[]) {
    this.#databases = databases;
    this.#roles = new Map(rows.roles.map((row) => [row[0], row]));
    this.#groups = groupsOf(rows);
    this.#admin = new Admin(rows);
    this.#operators = this.#findOperators(this.#admin.name);
  }

  run(): FoundApps {
    for (const database of this.#databases) {
      if (database.row[0] === 'postgres' && isEmpty(database)) continue;
      const why = database.trouble ?? this.#unusable(database) ?? this.#admin.cannotTake(database) ?? this.#place(database);
      if (why !== null) this.#left.push({ what: `database "${database.row[0]}"`, why });
    }
    const used = new Set(this.#apps.flatMap((app) => [app.login?.[0] ?? '', app.owner ?? '']));
    for (const [name, row] of this.#roles) {
      if (used.has(name) || this.#operators.has(name) || row[3] || readMark(row[10])) continue;
      this.#left.push({ what: `${row[1] ? 'login' : 'role'} "${name}"`, why: 'it belongs to no app' });
    }
    return { apps: this.#apps, left: this.#left };
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
    if (mark) return `it belongs to the cotenant project "${mark.project}"`;
    if (row[0] === 'postgres')
      return 'objects lie in it, and the maintenance database is no place for an app: move them into a database of their own';
    return nameTrouble(row[0])?.why ?? null;
  }

  /** Puts the apps of a database down; or says why there are none. */
  #place(database: ImportDatabase): string | null {
    const logins = this.#loginsOf(database);
    const able = logins.filter(({ holding }) => holding.level >= LEVEL.writes);
    // Beside logins that have made something, one that only could is no app.
    const making = able.filter(({ holding }) => holding.schemas.size > 0);
    const writers = making.length > 0 ? making : able;
    for (const { row } of writers) {
      const trouble = this.#loginTrouble(row, database);
      if (trouble !== null) return trouble;
    }
    const losing = logins.filter((one) => !writers.includes(one)).map(({ row }) => row[0]);
    const [only, second] = writers;
    if (only === undefined) return this.#placeOperators(database, losing);
    if (second !== undefined) return this.#placeSchemas(database, writers, losing);
    this.#add(database, null, only, losing);
    return null;
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

  #loginTrouble(row: RoleRow, here: ImportDatabase): string | null {
    const [name] = row;
    const mark = readMark(row[10]);
    if (mark) return `its login "${name}" belongs to the cotenant project "${mark.project}"`;
    if (!this.#admin.actsFor(name)) return `this admin may not change its login "${name}": ${this.#admin.hint(name)}`;
    const trouble = nameTrouble(name);
    if (trouble) return `its login cannot be kept: ${trouble.why}`;
    const elsewhere = this.#databases.filter(
      (other) => other !== here && effective(other.holdings, name, this.#groups.get(name)).level >= LEVEL.reads,
    );
    if (elsewhere.length === 0) return null;
    const names = elsewhere.map((other) => `"${other.row[0]}"`).join(', ');
    return `its login "${name}" also works in ${names}, and a login of an app lives in one place: give each database a login of its own, then import again`;
  }

  /** Nobody but the operator works in it: an app can get a login of its own there, and what runs goes on. */
  #placeOperators(database: ImportDatabase, losing: readonly string[]): string | null {
    const { row } = database;
    if (!this.#operators.has(row[1]) && this.#roles.get(row[1])?.[3] !== true) return `no login works in it, and it belongs to "${row[1]}"`;
    this.#add(database, null, null, losing);
    return null;
  }

  /** Several logins: each must have one schema to itself. */
  #placeSchemas(database: ImportDatabase, writers: readonly Login[], losing: readonly string[]): string | null {
    const names = writers.map(({ row }) => `"${row[0]}"`).join(', ');
    const owners = new Map<string, string[]>();
    for (const { row, holding } of writers) {
      for (const schema of holding.schemas) owners.set(schema, [...(owners.get(schema) ?? []), row[0]]);
    }
    const shared = [...owners].filter(([schema, logins]) => logins.length > 1 || schema === 'public').map(([schema]) => `"${schema}"`);
    if (shared.length > 0)
      return `the logins ${names} work in it, and not each in a schema of its own (${shared.sort().join(', ')}): give each app its own schema or database, then import again`;
    const odd = writers.find(({ holding }) => holding.schemas.size > 1);
    if (odd) return `the logins ${names} work in it, and "${odd.row[0]}" in ${odd.holding.schemas.size} schemas of it: an app has one`;
    const without = writers.find(({ holding }) => holding.schemas.size === 0);
    if (without) return `the logins ${names} may all write in it, and no schema says whose it is`;
    if (this.#roles.has(tenantsRole(database.row[0])))
      return `there is a role "${tenantsRole(database.row[0])}" already, a name that is needed for its apps`;
    for (const writer of writers) this.#add(database, [...writer.holding.schemas][0] ?? null, writer, losing);
    return null;
  }

  #add(database: ImportDatabase, schema: string | null, login: Login | null, losing: readonly string[]): void {
    const holding = login?.holding ?? { level: LEVEL.none, database: '', schemas: new Set<string>(), reads: new Set<string>() };
    this.#apps.push({ database, schema, login: login?.row ?? null, holding, owner: this.#ownerOf(database, login), losing });
  }

  /** A group without login, used nowhere else, that owns things where the login works: it can stay what it is. */
  #ownerOf(database: ImportDatabase, login: Login | null): string | null {
    if (!login) return null;
    const owners = [...(this.#groups.get(login.row[0]) ?? [])].filter((name) => {
      const row = this.#roles.get(name);
      if (!row || row[1] || row[3] || readMark(row[10]) || nameTrouble(name)) return false;
      const elsewhere = this.#databases.some((other) => other !== database && other.holdings.has(name));
      const members = [...this.#groups].filter(([, groups]) => groups.has(name)).map(([member]) => member);
      return !elsewhere && members.every((member) => member === login.row[0]) && database.holdings.get(name)?.level === LEVEL.owns;
    });
    return owners.length === 1 ? (owners[0] ?? null) : null;
  }
}

function isEmpty({ rows }: ImportDatabase): boolean {
  return rows === null || (rows.relations.length === 0 && rows.functions.length === 0 && rows.types.length === 0);
}
