import { isDown, type SizesReport, type Usage } from '../../model/index.ts';
import { byText } from '../../util/text-order.ts';
import { appsExist } from '../apps.ts';
import type { Project } from '../types.ts';
import { InstanceWatch } from '../usage/watch.ts';
import { homesOf, listed, tend } from './sessions.ts';

export interface SizesRequest {
  readonly app: string | null;
  readonly tables: boolean;
  readonly deadline?: number;
}

/** How big each app is, and its tables. Changes nothing, and reads no row. */
export async function sizesOf(project: Project, { app, tables, deadline }: SizesRequest): Promise<SizesReport> {
  if (app !== null) appsExist(project, [app]);
  const homes = homesOf(project, app);
  const rounds = await Promise.all(
    homes.map(async (instance) => {
      await using watch = new InstanceWatch(project, instance, deadline);
      return await watch.collect(true);
    }),
  );
  const up = rounds.filter((one): one is Usage => !isDown(one));
  const apps = up.flatMap(({ instance, engine, apps: all }) =>
    all.flatMap((one) =>
      one.kind === 'app' && (app === null || one.app === app)
        ? [{ app: one.app, instance, engine, bytes: one.size?.bytes ?? null, exact: one.size?.exact ?? true }]
        : [],
    ),
  );
  const lost = up.flatMap(({ instance, lost: all }) =>
    all.flatMap(({ statement, why }) => (statement.startsWith('sizes') ? [{ instance, what: `${statement}: ${why}` }] : [])),
  );
  const down = new Set(rounds.flatMap((one) => (isDown(one) ? [one.instance] : [])));
  const inside = tables ? await tablesOf(project, { app, homes: homes.filter(({ name }) => !down.has(name)), deadline }) : null;
  return {
    format: 1,
    app,
    apps: apps.toSorted((a, b) => (b.bytes ?? -1) - (a.bytes ?? -1) || byText(a.app, b.app)),
    ...(inside ? { tables: inside.tables } : {}),
    untold: [...lost, ...(inside?.untold ?? [])],
    diagnostics: [...rounds.flatMap((one) => (isDown(one) ? one.diagnostics : [])), ...(inside?.diagnostics ?? [])],
  };
}

interface Inside {
  readonly app: string | null;
  readonly homes: ReturnType<typeof homesOf>;
  readonly deadline: number | undefined;
}

async function tablesOf(
  project: Project,
  { app, homes, deadline }: Inside,
): Promise<Required<Pick<SizesReport, 'tables' | 'untold' | 'diagnostics'>>> {
  const all = await tend(
    project,
    homes,
    async (tending, instance) => {
      const told = await tending.tables?.(app);
      const { tables, untold } = told ?? { tables: [], untold: [`tables: ${instance.engine.title} has none`] };
      const mine = tables.filter((one) => app === null || one.app === app);
      return { tables: mine.map(listed(instance)), untold: untold.map((what) => ({ instance: instance.name, what })) };
    },
    deadline,
  );
  return {
    tables: all.flatMap(({ result }) => result?.tables ?? []).toSorted((a, b) => b.bytes - a.bytes),
    untold: all.flatMap(({ result }) => result?.untold ?? []),
    diagnostics: all.flatMap(({ diagnostics }) => diagnostics),
  };
}
