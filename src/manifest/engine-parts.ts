import { resolve } from 'node:path';
import type { Engine } from '../engine/index.ts';
import type { Path } from '../model/index.ts';
import type { AppNode } from './apps.ts';
import { didYouMean } from '../util/closest.ts';
import type { Findings } from './findings.ts';
import { quoteText } from './frame.ts';
import { addIssues } from './issues.ts';
import { addUnknown, checkName } from './names.ts';
import { asText, emptyMap, type Entry, entriesOf, isFailed, isNull, type MapNode, member, type Node, pathText, type Span } from './node.ts';
import { parseNode } from './parse-node.ts';
import { type Recipes, withRecipe } from './recipes.ts';

export interface EngineSource {
  readonly engineIds: readonly string[];
  loadEngine(id: string): Promise<Engine | null>;
}

/** An instance whose engine is known. `config` undefined: it has errors. */
export interface InstancePart {
  readonly name: string;
  readonly engine: Engine;
  readonly config: unknown;
  readonly path: Path;
}

export interface DefaultsPart {
  readonly map: MapNode;
  /** Its errors have been told; those of placements that come from it would repeat them. */
  readonly failed: boolean;
}

export interface EngineParts {
  readonly instances: ReadonlyMap<string, InstancePart>;
  readonly defaults: ReadonlyMap<string, DefaultsPart>;
  /** Absolute file of a secret -> how the manifest writes it. */
  readonly files: ReadonlyMap<string, string>;
  readonly recipes: Recipes;
}

export interface PlacementPart {
  readonly app: string;
  readonly instance: string;
  readonly placement: unknown;
  readonly path: Path;
}

/** Loads the engines that the file names and gives each its own part of the file. */
export async function parseEngineParts(
  root: Node,
  source: EngineSource,
  folder: string,
  findings: Findings,
): Promise<Omit<EngineParts, 'recipes'>> {
  const engines = await loadEngines(root, source, findings);
  const files = new Map<string, string>();
  const instances = new Map<string, InstancePart>();
  for (const [name, entry] of entriesOf(member(root, 'instances'))) {
    if (!checkName(name, 'instance', entry.keySpan, findings)) continue;
    const engine = engines.get(asText(member(entry.node, 'engine')) ?? '');
    if (!engine || entry.node.kind !== 'map') continue;
    const path = ['instances', name];
    const node = resolveFiles(without(entry.node, 'engine'), folder, files);
    const result = parseNode(engine.instanceSchema, node);
    if (!result.ok) addIssues(result.issues, { schema: engine.instanceSchema, root: entry.node, path }, findings);
    instances.set(name, { name, engine, config: result.ok ? result.value : undefined, path });
  }
  return { instances, defaults: parseDefaults(root, engines, findings), files };
}

async function loadEngines(root: Node, source: EngineSource, findings: Findings): Promise<ReadonlyMap<string, Engine>> {
  const named: { readonly id: string; readonly span: Span; readonly path: Path }[] = [];
  for (const [name, entry] of entriesOf(member(root, 'instances'))) {
    const node = member(entry.node, 'engine');
    const id = asText(node);
    if (node && id !== null && !isFailed(node)) named.push({ id, span: node.span, path: ['instances', name, 'engine'] });
  }
  for (const [id, entry] of entriesOf(member(root, 'defaults'))) named.push({ id, span: entry.keySpan, path: ['defaults', id] });
  const ids = [...new Set(named.map((one) => one.id))].filter((id) => source.engineIds.includes(id));
  const engines = new Map<string, Engine>();
  for (const [id, engine] of await Promise.all(ids.map(async (id) => [id, await source.loadEngine(id)] as const))) {
    if (engine) engines.set(id, engine);
  }
  for (const { id, span, path } of named) {
    if (engines.has(id)) continue;
    const expected = `one of ${source.engineIds.join(', ')}`;
    const hint = didYouMean(id, source.engineIds) ?? 'Choose one of the engines that this version supports.';
    findings.add({ code: 'CT1205', message: `There is no engine ${quoteText(id)}.`, span, path, expected, hint });
  }
  return engines;
}

function parseDefaults(root: Node, engines: ReadonlyMap<string, Engine>, findings: Findings): ReadonlyMap<string, DefaultsPart> {
  const defaults = new Map<string, DefaultsPart>();
  for (const [id, entry] of entriesOf(member(root, 'defaults'))) {
    const engine = engines.get(id);
    if (!engine || entry.node.kind !== 'map') continue;
    const result = parseNode(engine.defaultsSchema, entry.node);
    if (!result.ok) addIssues(result.issues, { schema: engine.defaultsSchema, root: entry.node, path: ['defaults', id] }, findings);
    defaults.set(id, { map: entry.node, failed: !result.ok });
  }
  return defaults;
}

