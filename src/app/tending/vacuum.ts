import { dirname } from 'node:path';
import type { InstanceDecl } from '../../manifest/index.ts';
import type { Diagnostic, VacuumedTable, VacuumReport } from '../../model/index.ts';
import { publicFile } from '../../secrets/input.ts';
import { unlessAborted } from '../../util/abort.ts';
import { appsExist } from '../apps.ts';
import { contextOf, DEADLINE, diagnosticsOf } from '../sessions.ts';
import type { Project } from '../types.ts';

export interface VacuumRequest {
  readonly app: string | null;
  readonly deadline?: number;
  /** Told of each table as it is done. */
  readonly told: (table: VacuumedTable) => void;
}

/** Tidies up the tables of one app, or of all, each as the app itself, one after the other: the apps need their servers more. */
export async function vacuumApps(project: Project, { app, deadline = DEADLINE, told }: VacuumRequest): Promise<VacuumReport> {
  if (app !== null) appsExist(project, [app]);
  const tables: VacuumedTable[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const instance of project.manifest.instances) {
    const mine = instance.input.placements.filter((one) => app === null || one.app === app);
    for (const placed of mine) {
      try {
        const work = vacuumOne(project, instance, { app: placed.app, deadline }, (table) => {
          tables.push(table);
          told(table);
        });
        diagnostics.push(...(await unlessAborted(work, project.signal)));
      } catch (error) {
        if (project.signal.aborted) throw error;
        diagnostics.push(...diagnosticsOf(error).map((one) => project.locate({ instance: instance.name, ...one })));
      }
    }
  }
  return { format: 1, app, tables, diagnostics: [...new Map(diagnostics.map((one) => [one.message, one])).values()] };
}

async function vacuumOne(
  project: Project,
  instance: InstanceDecl,
  { app, deadline }: { readonly app: string; readonly deadline: number },
  told: (table: VacuumedTable) => void,
): Promise<readonly Diagnostic[]> {
  const { name, engine, input } = instance;
  const ability = await engine.vacuum?.();
  const { secrets } = project;
  const session = await contextOf(project, instance, deadline);
  const work = ability?.vacuum(input, app, {
    session,
    env: {
      secret: (ref) => secrets.peek(ref),
      derived: (ref) => secrets.derived(ref),
      file: (input) => publicFile(input, { env: project.env, baseDir: dirname(project.manifest.file) }),
    },
  });
  if (!work) return [nothingOf(instance, app, ability !== undefined)];
  for await (const table of work) told({ app, instance: name, engine: engine.id, ...table });
  return [];
}

function nothingOf({ name, engine }: InstanceDecl, app: string, able: boolean): Diagnostic {
  const message = able
    ? `"${app}" has no tables of its own on "${name}": its rows lie in tables that others share`
    : `${engine.title} has nothing to tidy up: "${name}" was left as it is`;
  return { code: 'CT4606', severity: 'info', message, instance: name };
}
