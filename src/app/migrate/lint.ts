import type { Diagnostic, LintFinding, RenderedMigration } from '../../model/index.ts';
import { contextOf, DEADLINE } from '../sessions.ts';
import type { Project } from '../types.ts';
import { type Migrating, migrating } from './apps.ts';
import { renderMigrations } from './render.ts';

export interface LintOutcome {
  /** Revisions that were looked at. */
  readonly revisions: number;
  readonly findings: readonly LintFinding[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What is pending, with what the rules find in it. */
export interface PlannedMigrations extends LintOutcome {
  readonly migrations: readonly RenderedMigration[];
}

/** Looks for what the pending migrations would do to others and to the app itself, with the sizes of the live servers. Changes nothing. `apps` empty: all. */
export async function lintMigrations(project: Project, apps: readonly string[] = []): Promise<LintOutcome> {
  const { revisions, findings, diagnostics } = await planMigrations(project, apps);
  return { revisions, findings, diagnostics };
}

/** The SQL of everything that is pending, as each tool renders it, and what the rules find in it. Changes nothing. `apps` empty: all. */
export async function planMigrations(project: Project, apps: readonly string[] = []): Promise<PlannedMigrations> {
  const { migrations, diagnostics } = await renderMigrations(project, apps);
  const findings: LintFinding[] = [];
  const more: Diagnostic[] = [];
  let revisions = 0;
  for (const { app, instance, decl } of await migrating(project, apps)) {
    const scripts = migrations.filter((one) => one.app === app.name);
    if (scripts.length === 0) continue;
    const ability = await instance.engine.lint?.();
    if (!ability) {
      const message = `there are no rules for migrations on ${instance.engine.title} yet: those of "${app.name}" were not looked at`;
      more.push(project.locate({ code: 'CT4116', severity: 'warning', message, path: decl.path }));
      continue;
    }
    revisions += scripts.length;
    findings.push(...(await ability.lint(instance.input, app.name, scripts, await contextOf(project, instance, DEADLINE))));
  }
  const keys = sameKeys(project, await migrating(project, []), apps);
  return { migrations, revisions, findings, diagnostics: [...diagnostics, ...more, ...keys] };
}

/** Apps whose tools lock a database with one and the same key: outside of cotenant, which lets one go after the other, each keeps the others out. */
function sameKeys(project: Project, all: readonly Migrating[], apps: readonly string[]): readonly Diagnostic[] {
  const locking = all.filter(({ tool }) => tool.advisoryKey !== undefined);
  const groups = [
    ...Map.groupBy(locking, ({ instance, where, tool }) => JSON.stringify([instance.name, where, tool.advisoryKey])).values(),
  ];
  return groups.flatMap((group) => {
    const [first] = group;
    if (!first || group.length < 2 || (apps.length > 0 && !group.some(({ app }) => apps.includes(app.name)))) return [];
    const names = group.map(({ app }) => app.name).join(', ');
    const message = `${names}: their tools lock the whole database with one key (${first.tool.advisoryKey ?? ''}), each other out too`;
    const hint = 'run them with cotenant migrate up, which lets one go after the other, or give each app a database of its own';
    return [project.locate({ code: 'CT4117', severity: 'warning', message, path: first.decl.path, hint })];
  });
}
