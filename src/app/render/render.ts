import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { RenderSize } from '../../engine/index.ts';
import { fail, type FileReport } from '../../model/index.ts';
import { compareSet, writeSet } from '../../render/disk.ts';
import { monitoringFiles } from '../../render/alerts.ts';
import type { FileSet, RenderTarget } from '../../render/file.ts';
import { type AppInput, secretNames, type SetInput, type Strategy } from '../../render/input.ts';
import { serviceName } from '../../render/names.ts';
import { setOf } from '../../render/set.ts';
import { plain } from '../edit-manifest.ts';
import { openProject } from '../project.ts';
import type { Project } from '../types.ts';
import { type Derived, derive, pathBetween, type Readdressed } from './derive.ts';
import { environmentOf } from './environment.ts';
import { differ, type Hosted, hostedOf, poolerOf, serverInput } from './servers.ts';

export interface RenderRequest {
  /** Absolute. */
  readonly out: string;
  readonly strategy: Strategy;
  readonly size: RenderSize;
  /** Only files of these kinds. */
  readonly targets: readonly RenderTarget[];
  readonly external: readonly string[];
  readonly publish: ReadonlyMap<string, number>;
  /** Nothing is written. */
  readonly check: boolean;
  /** The manifest's text, where it was not read from its file. */
  readonly source?: string;
  /** Of cotenant itself. */
  readonly version: string;
}

export interface RenderOutcome {
  /** As each file stood before. */
  readonly files: readonly FileReport[];
  readonly notes: readonly string[];
}

/** Makes every file of a deployment from the manifest, and writes those that are not as they should be and nobody else's. */
export async function render(project: Project, request: RenderRequest): Promise<RenderOutcome> {
  const set = await filesOf(project, request);
  const folder = await resolved(request.out);
  const files = request.check ? await compareSet(folder, set) : await writeSet(folder, set);
  // Of other targets nothing is known now.
  return { files: request.targets.length === 0 ? files : files.filter(({ state }) => state !== 'left'), notes: set.notes };
}

/** A folder that is a link was named by whoever calls: it counts. Links below it do not. */
async function resolved(folder: string): Promise<string> {
  return await realpath(folder).catch(async () => join(await realpath(dirname(folder)).catch(() => dirname(folder)), basename(folder)));
}

async function filesOf(project: Project, request: RenderRequest): Promise<FileSet> {
  const { file, apps } = project.manifest;
  if (pathBetween(dirname(file), request.out) === '.')
    throw fail('CT4704', 'The files cannot lie in the folder of the manifest: they have a manifest of their own, by the same name.', {
      hint: 'pass another folder with --out',
    });
  const hosted = await hostedOf(project, request);
  const source = plain(parseDocument(request.source ?? (await readFile(file, 'utf8')), { merge: true }).toJS({ maxAliasCount: -1 }));
  const scene = { project, request, hosted, source };
  if (request.strategy !== 'separate') return only(await oneSet(scene), request.targets);
  differ(apps.map(({ name }) => [name, serviceName(name)]));
  const sets = await Promise.all(apps.map(async ({ name }) => await oneSet(scene, name)));
  return only(
    {
      files: sets.flatMap((one) => one.files),
      once: sets.flatMap((one) => one.once),
      notes: [...new Set(sets.flatMap((one) => one.notes))],
    },
    request.targets,
  );
}

function only(set: FileSet, targets: readonly RenderTarget[]): FileSet {
  if (targets.length === 0) return set;
  const isMeant = ({ target }: { readonly target: RenderTarget }): boolean => targets.includes(target);
  return { ...set, files: set.files.filter(isMeant), once: set.once.filter(isMeant) };
}

interface Scene {
  readonly project: Project;
  readonly request: RenderRequest;
  readonly hosted: readonly Hosted[];
  readonly source: ReturnType<typeof plain>;
}

