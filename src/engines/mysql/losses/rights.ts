import { GLOBAL, listOf } from '../grants.ts';
import type { Grants } from '../spec.ts';

/** What somebody may do. */
export interface Rights {
  /** Privileges by target. */
  readonly on: ReadonlyMap<string, ReadonlySet<string>>;
  /** Databases in which a privilege on everything does not count (partial_revokes), by privilege. */
  readonly but: ReadonlyMap<string, ReadonlySet<string>>;
}

export const NO_RIGHTS: Rights = { on: new Map(), but: new Map() };

/** Rights on everything that are about no database's content. */
const SERVER_ONLY: ReadonlySet<string> = new Set([
  'BINLOG MONITOR',
  'CONNECTION ADMIN',
  'CONNECTION_ADMIN',
  'PROCESS',
  'REPLICATION CLIENT',
  'SHUTDOWN',
  'SLAVE MONITOR',
]);

/** True where rights on everything open something in that database, or help to what does. */
export function opens({ on, but }: Rights, database: string, needed?: readonly string[]): boolean {
  return [...(on.get(GLOBAL) ?? [])].some(
    (one) => (needed ? needed.includes(one) : !SERVER_ONLY.has(one)) && but.get(one)?.has(database) !== true,
  );
}

/** Rights of several holders, put together. */
export class Collected implements Rights {
  readonly on = new Map<string, Set<string>>();
  readonly but = new Map<string, ReadonlySet<string>>();

  /** `restrictions`: databases in which what this holder has on everything does not count. One who has it there all the same is enough. */
  add(from: Rights['on'], restrictions: Grants = {}): void {
    for (const privilege of from.get(GLOBAL) ?? []) {
      const left = Object.entries(restrictions).flatMap(([database, list]) => (listOf(list).includes(privilege) ? [database] : []));
      const has = this.on.get(GLOBAL)?.has(privilege) === true;
      const both = has ? left.filter((one) => this.but.get(privilege)?.has(one)) : left;
      if (both.length > 0) this.but.set(privilege, new Set(both));
      else this.but.delete(privilege);
    }
    for (const [target, privileges] of from) this.on.set(target, new Set([...(this.on.get(target) ?? []), ...privileges]));
  }
}

/** Grants that can be changed. */
export function setsOf(grants: Grants): Map<string, Set<string>> {
  return new Map(Object.entries(grants).map(([target, list]) => [target, new Set(listOf(list))]));
}

/** Puts privileges to what is there. */
export function add(into: Map<string, Set<string>>, target: string, privileges: string): void {
  const set = into.get(target) ?? new Set<string>();
  for (const one of listOf(privileges)) set.add(one);
  into.set(target, set);
}

export function remove(from: Map<string, Set<string>>, target: string, privileges: string): void {
  const set = from.get(target);
  for (const one of listOf(privileges)) set?.delete(one);
  if (set?.size === 0) from.delete(target);
}