/** Parses each `uses` entry of the app, with the defaults of its engine under it. */
export function parsePlacements(
  app: AppNode,
  parts: EngineParts,
  declared: readonly string[],
  findings: Findings,
): readonly PlacementPart[] {
  const placements: PlacementPart[] = [];
  for (const [name, entry] of entriesOf(member(app.node, 'uses'))) {
    const path = [...app.path, 'uses', name];
    if (!declared.includes(name)) {
      addUnknown('CT1203', 'instance', { name, span: entry.keySpan, where: pathText([...app.path, 'uses']), path }, declared, findings);
      continue;
    }
    const instance = parts.instances.get(name);
    if (!instance || entry.node.kind !== 'map') continue;
    const defaults = parts.defaults.get(instance.engine.id);
    const level = asText(member(entry.node, 'isolation')) ?? asText(member(defaults?.map, 'isolation'));
    const entries = withRecipe(app, entry.node.entries, parts.recipes, { engine: instance.engine.id, level });
    const whole: Entry = { ...entry, node: { ...entry.node, entries } };
    const placement = parsePlacement(whole, instance, defaults, path, findings);
    if (placement.ok) placements.push({ app: app.name, instance: name, placement: placement.value, path });
  }
  return placements;
}

function parsePlacement(
  entry: Entry,
  instance: InstancePart,
  defaults: DefaultsPart | undefined,
  path: Path,
  findings: Findings,
): { ok: true; value: unknown } | { ok: false } {
  const own = entry.node.kind === 'map' ? entry.node.entries : new Map<string, Entry>();
  const map: MapNode = { kind: 'map', span: entry.keySpan, entries: defaults ? new Map([...defaults.map.entries, ...own]) : own };
  const { engine } = instance;
  const result = parseNode(engine.placementSchema, map);
  if (result.ok) return { ok: true, value: result.value };
  const fromDefaults = (at: readonly PropertyKey[]): boolean =>
    typeof at[0] === 'string' && !own.has(at[0]) && (defaults?.map.entries.has(at[0]) ?? false);
  addIssues(
    result.issues,
    {
      schema: engine.placementSchema,
      root: map,
      path,
      elsewhere: (at) =>
        fromDefaults(at) ? { path: ['defaults', engine.id, ...at.map(step)], used: `${pathText(path)} uses this value.` } : null,
      skip: (at) => (defaults?.failed ?? false) && fromDefaults(at),
    },
    findings,
  );
  return { ok: false };
}

function step(key: PropertyKey): string | number {
  return typeof key === 'symbol' ? String(key) : key;
}

function without(map: MapNode, key: string): MapNode {
  const entries = new Map(map.entries);
  entries.delete(key);
  return { ...map, entries };
}

/** `{ file: x }` with x made absolute, from the manifest's folder. Remembers how each was written. */
function resolveFiles(node: Node, folder: string, files: Map<string, string>): Node {
  if (node.kind === 'scalar') return node;
  if (node.kind === 'list') return { ...node, items: node.items.map((item) => resolveFiles(item, folder, files)) };
  const entries = new Map<string, Entry>();
  for (const [key, entry] of node.entries) {
    const written = node.entries.size === 1 && key === 'file' && entry.node.kind === 'scalar' ? entry.node.value : null;
    if (entry.node.kind === 'scalar' && typeof written === 'string' && written !== '' && !isFailed(entry.node)) {
      const file = resolve(folder, written);
      files.set(file, written);
      entries.set(key, { ...entry, node: { ...entry.node, value: file } });
    } else entries.set(key, { ...entry, node: resolveFiles(entry.node, folder, files) });
  }
  return { ...node, entries };
}

/** Sections and placements that are left empty count as empty maps. */
export function fillEmpty(root: MapNode): MapNode {
  return mapEntries(root, (key, entry) => {
    if (key === 'shares') return isNull(entry.node) ? { ...entry, node: { kind: 'list', items: [], span: entry.node.span } } : entry;
    if (!sections.has(key)) return entry;
    return filled(entry, (section) =>
      mapEntries(section, (_name, one) => filled(one, (map) => (key === 'apps' || key === 'teams' ? withUses(map) : map))),
    );
  });
}

const sections = new Set(['instances', 'defaults', 'apps', 'teams', 'readers']);

function withUses(app: MapNode): MapNode {
  return mapEntries(app, (key, entry) =>
    key === 'env'
      ? filled(entry, (map) => map)
      : key === 'uses'
        ? filled(entry, (uses) => mapEntries(uses, (_name, one) => filled(one, (map) => map)))
        : entry,
  );
}

function filled(entry: Entry, change: (map: MapNode) => MapNode): Entry {
  if (isNull(entry.node)) return { ...entry, node: emptyMap(entry.node.span) };
  return entry.node.kind === 'map' ? { ...entry, node: change(entry.node) } : entry;
}

function mapEntries(map: MapNode, change: (key: string, entry: Entry) => Entry): MapNode {
  return { ...map, entries: new Map([...map.entries].map(([key, entry]) => [key, change(key, entry)])) };
}
