import { adminSecret, type LineFilter } from '../engine/index.ts';
import type { InstanceDecl } from '../manifest/types.ts';
import { type Diagnostic, fail } from '../model/index.ts';
import { containerLog, readLog, type ServerUp, startServer, stopServer, type Way } from '../runtime/index.ts';
import { didYouMean } from '../util/closest.ts';
import { asTheyEnd, merge } from '../util/merge.ts';
import { appExists } from './apps.ts';
import { type Orphan, orphansOf } from './orphans.ts';
import type { LocalServer } from './own.ts';
import { openStore } from './project.ts';
import { diagnosticsOf } from './sessions.ts';
import type { Project } from './types.ts';

export type { Skipped, ServerUp, Way } from '../runtime/index.ts';

/** Only these instances; [] stands for all that have no url. */
export interface ServerChoice {
  readonly instances: readonly string[];
}

export interface UpOptions extends ServerChoice {
  /** Where `scripts/debian-root` unpacks servers. */
  readonly cache: string;
  /** Program and first arguments of a command that calls `superviseServer` with the folder that follows. */
  readonly supervisor: readonly string[];
  /** Only these ways; of all where it is left out. The first that serves is taken. */
  readonly ways?: readonly Way[];
}

/** What became of one server. */
export type ServerEvent<Done> =
  | { readonly type: 'done'; readonly instance: string; readonly result: Done }
  | { readonly type: 'trouble'; readonly instance: string; readonly diagnostics: readonly Diagnostic[] };

/** Starts the servers of all instances without a url, side by side, and waits until each really serves. What runs already is left alone. */
export async function* upProject(project: Project, options: UpOptions): AsyncGenerator<ServerEvent<ServerUp>> {
  const servers = chosen(project, options).map(([instance, own]) => ({ name: instance.name, instance, own }));
  yield* each(servers, async ({ instance, own }) => await startServer(await jobOf(project, instance, own, options)));
}

async function jobOf(
  project: Project,
  { name, engine, input }: InstanceDecl,
  { place }: LocalServer,
  { cache, supervisor, ways = [] }: UpOptions,
): Promise<Parameters<typeof startServer>[0]> {
  if (!engine.local) throw new Error(`${engine.id} has no local servers`);
  return {
    place,
    engine,
    input,
    runtime: await engine.local.runtime(),
    env: project.env,
    cache,
    supervisor,
    signal: project.signal,
    // Another run may have made it in the meantime.
    hasPassword: async () => (await openStore(project.manifest, project.env)).peek(adminSecret(name)) !== null,
    otherProjects: () => project.secrets.projectsWith(adminSecret(name)),
    password: () => project.secrets.make(adminSecret(name)),
    ways,
  };
}

export interface StopChoice extends ServerChoice {
  /** Those too that the manifest has no longer. One that is named is meant in any case. */
  readonly orphans?: boolean;
}

export interface DownOptions extends StopChoice {
  /** The data goes too. The caller has asked for consent. */
  readonly destroy: boolean;
}

/** Stops the servers cleanly. `result` false: it did not run. */
export async function* downProject(project: Project, options: DownOptions): AsyncGenerator<ServerEvent<boolean>> {
  const { env, signal } = project;
  const { own, orphans } = stopped(project, options);
  yield* each(
    [...own.map(([{ name }, { place }]) => ({ name, place })), ...orphans.map(({ instance, place }) => ({ name: instance, place }))],
    ({ place }) => stopServer({ place, env, signal, destroy: options.destroy }),
  );
}

interface Stopped {
  readonly own: readonly (readonly [InstanceDecl, LocalServer])[];
  readonly orphans: readonly Orphan[];
}

function stopped(project: Project, { instances, orphans = false }: StopChoice): Stopped {
  const known = orphansOf(project);
  const named = instances.filter((name) => known.every(({ instance }) => instance !== name));
  return {
    own: instances.length > 0 && named.length === 0 ? [] : chosen(project, { instances: named }),
    orphans: known.filter(({ instance }) => orphans || instances.includes(instance)),
  };
}

/** What `down` with `destroy` would end. */
export interface Doomed {
  readonly instance: string;
  readonly engine: string;
  readonly apps: readonly string[];
}

/** Servers of the choice that have been started at some time, and so have data. */
export function doomed(project: Project, choice: StopChoice): readonly Doomed[] {
  const { own, orphans } = stopped(project, choice);
  return [
    ...own
      .filter(([, { state }]) => state !== null)
      .map(([{ name, engine, input }]) => ({ instance: name, engine: engine.title, apps: input.placements.map(({ app }) => app) })),
    ...orphans.map(({ instance, state }) => ({ instance, engine: state.title, apps: [] })),
  ];
}

export interface LogOptions {
  /** An instance or an app; undefined: every server of our own. */
  readonly name?: string;
  readonly lines: number;
  readonly follow: boolean;
}

export interface LogLine {
  readonly instance: string;
  readonly line: string;
}

