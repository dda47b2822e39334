import { resolve } from 'node:path';
import type { AppNode } from './apps.ts';
import type { EngineParts, PlacementPart } from './engine-parts.ts';
import { envIn } from './env-map.ts';
import type { Findings } from './findings.ts';
import { quoteText } from './frame.ts';
import { migrationsSchema, requiresSchema } from './migrations-schema.ts';
import { asText, hasFailed, member, pathText, toPlain } from './node.ts';
import type { MigrationsDecl, RequiresDecl } from './types.ts';

/** Milliseconds. */
const DEADLINE = 3_600_000;
const UNITS: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** Instances of the app whose engine can run migrations. */
function places(parts: EngineParts, placements: readonly PlacementPart[]): readonly string[] {
  return placements.map(({ instance }) => instance).filter((name) => parts.instances.get(name)?.engine.migrations !== undefined);
}

/** Checks that the migrations of an app have one place to run in, and that there is one to ask for what it requires. */
export function checkMigrations(app: AppNode, parts: EngineParts, placements: readonly PlacementPart[], findings: Findings): void {
  checkRequires(app, places(parts, placements), findings);
  const node = member(app.node, 'migrations');
  if (node?.kind !== 'map' || hasFailed(node)) return;
  const path = [...app.path, 'migrations'];
  checkCommand(app, findings);
  const known = places(parts, placements);
  const named = member(node, 'placement');
  const name = asText(named);
  const some = known.length === 0 ? 'an instance whose engine can run migrations' : `one of ${known.join(', ')}`;
  if (named && name !== null && !known.includes(name)) {
    const uses = placements.some(({ instance }) => instance === name);
    findings.add({
      code: 'CT1212',
      message: uses
        ? `The engine of ${quoteText(name)} cannot run migrations yet, and ${pathText(path)} places them there.`
        : `The app ${quoteText(app.name)} does not use the instance ${quoteText(name)}, and ${pathText(path)} places its migrations there.`,
      span: named.span,
      path: [...path, 'placement'],
      expected: some,
      hint: known.length === 0 ? 'Remove `migrations`.' : `Write \`placement: ${known[0]}\`.`,
    });
  }
  if (!named && known.length !== 1) {
    findings.add({
      code: 'CT1212',
      message:
        known.length === 0
          ? `The app ${quoteText(app.name)} uses no instance whose engine can run migrations.`
          : `The app ${quoteText(app.name)} uses several instances, and ${pathText(path)} does not say on which its migrations run.`,
      span: node.span,
      path,
      expected: some,
      hint: known.length === 0 ? 'Remove `migrations`.' : `Add \`placement: ${known[0]}\`.`,
    });
  }
}

/** What nobody can be asked for would never be missing. */
function checkRequires(app: AppNode, known: readonly string[], findings: Findings): void {
  const node = member(app.node, 'requires');
  if (node?.kind !== 'map' || hasFailed(node)) return;
  const path = [...app.path, 'requires'];
  const objects = ['tables', 'columns', 'extensions'].filter((name) => member(node, name));
  const lacks = [
    ...(member(node, 'revision') && !member(app.node, 'migrations') ? ['`revision` and the app has no `migrations`'] : []),
    ...(objects.length > 0 && known.length === 0
      ? [`${objects.map((name) => `\`${name}\``).join(', ')} and the app uses no instance that has them`]
      : []),
  ];
  for (const what of lacks)
    findings.add({
      code: 'CT4128',
      message: `${pathText(path)} names ${what}.`,
      span: node.span,
      path,
      hint: 'Remove it, or add what it asks for.',
    });
}

/** A tool without an adapter: how it is called, and where its revision is. */
function checkCommand(app: AppNode, findings: Findings): void {
  const node = member(app.node, 'migrations');
  if (node?.kind !== 'map' || asText(member(node, 'tool')) !== 'command') return;
  const path = [...app.path, 'migrations'];
  const ledger = member(node, 'ledger');
  const lacks = [
    ...(member(node, 'command') ? [] : ['command']),
    ...['table', 'column'].filter((name) => ledger?.kind !== 'map' || !member(ledger, name)).map((name) => `ledger.${name}`),
  ];
  if (lacks.length === 0) return;
  findings.add({
    code: 'CT1213',
    message: `${pathText(path)} has \`tool: command\` and does not say ${lacks.map((name) => `\`${name}\``).join(', ')}.`,
    span: node.span,
    path,
    hint: 'Write how the tool is called, and the table and column in which it keeps its revision.',
  });
}

/** The migrations of an app of a manifest without errors; null: none. */
export function migrationsOf(
  app: AppNode,
  parts: EngineParts,
  placements: readonly PlacementPart[],
  folder: string,
): MigrationsDecl | null {
  const node = member(app.node, 'migrations');
  if (!node) return null;
  const said = migrationsSchema.parse(toPlain(node));
  const instance = said.placement ?? places(parts, placements)[0];
  if (instance === undefined) return null;
  const path = [...app.path, 'migrations'];
  return {
    tool: said.tool,
    directory: resolve(folder, said.directory),
    command: said.command ?? null,
    env: envIn(member(node, 'env'), [...path, 'env']).map((one) => ({ ...one, fixed: true })),
    instance,
    ledger: said.ledger ?? {},
    deadline: milliseconds(said.deadline),
    path,
  };
}

export function requiresOf(app: AppNode): RequiresDecl | null {
  const node = member(app.node, 'requires');
  if (!node) return null;
  const { tables = [], columns = {}, extensions = [], revision = null } = requiresSchema.parse(toPlain(node));
  return { tables, columns, extensions, revision, path: [...app.path, 'requires'] };
}

function milliseconds(text: string | undefined): number {
  return text === undefined ? DEADLINE : Number(text.slice(0, -1)) * (UNITS.get(text.slice(-1)) ?? 1);
}
