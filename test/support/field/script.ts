import type { Line } from '../init-scripts.ts';

/** A login with statements that it sends: what the server answers must be the same before and after it is adopted. */
export interface Actor {
  readonly login: string;
  readonly does: readonly (readonly [database: string, sql: string])[];
}

/** A server as people have it, besides one app for each database. */
export interface FieldScript {
  readonly name: string;
  readonly lines: readonly Line[];
  readonly actors: readonly Actor[];
  /** Parts of the manifest that the import writes. */
  readonly writes: {
    readonly apps?: Readonly<Record<string, unknown>>;
    readonly operators?: Readonly<Record<string, unknown>>;
    /** Logins under `known`. */
    readonly known?: readonly string[];
    readonly shares?: readonly unknown[];
  };
  /** What it says of databases that it leaves out. */
  readonly left?: readonly RegExp[];
}

export const login = (name: string, more = ''): string => `CREATE ROLE "${name}" LOGIN PASSWORD 'old-${name}' ${more}`;
export const own = (name: string): readonly [string, string] => [name, `old-${name}`];
/** An app beside what a script is about, and what it does. */
export const shop: readonly Line[] = [
  ['postgres', login('shop')],
  ['postgres', 'CREATE DATABASE shop OWNER shop'],
  ['shop', 'CREATE TABLE orders (id serial PRIMARY KEY, note text)', own('shop')],
  ['shop', "INSERT INTO orders (note) VALUES ('a')", own('shop')],
];
export const shopWorks: Actor = {
  login: 'shop',
  does: [
    ['shop', "INSERT INTO orders (note) VALUES ('b'); SELECT count(*) FROM orders"],
    ['shop', 'CREATE TABLE more (n int)'],
  ],
};