/** Lines of the logs of local servers; of an app: those about its logins and its data. Throws CT6026, CT6027, CT2016. */
export async function* logsProject(project: Project, options: LogOptions): AsyncGenerator<LogLine> {
  const { name } = options;
  const orphan = orphansOf(project).find(({ instance }) => instance === name);
  if (orphan) {
    yield* linesOf(project, { name: orphan.instance, own: orphan, filter: null }, options);
    return;
  }
  const isApp = name !== undefined && !project.manifest.instances.some((instance) => instance.name === name);
  if (isApp) appExists(project, name);
  const foreign = project.manifest.instances.filter((instance) => !project.own.has(instance.name) && isAbout(instance, name));
  const isElsewhere = isApp ? !hasOwn(project, name) : name !== undefined;
  if (foreign.length > 0 && isElsewhere) {
    const { serverLogs } = await import('./tending/log.ts');
    yield* await serverLogs(project, foreign, { app: isApp ? name : null, lines: options.lines });
    return;
  }
  const sources = isApp
    ? await appSources(project, name)
    : chosen(project, { instances: name === undefined ? [] : [name] }).map(([instance, own]) => ({
        name: instance.name,
        own,
        filter: null,
      }));
  yield* merge(sources.map((source) => linesOf(project, source, options)));
}

/** Whether that is its name, or that of an app or a reader on it. */
function isAbout({ name: own, input }: InstanceDecl, name: string | undefined): boolean {
  return own === name || input.placements.some(({ app }) => app === name) || input.readers.some((reader) => reader.name === name);
}

/** Whether the app is on a server that cotenant starts. */
function hasOwn(project: Project, app: string): boolean {
  return project.manifest.instances.some((instance) => project.own.has(instance.name) && isAbout(instance, app));
}

interface Source {
  /** Of the instance. */
  readonly name: string;
  readonly own: LocalServer;
  readonly filter: LineFilter | null;
}

async function appSources(project: Project, app: string): Promise<readonly Source[]> {
  const sources: Source[] = [];
  const deaf: string[] = [];
  for (const [instance, own] of chosen(project, { instances: [] })) {
    const { name, engine, input } = instance;
    if (![...input.placements.map((one) => one.app), ...input.readers.map((one) => one.name)].includes(app)) continue;
    const filter = (await engine.local?.runtime())?.linesOf?.(input, app) ?? null;
    if (filter === null) deaf.push(name);
    else sources.push({ name, own, filter });
  }
  if (sources.length > 0) return sources;
  const why = deaf.length > 0 ? 'does not say which app a line is about' : 'is not on a server that cotenant starts';
  throw fail('CT6027', `There is no log for "${app}" alone: ${deaf.length > 0 ? `the log of ${deaf.join(', ')}` : 'it'} ${why}.`, {
    hint: deaf.length > 0 ? `cotenant logs ${deaf[0]}` : 'see the server’s own log, on its machine',
  });
}

async function* linesOf(project: Project, { name, own, filter }: Source, { lines, follow }: LogOptions): AsyncGenerator<LogLine> {
  const run = own.state?.run;
  if (run?.way === 'container') {
    const text = await containerLog({ cli: run.cli, name: run.name, env: project.env }, lines);
    for (const line of text.split('\n')) if (filter === null || filter(line) === true) yield { instance: name, line };
    return;
  }
  const reading = { file: own.place.log, lines, follow, filter, signal: project.signal };
  for await (const line of readLog(reading)) yield { instance: name, line };
}

/** Throws CT6026 where one of the names is no instance whose server cotenant starts. */
function chosen(project: Project, { instances }: ServerChoice): readonly (readonly [InstanceDecl, LocalServer])[] {
  for (const name of instances) {
    if (project.own.has(name)) continue;
    const there = project.manifest.instances.find((instance) => instance.name === name);
    const own = [...project.own.keys()].join(', ');
    throw fail('CT6026', there ? `"${name}" has a url, so cotenant does not start or stop it` : `the manifest has no instance "${name}"`, {
      ...(there ? { instance: name, path: there.input.path } : {}),
      hint:
        didYouMean(name, project.own.keys()) ??
        (own === '' ? 'every instance of this manifest has a url' : `cotenant starts these: ${own}`),
    });
  }
  return project.manifest.instances.flatMap((instance) => {
    const own = project.own.get(instance.name);
    return own && (instances.length === 0 || instances.includes(instance.name)) ? [[instance, own] as const] : [];
  });
}

/** All at once; the trouble of one is no trouble of another. */
async function* each<Server extends { readonly name: string }, Done>(
  servers: readonly Server[],
  work: (server: Server) => Promise<Done>,
): AsyncGenerator<ServerEvent<Done>> {
  yield* asTheyEnd(
    servers.map((server) => async (): Promise<ServerEvent<Done>> => {
      try {
        return { type: 'done', instance: server.name, result: await work(server) };
      } catch (error) {
        return { type: 'trouble', instance: server.name, diagnostics: diagnosticsOf(error) };
      }
    }),
  );
}
