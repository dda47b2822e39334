import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppSession, MigrationAbility } from '../../engine/index.ts';
import type { AppDecl, InstanceDecl } from '../../manifest/types.ts';
import { type Diagnostic, DiagnosticError, fail, unreachableCodes } from '../../model/index.ts';
import { publicFile } from '../../secrets/input.ts';
import { appExists } from '../apps.ts';
import { contextOf, DEADLINE, diagnosticsOf } from '../sessions.ts';
import type { Project } from '../types.ts';
import { type Migrating, migrating } from './apps.ts';

/** Something that an app has to find before it starts, and that is not there. */
export interface NotThere {
  readonly what: string;
  /** The command that brings it about. */
  readonly command: string;
}

export interface ReadyReport {
  readonly app: string;
  readonly ready: boolean;
  readonly missing: readonly NotThere[];
  /** Why it could not be asked. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ReadyRequest {
  readonly app: string;
  /** Milliseconds to wait for it. Default 0. */
  readonly wait?: number;
}

/** Milliseconds between two tries. */
const PAUSE = 500;

/**
 * Whether an app can start, seen with its own login alone: it gets in, its migrations are at their head, or at the revision that
 * `requires` names, and what `requires` names is there. Throws CT2016.
 */
export async function ready(project: Project, { app, wait = 0 }: ReadyRequest): Promise<ReadyReport> {
  appExists(project, app);
  for (const end = performance.now() + wait; ; ) {
    const report = await once(project, app);
    const permanent = report.diagnostics.some(({ code }) => !unreachableCodes.has(code));
    if (report.ready || permanent || performance.now() >= end) return report;
    await sleep(Math.min(PAUSE, Math.max(0, end - performance.now())), undefined, { signal: project.signal });
  }
}

/** The same for a program that is to end where its app cannot start. Throws CT4114 with everything that is missing. */
export async function assertReady(project: Project, app: string, more: Omit<ReadyRequest, 'app'> = {}): Promise<void> {
  const { ready: is, missing, diagnostics } = await ready(project, { app, ...more });
  if (is) return;
  const lacking = missing
    .map(({ what, command }) => fail('CT4114', `"${app}" is not ready: ${what}`, { hint: `run ${command}` }).diagnostics)
    .flat();
  throw new DiagnosticError([...diagnostics, ...lacking]);
}

async function once(project: Project, app: string): Promise<ReadyReport> {
  try {
    const missing = await missingOf(project, app);
    return { app, ready: missing.length === 0, missing, diagnostics: [] };
  } catch (error) {
    return { app, ready: false, missing: [], diagnostics: diagnosticsOf(error).map((one) => project.locate(one)) };
  }
}

async function missingOf(project: Project, name: string): Promise<readonly NotThere[]> {
  const app = project.manifest.apps.find((one) => one.name === name);
  if (!app) throw fail('CT2016', `"${name}" is no app of the manifest`);
  const [one] = app.migrations === null ? [] : await migrating(project, [name]);
  const place = one ?? (await placeOf(project, app));
  if (!place) return [];
  await using session = await enter(project, app, place);
  const { tables = [], columns = {}, extensions = [] } = app.requires ?? {};
  const lacking = await session.lacking({ tables, columns, extensions });
  const behind = one ? await behindBy(one, session, app.requires?.revision ?? null) : [];
  const apply = (what: string): string =>
    what.startsWith('extension') ? 'cotenant apply' : one ? `cotenant migrate up ${name}` : 'the migrations of the app';
  return [...behind, ...lacking.map((what) => ({ what: `${what} is missing`, command: apply(what) }))];
}

async function behindBy(one: Migrating, session: AppSession, wanted: string | null): Promise<readonly NotThere[]> {
  const { tool, place, app } = one;
  const tables = await session.ledgers(tool.wishes(place));
  const files = await tool.files(place);
  const { pending, drift, current } = tool.judge(files, tables);
  const command = `cotenant migrate up ${app.name}`;
  const wrong = drift.map((what) => ({
    what: `files and ledger contradict each other: ${what}`,
    command: `cotenant migrate status ${app.name}`,
  }));
  if (wanted !== null) {
    if (current.includes(wanted)) return wrong;
    // What nobody has heard of is not applied either: a word that is misspelt makes nothing ready.
    const isKnown = files.revisions.some(({ id, replaces = [] }) => id === wanted || replaces.includes(wanted));
    if (!isKnown) return [...wrong, { what: `revision ${wanted} has no file`, command: `cotenant migrate status ${app.name}` }];
    return pending.includes(wanted) || current.length === 0 ? [...wrong, { what: `revision ${wanted} is not applied`, command }] : wrong;
  }
  return pending.length === 0 ? wrong : [...wrong, { what: `${pending.length} pending: ${pending.join(', ')}`, command }];
}

interface Placed {
  readonly instance: InstanceDecl;
  readonly ability: MigrationAbility;
}

/** Where an app without migrations has its tables. */
async function placeOf(project: Project, app: AppDecl): Promise<Placed | null> {
  for (const instance of project.manifest.instances) {
    const ability = app.instances.includes(instance.name) ? await instance.engine.migrations?.() : undefined;
    if (ability) return { instance, ability };
  }
  return null;
}

/** With what the secret store has, else with what this process has in its environment, as in an app's container. */
async function enter(project: Project, app: AppDecl, { instance, ability }: Placed): Promise<AppSession> {
  const context = await contextOf({ ...project, own: new Map() }, instance, DEADLINE);
  const known = variablesOf(project, app, { instance, ability });
  return await ability.enter(instance.input, app.name, known ?? project.env, { ...context, works: false });
}

function variablesOf(project: Project, app: AppDecl, { instance, ability }: Placed): Readonly<Record<string, string>> | null {
  const { secrets, manifest } = project;
  try {
    const made = ability.variables(instance.input, app.name, {
      prefix: null,
      secret: (ref) => secrets.peek(ref),
      derived: (ref) => secrets.derived(ref),
      file: (input) => publicFile(input, { env: project.env, baseDir: dirname(manifest.file) }),
    });
    return Object.fromEntries(made.map(({ name, value }) => [name, value]));
  } catch (error) {
    if (error instanceof DiagnosticError && error.diagnostics.every(({ code }) => code === 'CT5007')) return null;
    throw error;
  }
}
