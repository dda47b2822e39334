import { dirname, resolve } from 'node:path';
import type { Diagnostic } from '../model/index.ts';
import { collectApps } from './apps.ts';
import { type EngineParts, type EngineSource, fillEmpty, parseEngineParts, parsePlacements, type PlacementPart } from './engine-parts.ts';
import { envOf } from './env-map.ts';
import { type Env, expand } from './expand.ts';
import { Findings } from './findings.ts';
import { createLocator, type Locator, withoutNul } from './frame.ts';
import { deepFreeze } from './freeze.ts';
import { hashMeaning } from './hash.ts';
import { addIssues } from './issues.ts';
import { maskSource } from './mask.ts';
import { checkMigrations, migrationsOf, requiresOf } from './migrations.ts';
import { checkName } from './names.ts';
import { entriesOf, find, member, type Node, spanOf } from './node.ts';
import { parseNode } from './parse-node.ts';
import { checkNul } from './nul.ts';
import { checkPasswords } from './passwords.ts';
import { loadRecipes, recipeName } from './recipes.ts';
import { readYaml } from './read-yaml.ts';
import { checkKnown, checkOperators, knownOn, operatorsOn } from './people.ts';
import { checkReaders, checkShares, orderApps, type OrderedApp, readersOn, sharesOn } from './references.ts';
import { type ManifestShape, manifestSchema } from './schema.ts';
import type { InstanceDecl, Manifest, ManifestResult } from './types.ts';

export interface ParseOptions extends EngineSource {
  /** Name of the file, for messages and for relative secret files. Made absolute. */
  readonly file: string;
  readonly env: Env;
}

/** Reads a manifest. Everything that is wrong with it comes in `diagnostics`; throws nothing but what `loadEngine` throws. */
export async function parseManifest(source: string, options: ParseOptions): Promise<ManifestResult> {
  const file = resolve(options.file);
  const findings = new Findings();
  const text = withoutNul(source);
  const raw = readYaml(text, findings);
  const locator = createLocator(file, () => maskSource(text, raw));
  if (!raw) return { manifest: null, diagnostics: findings.located(locator), locate: (diagnostic) => diagnostic };
  const root: Node = fillEmpty(raw);
  const tree = expand(root, { env: options.env, variables: {}, findings });
  checkNul(tree, findings);
  checkPasswords(tree, findings);
  const shape = parseShape(tree, findings);
  const engineParts = await parseEngineParts(tree, options, dirname(file), findings);
  const apps = collectApps(root, tree, options.env, findings);
  const parts = { ...engineParts, recipes: await loadRecipes(apps) };
  const ordered = orderApps(apps, findings);
  const declared = entriesOf(member(tree, 'instances')).map(([name]) => name);
  const placements = new Map<string, readonly PlacementPart[]>();
  for (const { app } of ordered) placements.set(app.name, parsePlacements(app, parts, declared, findings));
  for (const { app } of ordered) checkMigrations(app, parts, placements.get(app.name) ?? [], findings);
  checkReaders(tree, new Set(placements.keys()), findings);
  checkShares(tree, new Map(apps.map((app) => [app.name, new Set(entriesOf(member(app.node, 'uses')).map(([name]) => name))])), findings);
  checkOperators(tree, parts, findings);
  checkKnown(tree, declared, findings);
  const manifest = findings.failed || !shape ? null : build({ file, shape, parts, ordered, placements });
  return {
    manifest,
    diagnostics: findings.located(locator),
    locate: locateIn(tree, new Map(apps.map((app) => [app.name, app.path])), locator),
  };
}

function parseShape(tree: Node, findings: Findings): ManifestShape | null {
  const project = member(tree, 'project');
  if (project?.kind === 'scalar' && typeof project.value === 'string' && project.env !== 'failed')
    checkName(project.value, 'project', project.span, findings);
  const result = parseNode(manifestSchema, tree);
  if (result.ok) return result.value;
  const version = member(tree, 'cotenant');
  const other = version?.kind === 'scalar' && version.value !== 1 && version.value !== null && version.env !== 'failed';
  if (other) {
    const hint = 'Write `cotenant: 1`, or install a newer cotenant for a newer format.';
    findings.add({
      code: 'CT1017',
      message: 'Unknown version of the manifest format.',
      span: version.span,
      path: ['cotenant'],
      expected: '1',
      hint,
    });
  }
  addIssues(result.issues, { schema: manifestSchema, root: tree, path: [], skip: (path) => other && path[0] === 'cotenant' }, findings);
  return null;
}

interface Sound {
  readonly file: string;
  readonly shape: ManifestShape;
  readonly parts: EngineParts;
  readonly ordered: readonly OrderedApp[];
  readonly placements: ReadonlyMap<string, readonly PlacementPart[]>;
}

/** Puts the manifest together from parts that have no errors. */
function build({ file, shape, parts, ordered, placements }: Sound): Manifest {
  const byInstance = Map.groupBy([...placements.values()].flat(), (part) => part.instance);
  const instances = [...parts.instances.values()].map((part): InstanceDecl => {
    const here = byInstance.get(part.name) ?? [];
    const names = new Set(here.map((placement) => placement.app));
    const input = {
      project: shape.project,
      name: part.name,
      config: part.config,
      path: part.path,
      placements: here.map(({ app, placement, path }) => ({ app, placement, path })),
      readers: readersOn(shape.readers ?? {}, names),
      shares: sharesOn(shape.shares ?? [], names),
      operators: operatorsOn(shape.operators ?? {}, part),
      known: knownOn(shape.known ?? [], part.name),
      removal: shape.removal,
    };
    return Object.freeze({ name: part.name, engine: part.engine, input: deepFreeze(input) });
  });
  const manifest: Manifest = {
    file,
    project: shape.project,
    removal: shape.removal,
    apps: deepFreeze(
      ordered.map(({ app, after }) => ({
        name: app.name,
        after,
        instances: (placements.get(app.name) ?? []).map((part) => part.instance),
        recipe: recipeName(app),
        env: envOf(app),
        migrations: migrationsOf(app, parts, placements.get(app.name) ?? [], dirname(file)),
        requires: requiresOf(app),
        path: app.path,
      })),
    ),
    readers: deepFreeze(
      Object.entries(shape.readers ?? {}).map(([name, reader]) => ({ name, reads: [...new Set(reader.reads)], path: ['readers', name] })),
    ),
    backup: deepFreeze(shape.backup ?? null),
    instances: Object.freeze(instances),
    hash: hashMeaning({ shape, apps: ordered, instances, placements, files: parts.files }),
  };
  return Object.freeze(manifest);
}

/** Gives later diagnostics their place: of the value, of the default that it comes from, or of what is around it. */
function locateIn(
  tree: Node,
  apps: ReadonlyMap<string, readonly (string | number)[]>,
  locator: Locator,
): (diagnostic: Diagnostic) => Diagnostic {
  return (diagnostic) => {
    if (diagnostic.location || !diagnostic.path) return diagnostic;
    const [section, name, ...below] = diagnostic.path;
    const path = (section === 'apps' && typeof name === 'string' && apps.get(name)) || diagnostic.path.slice(0, 2);
    const full = [...path, ...below];
    let found = find(tree, full);
    if (found.depth < full.length && below[0] === 'uses' && below.length > 2) {
      const engine = member(member(member(tree, 'instances'), String(below[1])), 'engine');
      const inDefaults = find(tree, ['defaults', String(engine?.kind === 'scalar' ? engine.value : ''), ...below.slice(2)]);
      if (inDefaults.depth > 2) found = inDefaults;
    }
    return { ...diagnostic, location: locator.at(spanOf(found)) };
  };
}
