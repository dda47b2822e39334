import { basename } from 'node:path';
import { Document, isMap, type Node, type Scalar } from 'yaml';
import type { Imported, SecretSource } from '../engine/index.ts';
import { loadEngines, schemeOf, schemesOf } from '../engines/index.ts';
import { type Diagnostic, fail } from '../model/index.ts';
import { resolveSecretInput } from '../secrets/input.ts';
import type { Progress } from '../util/progress.ts';
import { lookUp } from '../util/record.ts';
import { unprintable } from '../util/unprintable.ts';
import { projectName } from './init.ts';
import { DEADLINE } from './sessions.ts';

export interface ImportOptions {
  /** Names the server and its administrator. A password in it is used and never written. */
  readonly url: string;
  /** Goes before one in the URL. */
  readonly password: string | null;
  /** The file that holds the password, as the manifest is to name it. */
  readonly passwordFile?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that the project is named after. Default: the working directory. */
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

export interface ImportOutcome {
  /** A manifest, with comments. */
  readonly yaml: string;
  readonly diagnostics: readonly Diagnostic[];
}

const INSTANCE = 'main';

const header = ` Written by cotenant import. Review it, then run \`cotenant plan\`, which changes nothing.
 Every app here has \`adopt: true\`: the first apply adopts the existing objects and adds the missing walls.
 Adopted logins keep their passwords. Adopted objects are marked with the project's name, so choose it before the first apply.`;

/** Reads a server that was set up by hand and writes a manifest for it. Throws a DiagnosticError where it cannot be read. */
export async function importServer(options: ImportOptions): Promise<ImportOutcome> {
  const cwd = options.cwd ?? process.cwd();
  const project = projectName(basename(cwd));
  const scheme = schemeOf(options.url);
  const able = (await loadEngines()).filter((one) => one.readImport !== undefined);
  const engine = able.find(({ schemes }) => schemes.includes(scheme));
  if (engine?.readImport === undefined)
    throw fail('CT3006', scheme === '' ? 'This is not the URL of a server.' : `No engine that supports import uses ${scheme}:// URLs.`, {
      hint: `Use a URL that begins with ${schemesOf(able)}`,
    });
  const imported = await engine.readImport(options.url, options.password, {
    instance: INSTANCE,
    project,
    deadline: DEADLINE,
    secrets: noSecrets,
    reveal: async (input) => await resolveSecretInput(input, { env: options.env, baseDir: cwd }),
    signal: options.signal ?? new AbortController().signal,
    ...(options.progress ? { progress: options.progress } : {}),
  });
  const { passwordFile } = options;
  const password = passwordFile === undefined ? {} : { password: { file: passwordFile } };
  const written = { ...imported, instance: { ...imported.instance, ...password } };
  return { yaml: write(written, engine.id, project), diagnostics: imported.diagnostics };
}

/** An import makes no secret and knows none. */
const noSecrets: SecretSource = {
  ensure: async () => await Promise.reject(new Error('an import makes no secrets')),
  peek: () => null,
  staged: () => null,
  setDerived: async () => await Promise.reject(new Error('an import makes no secrets')),
  derived: () => null,
};

function write(imported: Imported, engine: string, project: string): string {
  const apps = Object.entries(imported.apps);
  const doc = new Document({
    cotenant: 1,
    project,
    instances: { [INSTANCE]: { engine, ...imported.instance } },
    apps: Object.fromEntries(apps.map(([app, placement]) => [app, { uses: { [INSTANCE]: placement } }])),
    ...peopleOf(imported),
  });
  doc.commentBefore = header;
  for (const [app] of apps) comment(doc, app, lookUp(imported.comments ?? {}, app) ?? []);
  const left = imported.left ?? [];
  if (left.length > 0) doc.comment = ['Left out and unchanged:', ...left].map(line).join('\n');
  for (const path of [
    ['instances', INSTANCE, 'password'],
    ['instances', INSTANCE, 'connections'],
    ...Object.keys(imported.operators ?? {}).map((name) => ['operators', name]),
    ...(imported.known ?? []).map((_, index) => ['known', index]),
    ...(imported.shares ?? []).map((_, index) => ['shares', index]),
  ])
    flow(doc.getIn(path, true));
  return doc.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** Sections beside the apps, as far as there is something to say in them. */
function peopleOf({ operators = {}, known = [], shares = [] }: Imported): Readonly<Record<string, unknown>> {
  const may = Object.entries(operators).map(([name, words]) => [name, { may: words }] as const);
  return {
    ...(shares.length > 0 ? { shares } : {}),
    ...(may.length > 0 ? { operators: Object.fromEntries(may) } : {}),
    ...(known.length > 0 ? { known: known.map(({ user, why }) => ({ user, on: INSTANCE, why })) } : {}),
  };
}

/** Puts lines of text above an app. */
function comment(doc: Document, app: string, lines: readonly string[]): void {
  const node: unknown = doc.get('apps', true);
  if (lines.length === 0 || !isMap<Scalar<string>>(node)) return;
  const pair = node.items.find(({ key }) => key.value === app);
  if (pair) pair.key.commentBefore = lines.map(line).join('\n');
}

/** One line: what servers say may hold line ends, and a comment ends there. */
function line(text: string): string {
  return ` ${text.replaceAll(/\s+/gu, ' ').replaceAll(unprintable, '\u{fffd}')}`;
}

function flow(node: unknown): void {
  if (isMap<Node>(node)) node.flow = true;
}
