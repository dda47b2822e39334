import type { BackupAbility } from '../../engine/index.ts';
import type { InstanceDecl } from '../../manifest/types.ts';
import { type Diagnostic, DiagnosticError } from '../../model/index.ts';
import { appExists } from '../apps.ts';
import { isOn } from '../env-names.ts';
import type { Project } from '../types.ts';

/** An app, and the parts of it that a backup holds. */
export interface Backed {
  readonly app: string;
  /** At least one. */
  readonly parts: readonly { readonly instance: InstanceDecl; readonly ability: BackupAbility }[];
}

/** The apps that are named, or all that live anywhere. Throws CT2016, and CT4313 where something of one would be left out unsaid. */
export async function backed(project: Project, names: readonly string[]): Promise<readonly Backed[]> {
  const { apps, instances, backup } = project.manifest;
  for (const name of names) appExists(project, name);
  const asked = new Set(names);
  const excluded = new Set(backup?.exclude ?? []);
  const found: Backed[] = [];
  const trouble: Diagnostic[] = unknownIn(excluded, instances);
  for (const { name: app, path } of apps.filter(({ name }) => asked.size === 0 || asked.has(name))) {
    const parts: Backed['parts'][number][] = [];
    for (const instance of instances) {
      if (excluded.has(instance.name) || !isOn(instance.input, app)) continue;
      const ability = await instance.engine.backup?.();
      if (ability) parts.push({ instance, ability });
      else
        trouble.push(
          project.locate({
            code: 'CT4313',
            severity: 'error',
            message: `"${app}" has data on "${instance.name}", and ${instance.engine.title} cannot be backed up yet`,
            path,
            instance: instance.name,
            hint: `to save the rest of it: backup: { exclude: [${instance.name}] }`,
          }),
        );
    }
    if (parts.length > 0) found.push({ app, parts });
  }
  if (trouble.length > 0) throw new DiagnosticError(trouble);
  return found;
}

function unknownIn(excluded: ReadonlySet<string>, instances: readonly InstanceDecl[]): Diagnostic[] {
  const names = new Set(instances.map(({ name }) => name));
  return [...excluded]
    .filter((name) => !names.has(name))
    .map((name) => ({
      code: 'CT1202',
      severity: 'error',
      message: `There is no instance "${name}", named in backup.exclude.`,
      path: ['backup', 'exclude'],
    }));
}
