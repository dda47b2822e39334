import { access, mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { Engine } from '../engine/index.ts';
import { engineIds, loadEngines, schemeOf, schemesOf } from '../engines/index.ts';
import { manifestIn } from '../manifest/index.ts';
import { DiagnosticError, fail } from '../model/index.ts';
import { didYouMean } from '../util/closest.ts';
import { lookUp, putIn } from '../util/record.ts';
import { errorCode, keepOutOfGit, replaceFile, whyNotWritten } from '../util/system.ts';
import { type Findings, findServers, type FoundServer } from './first/find.ts';
import { checkManifest } from './project.ts';
import { manifestSchema } from './schema.ts';
import type { OpenOptions } from './types.ts';

export interface InitOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Overwrites a manifest that is there. */
  readonly force: boolean;
  /** Default: `cotenant.yaml` in `cwd`. */
  readonly file?: string;
  /** Default: made from the folder's name. */
  readonly project?: string;
  /** Servers, in place of those that are found: local ones by their engine, others by their URL. */
  readonly servers?: readonly { readonly engine?: string; readonly url?: string; readonly passwordVariable?: string }[];
  /** In place of those that are found. */
  readonly apps?: readonly string[];
}

export interface InitOutcome {
  /** Relative to `cwd`. */
  readonly file: string;
  readonly apps: readonly string[];
  /** It has instances whose servers cotenant is to start. */
  readonly local: boolean;
  /** Where the servers were found, each with the instance that it became. */
  readonly found: readonly { readonly instance: string; readonly title: string; readonly from: string }[];
  /** Variables that have to be set before the next command, each with where its value stands. */
  readonly toSet: readonly { readonly variable: string; readonly from: string }[];
  readonly notes: readonly string[];
}

export interface Survey extends Findings {
  readonly project: string;
  /** Engines that there could be. */
  readonly engines: readonly string[];
}

/** What `init` would begin with: what is found, and what it would be called. Throws CT4008 where there is a manifest already. */
export async function surveyFolder(options: Pick<InitOptions, 'cwd' | 'env' | 'file' | 'force'>): Promise<Survey> {
  const { target, name } = await targetOf(options);
  if (!options.force && (await exists(target))) throw there(name);
  return { ...(await findServers(dirname(target), options.env)), engines: engineIds, project: projectName(basename(dirname(target))) };
}

/** Writes a first manifest from what the folder and the environment say. Throws a DiagnosticError where one is there already. */
export async function initManifest(options: InitOptions): Promise<InitOutcome> {
  const { target, name } = await targetOf(options);
  const seen = await surveyFolder(options);
  const project = options.project ?? seen.project;
  const servers = await serversOf(options, seen.servers);
  const { instances, apps, named } = combine(servers, options.apps ?? [], project);
  const schema = '.cotenant/manifest.schema.json';
  const text = `${header(schema)}${stringify({ cotenant: 1, project, instances, apps }, { lineWidth: 120 })}`;
  const open = await inClear({ cwd: dirname(target), env: options.env, source: text, file: target });
  await writeSchema(join(dirname(target), schema));
  await write(target, name, text, options.force);
  const used = servers.filter(({ from }) => from !== '');
  return {
    file: name,
    apps: Object.keys(apps),
    local: servers.some(({ instance }) => !Object.hasOwn(instance, 'url')),
    found: used.map((server) => ({ instance: named.get(server) ?? server.name, title: server.title, from: server.from })),
    toSet: servers.flatMap(({ toSet, from }) => (toSet === null ? [] : [{ variable: toSet, from }])),
    notes: [...(options.servers === undefined ? seen.notes : []), ...open],
  };
}

/** The manifest can be read, but for a word on TLS that its author has to find: what to say of that. Throws what else is wrong. */
async function inClear(options: OpenOptions): Promise<readonly string[]> {
  try {
    await checkManifest(options);
    return [];
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    const errors = error.diagnostics.filter(({ severity }) => severity === 'error');
    if (errors.some(({ code }) => code !== 'CT3011')) throw error;
    return errors.map(({ message, hint }) => (hint === undefined ? message : `${message}; ${hint}.`));
  }
}

function header(schema: string): string {
  return `# yaml-language-server: $schema=${schema}
# Which apps share which databases. Check it with \`cotenant plan\`, put it into effect with \`cotenant apply\`.
# Refer to secrets by name ({ env: NAME } or { file: path }); never write them here.
`;
}

