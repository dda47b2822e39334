import { DiagnosticError, fail } from '../model/index.ts';
import { didYouMean } from '../util/closest.ts';
import type { InstanceDecl } from '../manifest/types.ts';
import type { Project } from './types.ts';

/** Throws CT2016 where the manifest names no app and no reader like this. */
export function appExists(project: Pick<Project, 'manifest'>, name: string): void {
  const { apps, readers } = project.manifest;
  const names = [...apps.map((app) => app.name), ...readers.map((reader) => reader.name)];
  if (!names.includes(name)) throw fail('CT2016', `the manifest has no app "${name}"`, { hint: nearOf(name, names, 'apps') });
}

/** The same of several, all at once; undefined: nobody in particular is meant. */
export function appsExist(project: Project, names: readonly string[] = []): void {
  const wrong = names.flatMap((name) => {
    try {
      appExists(project, name);
      return [];
    } catch (error) {
      if (error instanceof DiagnosticError) return error.diagnostics;
      throw error;
    }
  });
  if (wrong.length > 0) throw new DiagnosticError(wrong);
}

/** Throws CT2051 where the manifest names no instance like this. */
export function instanceNamed({ manifest }: Project, name: string): InstanceDecl {
  const found = manifest.instances.find((instance) => instance.name === name);
  if (found) return found;
  const names = manifest.instances.map((instance) => instance.name);
  throw fail('CT2051', `the manifest has no instance "${name}"`, { hint: nearOf(name, names, 'instances') });
}

/** The name that was probably meant, else all that there are: of many, the first. */
export function nearOf(name: string, names: readonly string[], kind: string): string {
  const more = names.length > FEW ? `, and ${names.length - FEW} more` : '';
  return didYouMean(name, names) ?? `its ${kind} are: ${names.slice(0, FEW).join(', ') || 'none'}${more}`;
}

const FEW = 12;
