import type { Document, Edit, Json } from '../bystanders/frame.ts';

/** What people do to a manifest in one go. */
export interface Story {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** It asks for nothing new on the server: known logins, addresses that only variables tell. */
  readonly silent?: true;
  /** What ends data comes with the apply after the one that retires. */
  readonly twice?: true;
}

/** A statement of the admin, and where it runs. */
export type Line = readonly [database: string, statement: string];

/** A manifest without `cotenant`, `project` and how the server is reached, and all that may happen to it. */
export interface Edits {
  readonly document: Document;
  readonly stories: readonly Story[];
  /** Apps that are taken out and given back by `restore-app`. */
  readonly restored: readonly string[];
  /** What stands on the server before: logins of operators and strangers. */
  readonly before: readonly Line[];
  /** What the apps make once they are in. */
  readonly seed: readonly Line[];
}

/** `put('apps.shop.uses.main.connections', 3)` */
export function put(path: string, value: Json, place?: 'first'): Edit {
  return { path: path.split('.'), value, ...(place ? { place } : {}) };
}

export function out(path: string): Edit {
  return { path: path.split('.') };
}

export function story(name: string, ...edits: readonly Edit[]): Story {
  return { name, edits };
}

export function silent(name: string, ...edits: readonly Edit[]): Story {
  return { name, edits, silent: true };
}

export function deleted(name: string, ...edits: readonly Edit[]): Story {
  return { name, edits: [...edits, put('removal', 'delete')], twice: true };
}
