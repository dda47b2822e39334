import type { MigrationAbility } from '../../engine/index.ts';
import type { AppDecl, InstanceDecl, MigrationsDecl } from '../../manifest/types.ts';
import { toolOf } from '../../migrate/tools/index.ts';
import type { Place, Tool } from '../../migrate/tool.ts';
import { fail } from '../../model/index.ts';
import { appExists } from '../apps.ts';
import type { Project } from '../types.ts';

/** An app with migrations, and where they run. */
export interface Migrating {
  readonly app: AppDecl;
  readonly decl: MigrationsDecl;
  readonly instance: InstanceDecl;
  readonly ability: MigrationAbility;
  readonly tool: Tool;
  readonly place: Place;
  /** In the engine's words. Migrations in one place of one instance run one after the other. */
  readonly where: string;
}

/** The apps that are named, or all that have migrations, in the order in which they are deployed. Throws CT2016 and CT4108. */
export async function migrating(project: Project, names: readonly string[]): Promise<readonly Migrating[]> {
  const { apps, instances } = project.manifest;
  for (const name of names) {
    appExists(project, name);
    if (!apps.some((one) => one.name === name && one.migrations !== null)) throw none(name);
  }
  const asked = new Set(names);
  const some = apps.filter(({ name, migrations }) => migrations !== null && (asked.size === 0 || asked.has(name)));
  const abilities = new Map<InstanceDecl, MigrationAbility>();
  const found: Migrating[] = [];
  for (const app of some) {
    const instance = instances.find(({ name }) => name === app.migrations?.instance);
    if (!app.migrations || !instance) continue;
    const ability = abilities.get(instance) ?? (await instance.engine.migrations?.());
    if (!ability) throw new Error(`${instance.engine.id} runs no migrations`);
    abilities.set(instance, ability);
    const { tool, directory, ledger } = app.migrations;
    const place: Place = { app: app.name, directory, ledger };
    found.push({
      app,
      decl: app.migrations,
      instance,
      ability,
      tool: toolOf(tool),
      place,
      where: ability.place(instance.input, app.name) ?? '',
    });
  }
  return found;
}

function none(app: string): Error {
  return fail('CT4108', `"${app}" has no migrations in the manifest`, {
    path: ['apps', app],
    hint: `add \`migrations: { tool: alembic, directory: … }\` to it`,
  });
}
