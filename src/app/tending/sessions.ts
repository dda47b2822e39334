import type { InstanceDecl } from '../../manifest/index.ts';
import type { Diagnostic, ListedSession, SessionsReport } from '../../model/index.ts';
import type { Tending } from '../../engine/index.ts';
import { unlessAborted } from '../../util/abort.ts';
import { byText } from '../../util/text-order.ts';
import { appsExist } from '../apps.ts';
import { diagnosticsOf, openOne } from '../sessions.ts';
import type { Project } from '../types.ts';

/** What was done on one instance, or why nothing was. */
export interface Tended<T> {
  readonly instance: InstanceDecl;
  readonly result: T | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Does the same on these instances, each by itself: one that is down holds up nobody. Throws where it is interrupted, and at a defect. */
export async function tend<T>(
  project: Project,
  instances: readonly InstanceDecl[],
  work: (tending: Tending, instance: InstanceDecl) => Promise<T>,
  deadline?: number,
): Promise<readonly Tended<T>[]> {
  const one = async (instance: InstanceDecl): Promise<Tended<T>> => {
    const lost = (all: readonly Diagnostic[]): Tended<T> => ({ instance, result: null, diagnostics: all.map((d) => project.locate(d)) });
    const opened = await openOne(project, instance, deadline);
    if ('diagnostics' in opened) return lost(opened.diagnostics);
    try {
      await using session = opened.session;
      const tending = await session.tending?.();
      if (!tending) return lost([unable(instance)]);
      return { instance, result: await work(tending, instance), diagnostics: [] };
    } catch (error) {
      return lost(diagnosticsOf(error));
    }
  };
  return await unlessAborted(Promise.all(instances.map(one)), project.signal);
}

function unable({ name, engine }: InstanceDecl): Diagnostic {
  return {
    code: 'CT4601',
    severity: 'warning',
    message: `${engine.title} does not tell yet who is connected: "${name}" was not asked`,
    instance: name,
  };
}

/** The instances on which an app or a reader lives. */
export function homesOf(project: Project, app: string | null): readonly InstanceDecl[] {
  const { instances } = project.manifest;
  if (app === null) return instances;
  return instances.filter(({ input }) => input.placements.some((one) => one.app === app) || input.readers.some(({ name }) => name === app));
}

export const listed =
  ({ name, engine }: InstanceDecl) =>
  <T extends object>(one: T): T & Pick<ListedSession, 'instance' | 'engine'> => ({ ...one, instance: name, engine: engine.id });

/** Who is connected. With an app, only its own sessions. Changes nothing. */
export async function sessionsOf(project: Project, app: string | null, deadline?: number): Promise<SessionsReport> {
  if (app !== null) appsExist(project, [app]);
  const all = await tend(
    project,
    homesOf(project, app),
    async (tending, instance) => (await tending.sessions()).map(listed(instance)),
    deadline,
  );
  const sessions = all.flatMap(({ result }) => result ?? []).filter((one) => app === null || one.app === app);
  return {
    format: 1,
    app,
    sessions: sessions.toSorted(
      (a, b) => byText(a.app ?? '\uffff', b.app ?? '\uffff') || byText(a.instance, b.instance) || Number(a.id) - Number(b.id),
    ),
    diagnostics: all.flatMap(({ diagnostics }) => diagnostics),
  };
}
