import { fail } from '../model/index.ts';
import type { Project } from './types.ts';

/** Throws CT2016 where the manifest names no app and no reader like this. */
export function appExists(project: Project, name: string): void {
  const { apps, readers } = project.manifest;
  const names = [...apps.map((app) => app.name), ...readers.map((reader) => reader.name)];
  if (!names.includes(name))
    throw fail('CT2016', `the manifest has no app "${name}"`, { hint: `its apps are: ${names.join(', ') || 'none'}` });
}
