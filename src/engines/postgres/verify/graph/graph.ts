import { type Acl, parseAcl } from '../../acl.ts';
import { CATALOG } from '../../queries/database.ts';
import type { Row, Whereabouts } from '../../observe/raw-rows.ts';
import { definer } from '../../observe/raw-rows.ts';

/** A relation or a routine that users made, wherever it lies. */
export interface Node {
  readonly oid: number;
  readonly schema: string;
  /** `schema.name`. */
  readonly name: string;
  /** As pg_class has it; `function` for every routine. */
  readonly kind: string;
  readonly owner: string;
  readonly acl: Acl;
  /** What it does, it does with the rights of its owner. */
  readonly asOwner: boolean;
  /** Its search_path is its own. */
  readonly pinned: boolean;
  /** A trigger's or an event trigger's: nobody calls it. */
  readonly called: boolean;
  /** Belongs to an extension; `came`: and came with it, so that nobody put it there. */
  readonly member: boolean;
  readonly came: boolean;
}

export interface Edge {
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  readonly name: string;
  /** Of what depends on no relation. */
  readonly owner: string;
}

/** What a database holds and what depends on what, read from its catalogs and nothing else. */
export class Graph {
  readonly nodes: ReadonlyMap<number, Node>;
  /** Owners of types that users made, and their names. */
  readonly types: ReadonlyMap<number, readonly [owner: string, name: string]>;
  readonly edges: readonly Edge[];
  readonly #from: ReadonlyMap<number, readonly Edge[]>;
  readonly #to: ReadonlyMap<number, readonly Edge[]>;

  constructor(nodes: readonly Node[], types: Graph['types'], edges: readonly Edge[]) {
    this.nodes = new Map(nodes.map((node) => [node.oid, node]));
    this.types = types;
    this.edges = edges;
    this.#from = Map.groupBy(edges, ({ from }) => from);
    this.#to = Map.groupBy(edges, ({ to }) => to);
  }

  from(node: Node, ...kinds: readonly string[]): readonly Edge[] {
    return (this.#from.get(node.oid) ?? []).filter(({ kind }) => kinds.includes(kind));
  }

  to(node: Node, ...kinds: readonly string[]): readonly Edge[] {
    return (this.#to.get(node.oid) ?? []).filter(({ kind }) => kinds.includes(kind));
  }
}

interface Parts {
  readonly where: Whereabouts;
  readonly relations: readonly Row[];
  readonly functions: readonly Row[];
  readonly types: readonly Row[];
  readonly edges: readonly Row[];
  readonly added: readonly Row[];
  readonly invokers: boolean;
}

/** The shapes of the rows stand in `queries-database.ts` and `queries.ts`. */
export function graphOf({ where, relations, functions, types, edges, added, invokers }: Parts): Graph {
  const later = new Set(added.map(([catalog, oid]) => `${String(catalog)} ${String(oid)}`));
  const came = (catalog: number, oid: unknown): boolean => where.isExtensions(catalog, oid) && !later.has(`${catalog} ${String(oid)}`);
  const list = (items: unknown, fallback: Acl): Acl => (Array.isArray(items) ? parseAcl(items as string[]) : fallback);
  const named = (space: unknown, name: unknown): string => `${where.name(space)}.${String(name)}`;
  return new Graph(
    [
      ...relations
        .filter(([, , kind]) => kind !== 'c')
        .map(
          ([oid, space, kind, owner, acl, name, options]): Node => ({
            oid: Number(oid),
            schema: where.name(space),
            name: named(space, name),
            kind: String(kind),
            owner: String(owner),
            acl: list(acl, {}),
            asOwner: definer(kind, options, invokers),
            pinned: true,
            called: true,
            member: where.isExtensions(CATALOG.pg_class, oid),
            came: came(CATALOG.pg_class, oid),
          }),
        ),
      ...functions.map(
        ([oid, space, owner, acl, asOwner, name, pinned, called]): Node => ({
          oid: Number(oid),
          schema: where.name(space),
          name: `${named(space, name)}()`,
          kind: 'function',
          owner: String(owner),
          acl: list(acl, { '': 'X' }),
          asOwner: asOwner === true,
          pinned: pinned === true,
          called: called === true,
          member: where.isExtensions(CATALOG.pg_proc, oid),
          came: came(CATALOG.pg_proc, oid),
        }),
      ),
    ],
    new Map(types.map(([oid, , owner, , name]) => [Number(oid), [String(owner), String(name)]])),
    edges.map(([kind, from, to, name, owner]) => ({
      kind: String(kind),
      from: Number(from),
      to: Number(to),
      name: String(name),
      owner: String(owner),
    })),
  );
}
