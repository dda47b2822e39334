import { type Recipe, recipeNamed } from '../recipes/index.ts';
import { lookUp } from '../util/record.ts';
import type { AppNode } from './apps.ts';
import { asText, type Entry, type MapNode, member, type Node, type Span } from './node.ts';

/** Recipes that apps name, by that name. */
export type Recipes = ReadonlyMap<string, Recipe>;

export async function loadRecipes(apps: readonly AppNode[]): Promise<Recipes> {
  const names = new Set(apps.flatMap((app) => recipeName(app) ?? []));
  const loaded = await Promise.all([...names].map(async (name) => [name, await recipeNamed(name)] as const));
  return new Map(loaded.flatMap(([name, recipe]) => (recipe === null ? [] : [[name, recipe]])));
}

/** The word under `recipe`; null: there is none. */
export function recipeName({ node }: Pick<AppNode, 'node'>): string | null {
  return asText(member(node, 'recipe'));
}

/** What is asked of the recipe of an app. */
interface Wanted {
  readonly engine: string;
  readonly level: string | null;
}

/** The fields of a placement with those of the app's recipe under them. Lists are put together, maps field by field. */
export function withRecipe(app: AppNode, own: MapNode['entries'], recipes: Recipes, { engine, level }: Wanted): MapNode['entries'] {
  const part = lookUp(recipes.get(recipeName(app) ?? '')?.on ?? {}, engine);
  const span = member(app.node, 'recipe')?.span;
  if (part === undefined || span === undefined) return own;
  const fields = { ...part.placement, ...(level === null ? {} : lookUp(part.levels ?? {}, level)) };
  const under = new Map(Object.entries(fields).map(([key, value]): [string, Entry] => [key, { keySpan: span, node: nodeOf(value, span) }]));
  return new Map([...under, ...[...own].map(([key, entry]): [string, Entry] => [key, together(under.get(key), entry)])]);
}

function together(under: Entry | undefined, own: Entry): Entry {
  if (under?.node.kind === 'map' && own.node.kind === 'map')
    return { ...own, node: { ...own.node, entries: new Map([...under.node.entries, ...own.node.entries]) } };
  if (under?.node.kind !== 'list' || own.node.kind !== 'list') return own;
  const said = new Set(own.node.items.map(asText));
  return { ...own, node: { ...own.node, items: [...under.node.items.filter((item) => !said.has(asText(item))), ...own.node.items] } };
}

/** Data of a recipe, as if it stood where the manifest names it. */
function nodeOf(value: unknown, span: Span): Node {
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item) => nodeOf(item, span)), span };
  if (typeof value === 'object' && value !== null)
    return {
      kind: 'map',
      entries: new Map(Object.entries(value).map(([key, one]) => [key, { keySpan: span, node: nodeOf(one, span) }])),
      span,
    };
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return { kind: 'scalar', value: isScalar ? value : null, span };
}
