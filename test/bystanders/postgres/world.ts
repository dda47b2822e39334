import type { Document } from '../frame.ts';

/** A statement with the database that it runs in, and the login that runs it; the operator where none is named. */
export type Line = readonly [database: string, sql: string, login?: string];

/** One thing that a login does. It runs in a transaction that is rolled back. */
export interface Act {
  readonly login: string;
  readonly database: string;
  /** In words: `reads "public"."notes"`. */
  readonly does: string;
  readonly sql: string;
  /** Names that a loss has to name, besides the database. */
  readonly said?: readonly (readonly string[])[];
  readonly forbidden?: true;
  /** Name of the sight that it depends on, where that is not its own connection. */
  readonly through?: string;
  /** The app whose things it looks at. */
  readonly on?: string;
}

/** An object whose definition, owner, rights and rows must stay. */
export interface Thing {
  readonly database: string;
  readonly kind:
    | 'relation'
    | 'routine'
    | 'schema'
    | 'event trigger'
    | 'server'
    | 'publication'
    | 'large object'
    | 'slot'
    | 'subscription'
    | 'prepared transaction'
    | 'database'
    | 'type'
    /** Rights of a login on what will be made. */
    | 'defaults'
    /** Whether a login may read what the owner of a relation makes next to it: `<login> <relation>`. */
    | 'future';
  /** As `to_regclass`, `regprocedure` or `to_regtype` takes it; else the plain name. */
  readonly name: string;
  /** The login that it is for. */
  readonly who: string;
}

/** A table that holds rows of an app, hand-made or cotenant's own. */
export interface Table {
  readonly database: string;
  readonly schema: string;
  readonly name: string;
}

/** Somebody on the server: how it is set up, what it does, what is its own. */
export interface Bystander {
  readonly script: readonly Line[];
  readonly acts: readonly Act[];
  readonly things: readonly Thing[];
  /** Tables of a hand-made app: their rows and columns stay, whoever owns them later. */
  readonly tables?: readonly (Table & { readonly login: string })[];
  /** Reads every table of every database that it may read, as a backup does. */
  readonly backup?: string;
  /** Opens replication connections: a logical one to a database, or a physical one to none. */
  readonly replicates?: readonly (readonly [login: string, database: string | null])[];
  /** Another project of cotenant on this server: its manifest's apps, applied when it is built. */
  readonly project?: Document;
  /** Sessions that it has open all the time. */
  readonly sessions?: readonly (readonly [login: string, database: string])[];
}

/** A bystander as plain data. */
export interface Piece {
  readonly kind: string;
  /** Its own, so that two of one kind do not meet. */
  readonly id: string;
  /** Databases that it has to do with. */
  readonly databases: readonly string[];
  readonly how: string;
  /** The table that it looks at; `public.notes` unless set. */
  readonly table?: { readonly schema: string; readonly name: string };
  /** Apps that it has to do with. */
  readonly apps?: readonly string[];
  /** Built by a move of the story, `build:<id>`, not at the start. */
  readonly late?: true;
}

/** The table that it looks at, as a statement names it. */
export const tableOf = ({ table }: Piece): string => `${table?.schema ?? 'public'}.${table?.name ?? 'notes'}`;

/** Its name, as a loss says it. */
export const nameOf = ({ table }: Piece): string => `"${table?.name ?? 'notes'}"`;

export type Builder = (piece: Piece) => Bystander;

export const nobody: Bystander = { script: [], acts: [], things: [] };

/** `names`: those that a loss may name, each for itself. */
export const act = (login: string, database: string, does: string, sql: string, ...names: readonly string[]): Act => ({
  login,
  database,
  does,
  sql,
  said: names.map((name) => [name]),
});

/** Lets it into databases that are closed to PUBLIC, as those are that cotenant made, and into the schema. */
export const letIn = ({ id, databases, late, table }: Piece, login = id): readonly Line[] =>
  late === true
    ? databases.map((database) => [
        database,
        `GRANT CONNECT ON DATABASE "${database}" TO ${login}; GRANT USAGE ON SCHEMA ${table?.schema ?? 'public'} TO ${login}`,
      ])
    : [];

/** A statement with the owner of the table that it looks at as `%1$I`, where that is no superuser. */
export const asOwner = (piece: Piece, statement: string): string =>
  `DO $do$ DECLARE o text := (SELECT rolname FROM pg_roles r JOIN pg_class c ON r.oid = c.relowner WHERE c.oid = '${tableOf(piece)}'::regclass AND NOT rolsuper);
   BEGIN IF o IS NOT NULL THEN EXECUTE format($f$${statement}$f$, o); END IF; END $do$`;

/** A statement for servers from that major on. */
export const from = (major: number, statement: string): string =>
  `DO $do$ BEGIN IF current_setting('server_version_num')::int >= ${major}0000 THEN EXECUTE $f$${statement}$f$; END IF; END $do$`;

export const passwordOf = (login: string): string => `old-${login}`;
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const createLogin = (name: string, more = ''): string => `CREATE ROLE ${quoted(name)} LOGIN PASSWORD '${passwordOf(name)}' ${more}`;
/** The rows of a table in one short text. */
export const digest = (relation: string): string =>
  `SELECT count(*)::int AS n, md5(coalesce(string_agg(r::text, '|' ORDER BY r::text), '')) AS rows FROM ${relation} r`;
