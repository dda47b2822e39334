import type { Blocker } from '../connect/blockers.ts';

/** Something of others, and what of the app it depends on. */
export interface Hanging {
  /** In the server's words: `column m of table erp.orders`. */
  readonly what: string;
  /** Its owner's role; '' for what has none. */
  readonly owner: string;
  /** What of the app it needs; '' where it only lies in the database that goes. */
  readonly on: string;
  /** The statement after which it depends on nothing of the app, and keeps its rows; '': there is none to paste. */
  readonly remedy: string;
}

/** What of others in one database is in the way of a delete of an app. */
export interface HangingIn {
  readonly app: string;
  readonly database: string;
  readonly hanging: readonly Hanging[];
}

export type RightsRow = readonly [kind: 'table' | 'schema' | 'default' | 'other', what: string, owner: string, items: readonly string[]];

/** `passedTo`: those to whom a role of the app gave it on. Owner '': nobody in particular. */
export type SharedRightsRow = readonly [what: string, owner: string, items: readonly string[], passedTo: readonly string[]];

/** What of a retired app a delete would end in one database. `hanging`, of others, would go too. */
export interface Remains extends HangingIn {
  /** True where the database is the app's own and goes as a whole. */
  readonly whole: boolean;
  /** The app's roles that own something here. */
  readonly owners: readonly string[];
  /** Those that have rights and own nothing. */
  readonly holders: readonly string[];
  readonly schemas: readonly string[];
  readonly tables: number;
  readonly rows: number;
  /** True where `rows` is what the server's statistics say. */
  readonly estimated: boolean;
  /** In words, so that it does not move with every page. */
  readonly size: string;
  readonly largeObjects: number;
  /** Roles of shares: what they own goes with the share. */
  readonly shares: readonly string[];
  /** Rights that the app's roles gave on by a grant option, on things of others: who has it, which. */
  readonly passedOn: readonly (readonly [who: string, what: string])[];
  /** Things on which the app's roles have rights, and their own that others may use: kind, in the server's words, owner, access list. */
  readonly rights: readonly RightsRow[];
  /** Who holds relations of the app, and does not let them go by itself. */
  readonly blockers: readonly Blocker[];
  /** Statements for what has no owner and stands in the way. */
  readonly before: readonly string[];
}

/** Sessions of one login in a database, or its transactions that use a schema. */
export interface Holding {
  /** '': it is nobody's, as a background worker. */
  readonly login: string;
  /** What it is, where that is no client. */
  readonly type: string;
  readonly database: string;
  /** null: the whole database. */
  readonly schema: string | null;
  /** False where this admin cannot end them. */
  readonly endable: boolean;
}

/** A foreign server, a user mapping or a subscription that leads into a database. */
export interface Link {
  /** Who comes through it; '' is everybody who comes into the database that it lies in. */
  readonly who: string;
  /** In words: `foreign server "far" of database "dwh"`. */
  readonly what: string;
  /** The database that it lies in. */
  readonly within: string;
  /** The database that it leads to; null: that cannot be told. */
  readonly to: string | null;
  /** As whom; null: that cannot be told. */
  readonly login: string | null;
}

/** What of an app all databases share, and what keeps it from being renamed or dropped. */
export interface Held {
  readonly app: string;
  /** Its databases, retired or not yet. */
  readonly databases: readonly string[];
  /** gid, database, owner. */
  readonly prepared: readonly (readonly [gid: string, database: string, owner: string])[];
  readonly slots: readonly (readonly [slot: string, database: string, active: boolean])[];
  readonly subscriptions: readonly (readonly [subscription: string, database: string])[];
  /** Of others than the app. */
  readonly sessions: readonly Holding[];
  /** What in other databases names one of these: whoever uses it loses the way. */
  readonly links: readonly Link[];
  /** Of the app's roles, outside of any database: what in the server's words, its owner. */
  readonly owns: readonly (readonly [what: string, owner: string])[];
  /** Rights of its roles on tablespaces and parameters. */
  readonly sharedRights: readonly SharedRightsRow[];
  /** Roles of the app that have rights on what all databases share. */
  readonly sharing: readonly string[];
  /** Databases that cannot be looked into, and templates. */
  readonly closed: readonly string[];
  readonly templates: readonly string[];
}
