import { lookUp, putIn } from '../../../util/record.ts';
import { type Acl, parseAcl } from '../acl.ts';
import { readDefaultKey } from '../observe/default-key.ts';
import type { ObjectClass, ObjectsSpec } from '../spec.ts';

interface Groups {
  readonly owner: string;
  readonly readWrite: string;
  readonly readOnly: string | null;
  readonly truncate?: boolean;
}

/** What the groups may do with objects of a type; the owner's own entry is added by `withOwner`. */
export function privilegesFor(type: 'schema' | 'table' | 'sequence' | 'function', groups: Groups): Acl {
  const acl: Record<string, string> = {};
  const [data, numbers] = groups.truncate === true ? ['Dadrw', 'Urw'] : ['adrw', 'Ur'];
  const [write, read] = { schema: ['U', 'U'], table: [data, 'r'], sequence: [numbers, 'r'], function: ['X', ''] }[type] as [string, string];
  putIn(acl, groups.readWrite, write);
  if (groups.readOnly !== null && read !== '') putIn(acl, groups.readOnly, read);
  if (type === 'schema') putIn(acl, groups.owner, 'CU');
  return acl;
}

/** True where an app's groups have just what they have on what is the app's own. `items`: null where nobody was given anything. */
export function isOpenToGroups(type: 'table' | 'sequence' | 'function', items: readonly string[] | null, groups: Groups): boolean {
  const acl = parseAcl(items ?? []);
  return Object.entries(privilegesFor(type, groups)).every(([group, letters]) => lookUp(acl, group) === letters);
}

/** All that an owner has by default on a type, for a server version as `180004`. */
export function ownerLetters(type: ObjectClass['type'], version: number): string {
  if (type === 'schema') return 'CU';
  if (type === 'sequence') return 'Urw';
  if (type === 'function') return 'X';
  if (type === 'type') return 'U';
  if (type === 'large object') return 'rw';
  return version >= 170000 ? 'Dadmrtwx' : 'Dadrtwx';
}

/**
 * The access list that objects of a class should have, their owner's entry included; null: cotenant has no opinion.
 * In `rows` mode a shared table is opened by the guard and by nothing else.
 */
export function expectedAcl(spec: ObjectsSpec, objects: ObjectClass, version: number): Acl | null {
  if (objects.stays) return objects.stays.acl;
  const own = { [spec.owner]: ownerLetters(objects.type, version) };
  if (objects.type === 'column') return objects.shared ?? {};
  if (objects.type === 'type' || objects.type === 'large object' || objects.type === 'other') return null;
  if (spec.mode === 'app') {
    const type = objects.type === 'view' ? 'table' : objects.type;
    return { ...own, ...privilegesFor(type, spec), ...objects.shared };
  }
  if (objects.type === 'schema') return own;
  const reads = spec.readOnly === null ? {} : { [spec.readOnly]: 'r' };
  if (objects.type === 'table') return objects.guarded ? { ...own, [spec.readWrite]: 'adrw', ...reads } : own;
  if (objects.type === 'sequence') return { ...own, [spec.readWrite]: 'U' };
  // A view or function that runs with its owner's rights would read past the guard.
  if (objects.type === 'view') return objects.definer ? own : { ...own, [spec.readWrite]: 'r', ...reads };
  return objects.definer ? own : { ...own, [spec.readWrite]: 'X' };
}

/** What the server grants on new objects where nothing was said: the owner's own rights are left out on both sides. */
const BUILT_IN: Readonly<Record<string, Readonly<Record<string, string>>>> = { function: { '': 'X' }, type: { '': 'U' } };

export function builtInDefault(key: string): Readonly<Record<string, string>> {
  const { schema, type } = readDefaultKey(key);
  return schema === '' ? (lookUp(BUILT_IN, type) ?? {}) : {};
}
