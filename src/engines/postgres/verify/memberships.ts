import type { MemberRow } from './catalog-shared.ts';
import { append } from '../../../util/append.ts';

/** How a role was reached: the membership that led there, and the role before it. */
export interface Hop {
  readonly edge: MemberRow;
  readonly before: Hop | null;
}

interface Reach {
  /** Roles whose rights it has or can get, each with the way that leads there. */
  readonly ways: ReadonlyMap<string, Hop>;
  /** Those of them that need no grant first. */
  readonly usable: ReadonlySet<string>;
  /** Those whose rights it has without a SET ROLE, and so also when it connects. */
  readonly inherited: ReadonlySet<string>;
  /** Those that it can be by SET ROLE. */
  readonly becomes: ReadonlySet<string>;
}

/**
 * What each role can become or use, through any chain of memberships. A membership passes rights on by INHERIT, lets one
 * become the group by SET ROLE, or by ADMIN OPTION lets one grant the group to oneself. One that has none of the three
 * gives nothing (possible since version 16).
 */
export class Memberships {
  readonly #edges = new Map<string, MemberRow[]>();
  readonly #reach = new Map<string, Reach>();

  constructor(rows: readonly MemberRow[]) {
    for (const row of rows) append(this.#edges, row[1], row);
  }

  reach(role: string): Reach {
    const known = this.#reach.get(role);
    if (known) return known;
    const itself: readonly [string, null] = [role, null];
    const inherited = this.#walk([itself], (edge) => edge[3]);
    const becomes = this.#walk([itself], (edge) => edge[4]);
    const usable = new Map([...this.#walk([itself, ...becomes], (edge) => edge[3]), ...becomes]);
    // Who may grant a group may grant it to themselves, and goes on from there.
    const ways = new Map([...this.#walk([itself, ...usable], (edge) => edge[2] || edge[3] || edge[4]), ...usable]);
    for (const set of [ways, usable, inherited, becomes]) set.delete(role);
    const fresh = { ways, usable: new Set(usable.keys()), inherited: new Set(inherited.keys()), becomes: new Set(becomes.keys()) };
    this.#reach.set(role, fresh);
    return fresh;
  }

  #walk(from: readonly (readonly [string, Hop | null])[], follows: (edge: MemberRow) => boolean): Map<string, Hop> {
    const found = new Map<string, Hop>();
    const queue = [...from];
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [name, before] = next;
      for (const edge of this.#edges.get(name) ?? []) {
        const [group] = edge;
        if (!follows(edge) || found.has(group)) continue;
        const hop: Hop = { edge, before };
        found.set(group, hop);
        queue.push([group, hop]);
      }
    }
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
