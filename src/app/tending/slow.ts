import type { SlowReport } from '../../model/index.ts';
import { appsExist } from '../apps.ts';
import type { Project } from '../types.ts';
import { homesOf, listed, tend } from './sessions.ts';

export interface SlowRequest {
  /** Only statements of this app or reader; null: of all. */
  readonly app: string | null;
  /** How many at most. */
  readonly most: number;
  readonly deadline?: number;
}

/** The statements that took most time, without what stands in them. Changes nothing. */
export async function slowOf(project: Project, { app, most, deadline }: SlowRequest): Promise<SlowReport> {
  if (app !== null) appsExist(project, [app]);
  const all = await tend(
    project,
    homesOf(project, app),
    async (tending, instance) => {
      const told = await tending.slow?.({ app, most });
      const { statements, untold } = told ?? {
        statements: [],
        untold: [`statements: ${instance.engine.title} has no list of them here yet`],
      };
      // Whatever an engine gives: nobody sees another's.
      const mine = statements.filter((one) => app === null || one.app === app);
      return { statements: mine.map(listed(instance)), untold: untold.map((what) => ({ instance: instance.name, what })) };
    },
    deadline,
  );
  const statements = all.flatMap(({ result }) => result?.statements ?? []);
  return {
    format: 1,
    app,
    statements: statements.toSorted((a, b) => b.seconds - a.seconds).slice(0, most),
    untold: all.flatMap(({ result }) => result?.untold ?? []),
    diagnostics: all.flatMap(({ diagnostics }) => diagnostics),
  };
}
