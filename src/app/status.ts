import type { InstanceDecl } from '../manifest/types.ts';
import type { Diagnostic, PlacementStatus, ServerReport, StatusReport } from '../model/index.ts';
import { backupStatus, type BackupsFound } from './backup/status.ts';
import { assemble, lookAtAll, type Looked } from './plan.ts';
import { runningOrphans } from './orphans.ts';
import { secretIn } from './passwords.ts';
import { diagnosticsOf, isTrouble, type Missed, Sessions } from './sessions.ts';
import type { PlanOptions, Project } from './types.ts';
import { append } from '../util/append.ts';

const DAY = 86_400_000;

/** One row for each placement, with what a plan would say about it. Changes nothing. */
export async function statusProject(project: Project, options: PlanOptions = {}): Promise<StatusReport> {
  const saving = backupStatus(project);
  // Awaited below, where the servers have not ended it before.
  saving.catch(() => undefined);
  await using sessions = await Sessions.open(project, options.deadline);
  const looked = await lookAtAll(sessions, project.progress);
  const used = await usageOf(project, looked);
  return await reportOf(project, { looked, missed: sessions.missed, ...used, saved: await saving }, options);
}

/** What the servers told, and when it does not matter. */
export interface Seen extends UsageFound {
  readonly looked: readonly Looked[];
  readonly missed: readonly Missed[];
  readonly saved: BackupsFound;
}

/** The report on what was seen. Asks no server. */
export async function reportOf(
  project: Project,
  { looked, missed, usage, lost, saved: { backups, diagnostics: unread } }: Seen,
  options: PlanOptions = {},
): Promise<StatusReport> {
  const { plan, relaxations, foreign } = assemble(project, looked, missed, options);
  const reachedNames = new Set(Object.keys(plan.observed));
  const steps = Map.groupBy(plan.steps, (step) => key(step.address.instance, step.app));
  const secrets = secretsOf(project);
  const own = await reports(project);
  const rows = new Set(usage.map((row) => key(row.instance, row.app)));
  const other = plan.steps.filter((step) => !rows.has(key(step.address.instance, step.app)));
  return {
    shared: { pending: other.length, drift: other.filter(({ cause }) => cause === 'drift').length },
    placements: usage.map((row) => {
      const mine = steps.get(key(row.instance, row.app)) ?? [];
      const drift = mine.filter((step) => step.cause === 'drift').length;
      return { ...row, pending: mine.length, drift, credentialAge: credentialAge(project, secrets.get(key(row.instance, row.app)) ?? []) };
    }),
    instances: project.manifest.instances.map((instance) => {
      const server = own.get(instance.name);
      const found = looked.find(({ reached }) => reached.instance === instance);
      return {
        name: instance.name,
        engine: instance.engine.id,
        reached: reachedNames.has(instance.name),
        server: found && !isTrouble(found.observation) ? found.observation.server : {},
        ...(server ? { own: server } : {}),
      };
    }),
    shares: looked.flatMap(({ reached: { instance }, observation }) =>
      isTrouble(observation) ? [] : (instance.engine.shares?.(instance.input, observation) ?? []),
    ),
    relaxations,
    foreign,
    ...(backups === null ? {} : { backups }),
    diagnostics: [...plan.diagnostics, ...lost, ...unread, ...(await runningOrphans(project))],
  };
}

interface UsageFound {
  readonly usage: readonly PlacementStatus[];
  readonly lost: readonly Diagnostic[];
}

/** Sizes and connections of every placement; what an instance cannot tell takes nothing from the others. */
export async function usageOf(project: Pick<Project, 'manifest'>, looked: readonly Looked[]): Promise<UsageFound> {
  const usage: PlacementStatus[] = [];
  const lost: Diagnostic[] = [];
  for (const instance of project.manifest.instances) {
    const found = looked.find(({ reached }) => reached.instance === instance);
    if (!found || isTrouble(found.observation)) {
      usage.push(...unknownRows(instance));
      continue;
    }
    try {
      usage.push(...(await found.reached.session.usage()));
    } catch (error) {
      lost.push(...diagnosticsOf(error));
      usage.push(...unknownRows(instance));
    }
  }
  return { usage, lost };
}

/** The manifest's apps and readers on an instance that does not answer. */
function unknownRows({ name, engine, input }: InstanceDecl): readonly PlacementStatus[] {
  const apps = [...input.placements.map(({ app }) => app), ...input.readers.map((reader) => reader.name)];
  return apps.map((app) => ({
    app,
    instance: name,
    engine: engine.id,
    isolation: '?',
    location: '?',
    size: null,
    connections: null,
    connectionLimit: null,
    state: 'unknown' as const,
  }));
}

async function reports(project: Project): Promise<ReadonlyMap<string, ServerReport>> {
  if (project.own.size === 0) return new Map();
  const { reportServer } = await import('../runtime/report.ts');
  const all = [...project.own].map(async ([name, { place }]) => [name, await reportServer(place, project.env)] as const);
  return new Map(await Promise.all(all));
}

function key(instance: string, app: string | null): string {
  return `${instance}/${app ?? ''}`;
}

/** Names of the secrets of each app on each instance. */
function secretsOf(project: Project): ReadonlyMap<string, readonly string[]> {
  const secrets = new Map<string, string[]>();
  for (const { name, engine, input } of project.manifest.instances) {
    for (const { app, spec } of engine.compile(input).resources) {
      const secret = secretIn(spec);
      if (secret !== null) append(secrets, key(name, app), secret);
    }
  }
  return secrets;
}

/** Days since the newest of these secrets was made. */
function credentialAge(project: Project, names: readonly string[]): number | null {
  const made = names.map((name) => project.secrets.madeAt(name)).filter((at) => at !== null);
  return made.length === 0 ? null : Math.floor((Date.now() - Math.max(...made.map(Number))) / DAY);
}
