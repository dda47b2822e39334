import type { FuncCall, Node } from 'libpg-query';

type Bag = Readonly<Record<string, unknown>>;

function isBag(value: unknown): value is Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every node below, itself included, with the key under which it stands: the tree's own name for its kind, or the field. */
export function* below(value: unknown, key = ''): Generator<readonly [string, Bag]> {
  if (Array.isArray(value)) for (const one of value) yield* below(one, key);
  if (!isBag(value)) return;
  yield [key, value];
  for (const [name, child] of Object.entries(value)) yield* below(child, name);
}

export function callsIn(node: unknown): readonly FuncCall[] {
  return [...below(node)].filter(([key]) => key === 'FuncCall').map(([, bag]) => bag);
}

/** The words of a name in parts: strings, or a list of them. */
export function nameWords(nodes: readonly Node[] | undefined): readonly string[] {
  return (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
}

/** An object of DROP, COMMENT, GRANT as its words: `schema`, `name`. */
export function objectWords(node: Node | undefined): readonly string[] {
  if (!node) return [];
  if ('String' in node) return [node.String.sval ?? ''];
  if ('List' in node) return (node.List.items ?? []).flatMap((item) => objectWords(item));
  if ('TypeName' in node) return nameWords(node.TypeName.names);
  if ('ObjectWithArgs' in node) return nameWords(node.ObjectWithArgs.objname);
  if ('RangeVar' in node) return [node.RangeVar.schemaname, node.RangeVar.relname].filter((word) => word !== undefined);
  return [];
}
