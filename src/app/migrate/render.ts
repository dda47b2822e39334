import { runChild } from '../../migrate/child.ts';
import type { Rendered, Rendering, Start, Target } from '../../migrate/tool.ts';
import { type Diagnostic, DiagnosticError, fail, type RenderedMigration } from '../../model/index.ts';
import { counted } from '../../util/progress.ts';
import { diagnosticsOf, Sessions } from '../sessions.ts';
import type { Project } from '../types.ts';
import { type Migrating, migrating } from './apps.ts';
import { environmentOf, programOf } from './environment.ts';
import { look, type Seen } from './look.ts';
import { onlyWith } from './step.ts';

export interface RenderOutcome {
  readonly migrations: readonly RenderedMigration[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The SQL of everything that is pending, as each tool renders it. Changes nothing. `apps` empty: all. */
export async function renderMigrations(project: Project, apps: readonly string[] = []): Promise<RenderOutcome> {
  const some = await migrating(project, apps);
  await using sessions = await Sessions.open(onlyWith(project, some));
  const migrations: RenderedMigration[] = [];
  const diagnostics: Diagnostic[] = sessions.missed.flatMap((one) => one.diagnostics);
  const seen = await look(some, sessions.reached);
  const render = counted({ items: seen, of: 'apps', progress: project.progress }, async (one) => {
    try {
      migrations.push(...((await rendered(project, one, { to: 'head' })) ?? unknown(one.one)));
    } catch (error) {
      diagnostics.push(...diagnosticsOf(error));
    }
  });
  for (const one of seen) await render(one);
  return { migrations, diagnostics: diagnostics.map((one) => project.locate(one)) };
}

function unknown({ app, tool, decl }: Migrating): never {
  throw fail('CT4113', `nobody can tell what the pending migrations of "${app.name}" will send: ${tool.id} does not render them`, {
    path: decl.path,
  });
}

/** What a run to the target would send; null: nobody can tell. Throws what keeps the app from being seen. */
export async function rendered(project: Project, seen: Seen, target: Target): Promise<readonly RenderedMigration[] | null> {
  const { one, files, standing, trouble } = seen;
  if (!files || !standing) throw new DiagnosticError(trouble);
  if (target.to === 'head' && standing.pending.length === 0) return [];
  const { env, secrets, way } = environmentOf(project, one);
  const printed = async (start: Start): Promise<string> => {
    const { program, args } = await programOf(project, one, start.cwd);
    const options = { program, args: [...args, ...start.args], cwd: start.cwd, env: { ...env, ...start.env }, secrets };
    const end = await runChild({ ...options, deadline: one.decl.deadline, signal: project.signal, say: () => undefined }, true);
    if (end.code === 0) return end.output;
    const last = end.tail.slice(-4).join(' / ');
    throw fail('CT4102', `${one.app.name}: ${one.tool.id} cannot render its migrations: it ended with code ${end.code ?? '?'}: ${last}`, {
      path: one.decl.path,
    });
  };
  const rendering: Rendering = { place: one.place, files, standing, target, way, printed };
  const found: readonly Rendered[] | null = await one.tool.render(rendering);
  // There is something to do, and a tool whose print has nothing in it was not understood.
  return found === null || found.length === 0 ? null : found.map((part) => ({ app: one.app.name, ...part }));
}