async function targetOf({ cwd, file }: Pick<InitOptions, 'cwd' | 'file'>): Promise<{ readonly target: string; readonly name: string }> {
  const target = file === undefined ? ((await manifestIn(cwd)) ?? resolve(cwd, 'cotenant.yaml')) : resolve(cwd, file);
  return { target, name: relative(cwd, target) };
}

async function serversOf({ servers, env }: InitOptions, found: readonly FoundServer[]): Promise<readonly FoundServer[]> {
  const wanted = servers ?? (found.length > 0 ? [] : [{ engine: engineIds[0] ?? '' }]);
  const made: FoundServer[] = [];
  for (const { engine, url, passwordVariable } of wanted) {
    const it = await engineFor(engine, url);
    const { name } = it.initial?.({}) ?? { name: 'main' };
    const password = passwordVariable === undefined ? {} : { password: { env: passwordVariable } };
    const instance = url === undefined ? {} : { url, ...password };
    const toSet =
      url !== undefined && passwordVariable !== undefined && (lookUp(env, passwordVariable) ?? '') === '' ? passwordVariable : null;
    made.push({ engine: it.id, title: it.title, name, instance, apps: {}, from: '', toSet });
  }
  return made.length > 0 ? made : found;
}

/** Throws CT3006 where there is no such engine. */
async function engineFor(id: string | undefined, url: string | undefined): Promise<Engine> {
  const all = await loadEngines();
  const scheme = schemeOf(url ?? '');
  const found = all.find((one) => (id === undefined ? one.schemes.includes(scheme) : one.id === id));
  if (found) return found;
  if (id !== undefined) {
    throw fail('CT3006', `There is no engine "${id}".`, { hint: didYouMean(id, engineIds) ?? `Choose one of ${engineIds.join(', ')}.` });
  }
  throw fail('CT3006', 'The address is that of no engine.', {
    hint: `It begins with one of ${schemesOf(all)}.`,
  });
}

interface Combined {
  readonly instances: Readonly<Record<string, unknown>>;
  readonly apps: Readonly<Record<string, { readonly uses: Readonly<Record<string, unknown>> }>>;
  readonly named: ReadonlyMap<FoundServer, string>;
}

function combine(servers: readonly FoundServer[], wanted: readonly string[], project: string): Combined {
  const instances: Record<string, unknown> = {};
  const named = new Map<FoundServer, string>();
  const uses = new Map<string, Record<string, unknown>>();
  for (const server of servers) {
    const name = freeName(server, instances);
    named.set(server, name);
    putIn(instances, name, { engine: server.engine, ...server.instance });
    for (const [app, placement] of Object.entries(server.apps)) uses.set(app, { ...uses.get(app), [name]: placement });
  }
  const everywhere = (): Record<string, unknown> => Object.fromEntries(Object.keys(instances).map((name) => [name, {}]));
  const apps = new Map<string, Record<string, unknown>>();
  if (wanted.length > 0) for (const app of wanted) apps.set(app, uses.get(app) ?? everywhere());
  else if (uses.size > 0) for (const [app, placements] of uses) apps.set(app, placements);
  else apps.set(project, everywhere());
  return { instances, apps: Object.fromEntries([...apps].map(([app, placements]) => [app, { uses: placements }])), named };
}

function freeName({ name, engine }: FoundServer, taken: Readonly<Record<string, unknown>>): string {
  if (!Object.hasOwn(taken, name)) return name;
  if (!Object.hasOwn(taken, engine)) return engine;
  for (let at = 2; ; at++) if (!Object.hasOwn(taken, `${name}${at}`)) return `${name}${at}`;
}

/** The folder's name in the letters that a project's name may have. */
export function projectName(folder: string): string {
  const plain = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 40);
  return plain === '' ? 'project' : plain;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** For editors, which read it beside the manifest. */
async function writeSchema(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await keepOutOfGit(dirname(file));
    await replaceFile(file, `${JSON.stringify(await manifestSchema(), null, 2)}\n`, 0o644);
  } catch (error) {
    if (errorCode(error) === '') throw error;
    throw fail('CT9002', `The file ${file} could not be written: ${whyNotWritten(error)}`);
  }
}

async function write(target: string, name: string, text: string, force: boolean): Promise<void> {
  try {
    await (force ? replaceFile(target, text, 0o644) : writeFile(target, text, { flag: 'wx', mode: 0o644 }));
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw there(name);
    throw fail('CT9002', `The file ${name} could not be written: ${whyNotWritten(error)}`);
  }
}

function there(name: string): Error {
  return fail('CT4008', `${name} already exists and was not changed.`, {
    hint: 'Overwrite it with --force, or choose another file with --file',
  });
}
