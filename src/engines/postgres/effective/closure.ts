import { append } from '../../../util/append.ts';
/** One membership, with what it passes on. Before 16 it passes rights on where the member says INHERIT, and can always be set. */
export interface Edge {
  readonly group: string;
  readonly member: string;
  readonly inherit: boolean;
  readonly set: boolean;
  readonly admin: boolean;
}

const NONE: readonly Edge[] = [];

/** Whose rights each role has, through any chain of memberships. Pure. */
export class Closure {
  readonly #up = new Map<string, Edge[]>();
  readonly #down = new Map<string, Edge[]>();
  readonly #inherited = new Map<string, ReadonlySet<string>>();
  readonly #becomes = new Map<string, ReadonlySet<string>>();
  readonly #usable = new Map<string, ReadonlySet<string>>();

  constructor(edges: Iterable<Edge>) {
    for (const edge of edges) {
      append(this.#up, edge.member, edge);
      append(this.#down, edge.group, edge);
    }
  }

  /** Itself, and roles whose rights it has without doing anything: those that count when it connects. */
  inherited(role: string): ReadonlySet<string> {
    return memo(this.#inherited, role, () => this.#walk([role], (edge) => edge.inherit));
  }

  /** Itself, and all roles that it can be after SET ROLE. Who administers one lets itself in. */
  becomes(role: string): ReadonlySet<string> {
    return memo(this.#becomes, role, () => this.#walk([role], (edge) => edge.set || edge.admin));
  }

  /** Itself, and all roles whose rights it has or gets by SET ROLE. */
  usable(role: string): ReadonlySet<string> {
    return memo(this.#usable, role, () => this.#walk([...this.becomes(role)], (edge) => edge.inherit));
  }

  /** Itself, and all roles that depend on it in any way: a superset of those that can use it. */
  below(role: string): ReadonlySet<string> {
    const found = new Set([role]);
    for (const one of found) for (const { member } of this.#down.get(one) ?? NONE) found.add(member);
    return found;
  }

  #walk(from: readonly string[], follows: (edge: Edge) => boolean): ReadonlySet<string> {
    const found = new Set(from);
    for (const one of found) for (const edge of this.#up.get(one) ?? NONE) if (follows(edge)) found.add(edge.group);
    return found;
  }
}

function memo<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}
