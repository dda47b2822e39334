import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Endpoint, InstanceInput, Programs } from '../engine/index.ts';
import { DiagnosticError, fail } from '../model/index.ts';
import { untilOrphanGone } from './alive.ts';
import { type ContainerPoint, isContainerRunning, removeContainer, startContainer } from './container.ts';
import { makeData } from './data.ts';
import type { ServerJob, ServerUp } from './job.ts';
import { localMachine } from './machine.ts';
import { copiesOf, dataFolder, makePlace } from './place.ts';
import { choosePort, isPortFree } from './port.ts';
import { untilServing } from './serving.ts';
import { spawnSupervisor, stopSupervisor, supervised } from './spawn.ts';
import { readState, type ServerState, writeWhole } from './state.ts';
import { takeStartLock } from './start-lock.ts';
import { type Candidate, findWays, type Skipped } from './ways.ts';

const host = '127.0.0.1';

/**
 * Brings one server up, by the first way that serves, and waits until its admin has got an answer from it. Where it runs
 * already, nothing is done. Two runs at once take turns; a run that was killed is repaired by the next one.
 * Throws CT6001, CT6002, CT6003, CT6010, CT6020 to CT6024, CT3002, and AbortError.
 */
export async function startServer(job: ServerJob): Promise<ServerUp> {
  await makePlace(job.place);
  using _lock = await takeStartLock(job.place, job.signal);
  const state = await readState(job.place.state);
  if (state !== null && state.engine !== job.engine.id) throw anotherEngine(job, state);
  if (state !== null && (await isRunning(job, state))) {
    await requireAsked(job, state);
    const { title, run, port } = state;
    await untilServing(job, await endpointOf(job, state));
    return { instance: job.input.name, started: false, way: run.way, title, host, port, passedOver: [] };
  }
  await untilOrphanGone(job.place);
  const folder = await dataFolder(job.place);
  const data = existsSync(folder) ? folder : null;
  const hasData = data !== null || state?.run.way === 'container';
  if (hasData && !(await job.hasPassword())) throw passwordLost(job);
  const { candidates, passedOver } = await findWays(job, state, data);
  if (hasData && candidates.length === 0 && state !== null) await requireAsked(job, state);
  const port = await portOf(job, state);
  return await firstThatServes(job, { candidates, passedOver, port, folder, hasData, volume: volumeOf(state) });
}

/** What was found out before anything is started. */
interface Prepared {
  readonly candidates: readonly Candidate[];
  readonly passedOver: readonly Skipped[];
  readonly port: number;
  readonly folder: string;
  readonly hasData: boolean;
  readonly volume: string | null;
}

async function firstThatServes(job: ServerJob, prepared: Prepared): Promise<ServerUp> {
  const passedOver = [...prepared.passedOver];
  const endpoint = { host, port: prepared.port, password: await job.password() };
  for (const candidate of prepared.candidates) {
    job.signal.throwIfAborted();
    try {
      const { title, way } = candidate;
      await attempt(job, candidate, prepared, endpoint);
      return { instance: job.input.name, started: true, way, title, host, port: prepared.port, passedOver };
    } catch (error) {
      // What there was before must not be taken for another way's failure.
      if (prepared.hasData && isPermanent(error)) await stopSupervisor(job.place);
      if (prepared.hasData || !(error instanceof DiagnosticError)) throw error;
      await undo(job, prepared.folder);
      const [first] = error.diagnostics;
      passedOver.push({ way: candidate.way, why: [first?.message, first?.hint].filter((part) => part !== undefined).join('\n') });
    }
  }
  throw noWay(job, passedOver);
}

/** It ends again and again. One that is only slow, as in a long recovery, is left at it. */
function isPermanent(error: unknown): boolean {
  return error instanceof DiagnosticError && error.diagnostics.some(({ code }) => code === 'CT6001');
}

async function attempt(job: ServerJob, candidate: Candidate, prepared: Prepared, at: Omit<Endpoint, 'data'>): Promise<void> {
  if (candidate.way === 'container') await attemptContainer(job, candidate, prepared, at);
  else await attemptLocal(job, candidate, prepared, at);
}

async function attemptLocal(job: ServerJob, candidate: Programs, prepared: Prepared, at: Omit<Endpoint, 'data'>): Promise<void> {
  const { place, runtime, input, engine, signal } = job;
  const machine = localMachine();
  const copies = await copiesOf(place, candidate.programs);
  const setup = { input, programs: candidate.programs, ...at, copies, data: prepared.folder };
  await makeData(machine, setup, runtime);
  signal.throwIfAborted();
  const launch = await runtime.launch(machine, setup);
  const { way, title, programs } = candidate;
  const run = { way, programs, data: prepared.folder, launch };
  await writeWhole(place.state, { format: 1, engine: engine.id, title, host, port: at.port, run });
  signal.throwIfAborted();
  await spawnSupervisor(job);
  await untilServing(job, { ...at, data: prepared.folder });
}

