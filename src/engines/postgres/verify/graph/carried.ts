import type { DatabaseContext } from '../database-context.ts';
import type { Graph, Node } from './graph.ts';

/** Whose data or rights somebody comes to through an object, and by which way. */
export interface Way {
  /** An app, or a database that apps share by rows; null: the server, and so everybody. */
  readonly to: string | null;
  /** What lies between, the object itself first. */
  readonly through: readonly string[];
  /** Only looks. */
  readonly reads: boolean;
}

/** Letters that write. */
const WRITES = /[awdD]/;

/**
 * What a right on an object is worth. The rules, a line each:
 *
 * - who reads a view with its owner's rights, or a materialized view, reads what its owner may read of what it selects from;
 * - who reads or writes a table does so to its partitions and children;
 * - who writes where a rule stands does what the rule does, with the rights of the table's owner;
 * - who reads a view that calls a function which runs as its owner, or may call that function, acts as that owner.
 */
export class Carried {
  readonly #inside: DatabaseContext;
  readonly #graph: Graph;
  readonly #rows: boolean;

  constructor(inside: DatabaseContext, graph: Graph) {
    [this.#inside, this.#graph] = [inside, graph];
    this.#rows = inside.place.space?.apps[0]?.placement.isolation === 'rows';
  }

  /** Without the object's own data. */
  by(node: Node, letters: string, seen: ReadonlySet<number> = new Set()): readonly Way[] {
    if (seen.has(node.oid)) return [];
    const passed = new Set([...seen, node.oid]);
    const on = (ways: readonly Way[]): readonly Way[] => ways.map((way) => ({ ...way, through: [node.name, ...way.through] }));
    const reads = !WRITES.test(letters);
    if (node.kind === 'function') return node.asOwner ? on(this.actingAs(node.owner)) : [];
    if (node.kind === 'v' || node.kind === 'm') return node.asOwner ? on(this.#selected(node, letters, passed)) : [];
    const children = this.#graph.to(node, 'child').flatMap(({ from }) => this.#whole(from, letters, passed, reads));
    return on([...children, ...(reads ? [] : this.#written(node, passed))]);
  }

  /** The rights of a role. */
  actingAs(role: string): readonly Way[] {
    const { snapshot, place } = this.#inside;
    const principal = snapshot.principalOf(role);
    if (principal === null || principal.kind === 'operator') return [{ to: null, through: [role], reads: false }];
    if (principal.kind === 'space') return principal.roles.length > 1 ? [{ to: place.target, through: [role], reads: false }] : [];
    return principal.kind === 'app' || principal.kind === 'retired' ? [{ to: principal.name, through: [role], reads: false }] : [];
  }

  /** Whose rows a table holds; null: nobody's here. */
  dataOf(node: Node): string | null {
    const { snapshot, areas, place } = this.#inside;
    const principal = snapshot.principalOf(node.owner);
    const area = areas.get(node.schema)?.owner ?? null;
    if (area !== null) return area;
    if (principal?.kind === 'app' || principal?.kind === 'retired') return principal.name;
    return this.#rows && principal?.kind === 'space' ? place.target : null;
  }

  #whole(oid: number, letters: string, passed: ReadonlySet<number>, reads: boolean): readonly Way[] {
    const node = this.#graph.nodes.get(oid);
    if (!node) return [];
    const to = this.dataOf(node);
    const own: readonly Way[] = to === null || node.kind === 'v' ? [] : [{ to, through: [node.name], reads }];
    return [...own, ...this.by(node, letters, passed)];
  }

  #selected(node: Node, letters: string, passed: ReadonlySet<number>): readonly Way[] {
    const tables = this.#graph.from(node, 'view').filter(({ to }) => node.kind === 'm' || this.#mayRead(node.owner, to));
    const secrets = this.#graph.from(node, 'secret').map((): Way => ({ to: null, through: ['the server’s own catalogs'], reads: true }));
    const called = this.#graph.from(node, 'view calls').flatMap(({ to }) => this.#called(to));
    return [...tables.flatMap(({ to }) => this.#whole(to, letters, passed, !WRITES.test(letters))), ...secrets, ...called];
  }

  #written(node: Node, passed: ReadonlySet<number>): readonly Way[] {
    const ruled = this.#graph.from(node, 'rule').filter(({ to }) => this.#mayRead(node.owner, to));
    return [
      ...ruled.flatMap(({ to }) => this.#whole(to, 'rawd', passed, false)),
      ...this.#graph.from(node, 'rule calls').flatMap(({ to }) => this.#called(to)),
    ];
  }

  #called(oid: number): readonly Way[] {
    const routine = this.#graph.nodes.get(oid);
    return routine?.asOwner === true
      ? this.actingAs(routine.owner).map((way) => ({ ...way, through: [routine.name, ...way.through] }))
      : [];
  }

  /** Whether a role may read it, by itself or as a member. */
  #mayRead(role: string, oid: number): boolean {
    const { snapshot } = this.#inside;
    const node = this.#graph.nodes.get(oid);
    if (!node) return false;
    const mine = new Set(['', role, ...snapshot.memberships.reach(role).usable]);
    if ([...mine].some((one) => snapshot.roles.get(one)?.superuser === true || one === 'pg_read_all_data') || mine.has(node.owner))
      return true;
    return Object.entries(node.acl).some(([grantee, letters]) => mine.has(grantee) && letters.includes('r'));
  }
}
