import { dirname } from 'node:path';
import { adminSecret, type Depth, type Observation, type SecretSource, type Session, type SessionContext } from '../engine/index.ts';
import type { InstanceDecl } from '../manifest/index.ts';
import { type Diagnostic, DiagnosticError } from '../model/index.ts';
import { publicFile, resolveSecretInput } from '../secrets/input.ts';
import { unlessAborted } from '../util/abort.ts';
import { counted, type Progress } from '../util/progress.ts';
import { sharedServers } from './one-server.ts';
import { hasAddress } from './own.ts';
import type { Project } from './types.ts';

/** Milliseconds to reach an instance, unless something else is said. */
export const DEADLINE = 10_000;

/** An instance that answered. */
export interface Reached {
  readonly instance: InstanceDecl;
  readonly session: Session;
}

/** An instance that did not. */
export interface Missed {
  readonly instance: InstanceDecl;
  readonly diagnostics: readonly Diagnostic[];
}

/** What sessions need of a project. */
export type Around = Pick<Project, 'manifest' | 'own' | 'env' | 'signal' | 'progress' | 'locate'> & {
  readonly secrets: SecretSource & Pick<Project['secrets'], 'projectsWith'>;
};

/** Open sessions on every instance that can be reached; the others fail alone, by name. */
export class Sessions implements AsyncDisposable {
  readonly reached: readonly Reached[];
  readonly missed: readonly Missed[];
  /** CT2074: instances that are one server. */
  readonly shared: readonly Diagnostic[];

  private constructor(reached: readonly Reached[], missed: readonly Missed[], shared: readonly Diagnostic[]) {
    this.reached = reached;
    this.missed = missed;
    this.shared = shared;
  }

  /**
   * Throws CT2074 where instances are one server, where the project is interrupted meanwhile, and at a defect. What opens later
   * than that is closed again.
   */
  static async open(project: Around, deadline?: number): Promise<Sessions> {
    const sessions = await Sessions.openAll(project, deadline);
    if (sessions.shared.length === 0) return sessions;
    await sessions[Symbol.asyncDispose]();
    throw new DiagnosticError(sessions.shared.map((one) => project.locate(one)));
  }

  /** The same for whoever tells of `shared` with all else that is wrong, and does nothing then. */
  static async openAll(project: Around, deadline: number = DEADLINE): Promise<Sessions> {
    const reached: Reached[] = [];
    const missed: Missed[] = [];
    const { instances: items } = project.manifest;
    const { progress } = project;
    const open = async (instance: InstanceDecl): Promise<void> => {
      const one = await openOne(project, instance, deadline);
      if ('session' in one) reached.push(one);
      else missed.push(one);
    };
    const opening = items.map(counted({ items, of: 'servers reached', progress }, open));
    try {
      await unlessAborted(Promise.all(opening), project.signal);
    } catch (error) {
      void Promise.allSettled(opening).then(() => Promise.allSettled(reached.map(({ session }) => session[Symbol.asyncDispose]())));
      throw error;
    }
    const order = (one: Reached | Missed): number => project.manifest.instances.indexOf(one.instance);
    const inOrder = reached.sort((a, b) => order(a) - order(b));
    const sessions = (shared: readonly Diagnostic[]): Sessions =>
      new Sessions(
        inOrder,
        missed.sort((a, b) => order(a) - order(b)),
        shared,
      );
    try {
      return sessions(await unlessAborted(sharedServers(inOrder), project.signal));
    } catch (error) {
      await sessions([])[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.reached.map(({ session }) => session[Symbol.asyncDispose]()));
  }
}

/** Opens one instance, or says why it could not be. Throws at a defect. */
export async function openOne(project: Around, instance: InstanceDecl, deadline: number = DEADLINE): Promise<Reached | Missed> {
  try {
    return { instance, session: await instance.engine.connect(instance.input, await contextOf(project, instance, deadline)) };
  } catch (error) {
    const diagnostics = diagnosticsOf(error);
    return { instance, diagnostics: project.own.has(instance.name) ? diagnostics.map(isDown) : diagnostics };
  }
}

/** What the operator comes in with. Throws CT3007 and CT6021 where a local server has no address or no password. */
export async function contextOf(project: Around, instance: InstanceDecl, deadline: number): Promise<SessionContext> {
  const baseDir = dirname(project.manifest.file);
  const own = project.own.get(instance.name);
  if (own) hasAddress(instance, own);
  if (own && project.secrets.peek(adminSecret(instance.name)) === null) {
    const { adminPasswordLost } = await import('../runtime/start-server.ts');
    throw adminPasswordLost(instance.input, project.secrets.projectsWith(adminSecret(instance.name)));
  }
  return {
    instance: instance.name,
    project: project.manifest.project,
    deadline,
    secrets: project.secrets,
    ...(own ? { admin: adminSecret(instance.name) } : {}),
    reveal: (input) => ofInstance(instance.name, () => resolveSecretInput(input, { env: project.env, baseDir })),
    file: (input) => publicFile(input, { env: project.env, baseDir }),
    signal: project.signal,
  };
}

/** What is wrong with a secret that an instance refers to stands at that instance. */
async function ofInstance<T>(instance: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    throw new DiagnosticError(error.diagnostics.map((one) => ({ instance, path: ['instances', instance], ...one })));
  }
}

const DOWN: ReadonlySet<string> = new Set(['CT3001', 'CT3014']);

/** A server of our own that does not answer is most likely not up. */
function isDown(diagnostic: Diagnostic): Diagnostic {
  return DOWN.has(diagnostic.code) ? { ...diagnostic, hint: 'run cotenant up: it starts the server if it is not running' } : diagnostic;
}

/** Expected trouble as diagnostics; anything else is a defect and is thrown on. */
export function diagnosticsOf(error: unknown): readonly Diagnostic[] {
  if (error instanceof DiagnosticError) return error.diagnostics;
  throw error;
}

/** What an instance has, or why it could not be read. */
export async function observed(
  { session }: Reached,
  depth: Depth = 'whole',
  progress?: Progress,
): Promise<Observation | readonly Diagnostic[]> {
  try {
    return await session.observe(depth, progress);
  } catch (error) {
    return diagnosticsOf(error);
  }
}

export function isTrouble(value: Observation | readonly Diagnostic[]): value is readonly Diagnostic[] {
  return Array.isArray(value);
}