async function attemptContainer(
  job: ServerJob,
  candidate: Extract<Candidate, { way: 'container' }>,
  prepared: Prepared,
  at: Omit<Endpoint, 'data'>,
): Promise<void> {
  const { place, engine, env } = job;
  const { cli, title } = candidate;
  const name = containerName(job);
  const volume = prepared.volume ?? name;
  const run = { way: 'container' as const, cli, name, volume };
  await writeWhole(place.state, { format: 1, engine: engine.id, title, host, port: at.port, run });
  const container = candidate.container(at.password);
  await startContainer({ cli, name, volume, folder: place.folder, host, port: at.port, container, env });
  await untilServing(job, { ...at, data: null });
}

/** Brings the place back to where nothing was started. */
async function undo(job: ServerJob, folder: string): Promise<void> {
  const { place, env } = job;
  const state = await readState(place.state);
  if (state?.run.way === 'container') await removeContainer({ ...state.run, env }, state.run.volume, place.folder);
  else await stopSupervisor(place);
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  await rm(place.state, { force: true });
}

async function isRunning(job: ServerJob, state: ServerState): Promise<boolean> {
  if (state.run.way === 'container') return await isContainerRunning(pointOf(state.run, job));
  return await supervised(job.place);
}

function pointOf(run: Extract<ServerState['run'], { way: 'container' }>, { env }: ServerJob): ContainerPoint {
  return { cli: run.cli, name: run.name, env };
}

async function endpointOf(job: ServerJob, { port, run }: ServerState): Promise<Endpoint> {
  if (!(await job.hasPassword())) throw passwordLost(job);
  return { host, port, password: await job.password(), data: run.way === 'container' ? null : run.data };
}

/** The one that it had before, or one that nobody listens on. Throws CT6023 where the former is taken. */
async function portOf(job: ServerJob, state: ServerState | null): Promise<number> {
  if (state === null) return await choosePort(job.place.folder);
  if (state.run.way === 'container' || (await isPortFree(state.port))) return state.port;
  throw fail('CT6023', `Port ${state.port} of "${job.input.name}" is in use by another program.`, {
    instance: job.input.name,
    hint: `Stop that program. To move the server to another port instead, remove ${job.place.state}; apps then need the new port.`,
  });
}

function volumeOf(state: ServerState | null): string | null {
  return state?.run.way === 'container' ? state.run.volume : null;
}

function containerName({ input, place }: ServerJob): string {
  const tail = Buffer.from(place.folder)
    .toString('base64url')
    .slice(-8)
    .replaceAll(/[^A-Za-z0-9]/g, 'x');
  return `cotenant-${input.project}-${input.name}-${tail}`.toLowerCase();
}

/** Throws CT6020 where the server that is there is not the one that the manifest asks for. */
async function requireAsked(job: ServerJob, { run, title }: ServerState): Promise<void> {
  const asked = job.runtime.asked(job.input.config);
  // What a container runs stands in its image alone, and is not looked at.
  if (asked === null || run.way === 'container') return;
  if (await job.runtime.isAsked(job.input.config, run.programs, run.data)) return;
  const fitting = await job.runtime.find(localMachine(), { config: job.input.config, data: run.data, cache: job.cache });
  const hasOther = fitting.some((one) => !('why' in one));
  const { name, path } = job.input;
  throw fail('CT6020', `The server of "${name}" is ${title}, but the manifest now asks for ${asked}.`, {
    instance: name,
    path,
    hint: hasOther
      ? `To go on with its data on the other one: cotenant down ${name}, then cotenant up ${name}`
      : `Write what it is, rename the instance, or delete the server with its data: cotenant down ${name} --volumes`,
  });
}

function anotherEngine(job: ServerJob, { title }: ServerState): DiagnosticError {
  const { name, path } = job.input;
  return fail('CT6020', `The server of "${name}" is ${title}, but the manifest now asks for ${job.engine.title}.`, {
    instance: name,
    path,
    hint: `Rename the instance, or delete the server with its data: cotenant down ${name} --volumes`,
  });
}

function passwordLost(job: ServerJob): DiagnosticError {
  return adminPasswordLost(job.input, job.otherProjects());
}

/** `others`: projects of the same store that have one for an instance of this name. */
export function adminPasswordLost({ name, project }: InstanceInput, others: readonly string[]): DiagnosticError {
  if (others.length === 0) {
    return fail('CT6021', `The server of "${name}" has data, but the secret store has no password for its admin.`, {
      instance: name,
      hint: 'Restore the secret store from a backup: without it the data cannot be reached. If you rename the instance, it gets a second server beside this one.',
    });
  }
  const whose = others.map((one) => `"${one}"`).join(' or ');
  return fail('CT6021', `The server of "${name}" in this folder belongs to project ${whose}, but the manifest says "${project}".`, {
    instance: name,
    path: ['project'],
    hint: `Write \`project: ${others[0] ?? ''}\` again: everything that cotenant created on a server is marked with that name. A new project needs a separate folder.`,
  });
}

function noWay(job: ServerJob, passedOver: readonly Skipped[]): DiagnosticError {
  const lines = passedOver.map(({ way, why, get }) => `${way}: ${why}${get === undefined ? '' : `; to get it: ${get}`}`);
  return fail('CT6022', `${job.engine.title} cannot be started on this machine for "${job.input.name}".`, {
    instance: job.input.name,
    path: job.input.path,
    hint: lines.length === 0 ? 'No provider is known.' : lines.join('\n'),
  });
}