/** The servers and apps that stand together: all, or one app with servers of its own. */
async function oneSet({ project, request, hosted: all, source }: Scene, app?: string): Promise<FileSet> {
  const { manifest } = project;
  const apps = manifest.apps.filter(({ name }) => app === undefined || name === app);
  const hosted = app === undefined ? all : all.filter(({ instance }) => apps.some((one) => one.instances.includes(instance.name)));
  const under = app === undefined ? '' : `apps/${serviceName(app)}/`;
  const here = join(request.out, under);
  const derived = derive({
    source,
    back: pathBetween(here, dirname(manifest.file)),
    servers: readdressed(hosted),
    ...(app === undefined ? {} : { app }),
  });
  // What it says is what its own container and the apps will read: everything else is made from that.
  const own = await openProject({ cwd: here, file: join(here, 'cotenant.yaml'), source: derived.text, env: project.env });
  const environment = await environmentOf(own, under, app === undefined);
  const alerts = new Set(hosted.flatMap(({ ability }) => ability.alerts ?? []));
  const monitoring = app === undefined ? monitoringFiles([...alerts]) : [];
  const set = setOf(setInput({ project, request, hosted, derived, under, here, ...(app === undefined ? {} : { app }) }));
  return {
    files: [{ path: `${under}cotenant.yaml`, target: 'compose', body: derived.text }, ...set.files, ...monitoring, ...environment.files],
    once: set.once,
    notes: [...set.notes, ...environment.notes, ...unseen(derived, here, dirname(manifest.file))],
  };
}

/** The servers as the manifest of the set names them. One login looks passwords up on all that have a pooler. */
function readdressed(hosted: readonly Hosted[]): readonly Readdressed[] {
  const poolers = new Map(hosted.map((one) => [one.instance.name, poolerOf(one)?.rendered ?? null]));
  const pooled = [...poolers].flatMap(([name, one]) => (one === null ? [] : [name]));
  return hosted.map(({ instance, ability, service }) => {
    const pooler = poolers.get(instance.name);
    return {
      instance: instance.name,
      url: ability.adminUrl(service),
      password: `secrets/${secretNames.admin(service)}`,
      without: ability.addressFields,
      fields: pooler?.instance ?? {},
      operators: pooler ? { [pooler.operator.login]: { may: pooler.operator.may, instances: pooled } } : {},
    };
  });
}

/** Services that every set has. */
const RESERVED: readonly string[] = ['cotenant', 'serve'];

interface Making {
  readonly project: Project;
  readonly request: RenderRequest;
  readonly hosted: readonly Hosted[];
  readonly derived: Derived;
  readonly under: string;
  readonly here: string;
  readonly app?: string;
}

function setInput({ project, request, hosted, derived, under, here, app }: Making): SetInput {
  const { manifest } = project;
  const together = request.strategy !== 'hybrid';
  const apps = manifest.apps
    .filter(({ name }) => app === undefined || name === app)
    .map((one): AppInput => {
      const service = serviceName(one.name);
      const isTaken = together && hosted.some((other) => other.service === service);
      return {
        name: one.name,
        service: isTaken || RESERVED.includes(service) ? `${service}-app` : service,
        servers: hosted.filter(({ instance }) => one.instances.includes(instance.name)).map((other) => other.service),
        after: one.after,
        environment: together && app === undefined ? `./apps/${service}/.env` : './.env',
      };
    });
  differ(apps.map(({ name, service }) => [name, service]));
  const prefix = serviceName(manifest.project);
  return {
    project: app === undefined ? prefix : `${prefix}-${serviceName(app)}`,
    under,
    servers: hosted.map((one) => serverInput(one, request)),
    apps,
    work: workOf({
      request,
      derived,
      here,
      base: dirname(manifest.file),
      outside: manifest.instances.length > hosted.length && app === undefined,
    }),
    together,
  };
}

interface Working {
  readonly request: RenderRequest;
  readonly derived: Derived;
  readonly here: string;
  readonly base: string;
  readonly outside: boolean;
}

function workOf({ request, derived, here, base, outside }: Working): SetInput['work'] {
  const inside = pathBetween(base, here);
  const reads = derived.reads.some((path) => !isAbsolute(path)) && !inside.startsWith('..');
  const folder = reads ? `/work/${inside}` : '/work';
  return {
    image: `cotenant:${request.version}`,
    folder,
    manifest: `${folder}/cotenant.yaml`,
    reads: reads ? [{ source: pathBetween(here, base), target: '/work' }] : [],
    variables: derived.variables,
    outside,
  };
}

/** Files that the container of cotenant cannot see. */
function unseen({ reads }: Derived, here: string, base: string): readonly string[] {
  const isOutside = pathBetween(base, here).startsWith('..');
  return reads
    .filter((path) => isOutside || pathBetween(base, resolve(base, path)).startsWith('..'))
    .map((path) => `the manifest reads ${path}, which the container of cotenant does not see: mount it in compose.override.yaml`);
}
