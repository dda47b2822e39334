import type { MemberRow } from './catalog-shared.ts';

/** How a role was reached: the membership that led there, and the role before it. */
export interface Hop {
  readonly edge: MemberRow;
  readonly before: Hop | null;
}

/**
 * What each role can become or use, through any chain of memberships. A membership passes rights on by INHERIT, lets one
 * become the group by SET ROLE, or by ADMIN OPTION lets one grant the group to oneself. One that has none of the three
 * gives nothing (possible since version 16).
 */
export class Memberships {
  readonly #edges = new Map<string, MemberRow[]>();
  readonly #reach = new Map<string, ReadonlyMap<string, Hop>>();

  constructor(rows: readonly MemberRow[]) {
    for (const row of rows) this.#edges.set(row[1], [...(this.#edges.get(row[1]) ?? []), row]);
  }

  /** Groups that this role is a member of itself. */
  of(role: string): readonly MemberRow[] {
    return this.#edges.get(role) ?? [];
  }

  /** Roles whose rights it can have, itself left out, each with the way that leads there. */
  reach(role: string): ReadonlyMap<string, Hop> {
    const known = this.#reach.get(role);
    if (known) return known;
    const fresh = this.#walk(role);
    this.#reach.set(role, fresh);
    return fresh;
  }

  #walk(role: string): ReadonlyMap<string, Hop> {
    const found = new Map<string, Hop>();
    // Roles that it can be in full, and so go on from by SET ROLE; the others it only inherits from.
    const become = new Set([role]);
    const queue: { name: string; full: boolean; hop: Hop | null }[] = [{ name: role, full: true, hop: null }];
    for (let next = queue.shift(); next; next = queue.shift()) {
      for (const edge of this.of(next.name)) {
        const [group, , admin, inherit, set] = edge;
        const full = admin || (set && next.full);
        if (!full && !inherit) continue;
        const better = full && !become.has(group);
        if (found.has(group) && !better) continue;
        const hop = { edge, before: next.hop };
        if (!found.has(group) || better) found.set(group, hop);
        if (full) become.add(group);
        queue.push({ name: group, full, hop });
      }
    }
    found.delete(role);
    return found;
  }
}

/** `a → b → c`, from the role that begins. */
export function wayOf(hop: Hop): string {
  return hop.before === null ? `${hop.edge[1]} → ${hop.edge[0]}` : `${wayOf(hop.before)} → ${hop.edge[0]}`;
}

/** The first membership on the way that leads out of `allowed`. */
export function firstOutside(hop: Hop, allowed: ReadonlySet<string>): MemberRow {
  const earlier = hop.before === null ? null : firstOutside(hop.before, allowed);
  return earlier !== null && !allowed.has(earlier[0]) ? earlier : hop.edge;
}
