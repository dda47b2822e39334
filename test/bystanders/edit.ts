import type { Random } from '../support/random.ts';
import type { Document, Edit, Json, Move } from './frame.ts';

type Map = { readonly [key: string]: Json };

/** The document after the edits. One that leads through something that is not there changes nothing: a shrunk story has such. */
export function edited(document: Document, edits: readonly Edit[]): Document {
  return edits.reduce((now, edit) => put(now, edit.path, edit), document);
}

function put(map: Map, [key, ...rest]: readonly string[], edit: Edit): Map {
  if (key === undefined) return map;
  const old = Object.hasOwn(map, key) ? map[key] : undefined;
  if (rest.length > 0) return isMap(old) || old === undefined ? { ...map, [key]: put(isMap(old) ? old : {}, rest, edit) } : map;
  const { [key]: _old, ...others } = map;
  if (edit.value === undefined) return edit.recall === true ? map : others;
  if (old !== undefined && edit.place === undefined) return { ...map, [key]: edit.value };
  return edit.place === 'first' ? { [key]: edit.value, ...others } : { ...others, [key]: edit.value };
}

const isMap = (value: Json | undefined): value is Map => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands there; undefined: nothing. */
export function valueAt(document: Document, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((value, key) => (isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined), document);
}

/** Names under `apps`. */
export function appsOf(document: Document): readonly string[] {
  const apps = document['apps'];
  return isMap(apps) ? Object.keys(apps) : [];
}

/** How an app lives on the one instance. null: it does not. */
export function placementOf(document: Document, app: string): Map | null {
  const apps = document['apps'];
  const entry = isMap(apps) ? apps[app] : undefined;
  const uses = isMap(entry) ? entry['uses'] : undefined;
  const placement = isMap(uses) ? uses['main'] : undefined;
  return isMap(uses) && 'main' in uses ? (isMap(placement) ? placement : {}) : null;
}

/** A fix while edits wait for their apply: it is about what was applied, and takes nothing that they would. Then they are applied, or were never meant. */
export function besideEdits(random: Random, app: string, edits: readonly Edit[]): readonly Move[] {
  const back = [...edits.map(({ path }): Edit => ({ path, recall: true })), { path: ['apps', app], recall: true } as const];
  return [
    { verb: 'fix', edits },
    random.chance(0.5) ? { verb: 'fix', edits: back } : { verb: 'apply' },
    { verb: 'apply' },
    { verb: 'again' },
  ];
}
