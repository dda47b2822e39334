import type { Document } from '../frame.ts';

/** An account, and where its sessions come from. Each account has a password of its own: one that is taken for another does not get in. */
export interface Login {
  readonly user: string;
  /** The host in its name. */
  readonly host: string;
  /** An address of this machine; 127.0.0.1 unless set. */
  readonly from?: string;
  /** The name that it gives, where its account has none. */
  readonly gives?: string;
  readonly password?: string;
}

export const accountOf = (user: string, host = '%', from?: string): Login => ({ user, host, ...(from === undefined ? {} : { from }) });
export const keyOf = ({ user, host }: Login): string => `${user}@${host}`;
export const passwordOf = (login: Login): string => login.password ?? `old ${keyOf(login)}`;

/** A statement of the world, and who sends it: the operator where nobody is named. */
export type Line = readonly [sql: string, login?: Login];

/** One thing that a login does. Statements run in a transaction that is rolled back; DDL undoes itself. */
export interface Act {
  readonly login: Login;
  /** In words: `reads notes of "hand_0"`. */
  readonly does: string;
  readonly sql: readonly string[];
  /** It must be refused, before and after. */
  readonly forbidden?: true;
  /** How a loss may name it, besides that the login does not get in. */
  readonly said: readonly (readonly string[])[];
}

/** Somebody on the server. What is theirs is read from the server: accounts, rights, databases, objects, rows. */
export interface Bystander {
  readonly script: readonly Line[];
  readonly logins: readonly Login[];
  readonly acts: readonly Act[];
  /** Another project of cotenant on this server. */
  readonly project?: Document;
}

/** A bystander as plain data. */
export interface Piece {
  readonly kind: string;
  /** Its own, so that two of one kind do not meet. */
  readonly id: string;
  readonly how: string;
  /** Databases that it has to do with. */
  readonly databases: readonly string[];
  /** The table that it looks at; `notes` unless set. */
  readonly table?: string;
  /** Built by a move of the story, `build:<id>`, not at the start. */
  readonly late?: true;
}

export interface Around {
  readonly flavor: 'mysql' | 'mariadb';
}

export type Builder = (piece: Piece, around: Around) => Bystander;

export const text = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
export const ident = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
export const who = (login: Login): string => `${text(login.user)}@${text(login.host)}`;
export const createUser = (login: Login, more = ''): Line => [`CREATE USER ${who(login)} IDENTIFIED BY ${text(passwordOf(login))} ${more}`];
/** The name of a database in a grant, taken as it is. */
export const escaped = (database: string): string => ident(database.replaceAll(/[\\_%]/g, String.raw`\$&`));
export const tableOf = ({ table = 'notes' }: Piece): string => table;

export const act = (login: Login, does: string, sql: string | readonly string[], ...said: (readonly string[])[]): Act => ({
  login,
  does,
  sql: typeof sql === 'string' ? [sql] : sql,
  said,
});

/** All rows of a table. */
export const rowsOf = (database: string, table: string): string => `SELECT * FROM ${ident(database)}.${ident(table)} ORDER BY 1`;
