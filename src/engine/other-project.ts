import type { Diagnostic, Path } from '../model/index.ts';
import { byKey } from '../util/text-order.ts';

/** What this project would have and another one has, by its mark. */
export interface Theirs {
  readonly project: string;
  /** As `role "x"`. */
  readonly what: string;
  readonly path?: Path | undefined;
}

/**
 * CT2006 once for each other project, whatever it has of what the manifest asks for: after `project:` was renamed that is
 * everything, and the way on is to put the old name back.
 */
export function otherProjects(
  found: readonly Theirs[],
  { instance, rename }: { readonly instance: string; readonly rename: string },
): readonly Diagnostic[] {
  return [...Map.groupBy(found, ({ project }) => project)].sort(byKey).map(([project, all]): Diagnostic => {
    const things = [...new Set(all.map(({ what }) => what))];
    const path = things.length === 1 ? all[0]?.path : ['project'];
    return {
      code: 'CT2006',
      severity: 'error',
      message: `${things.join(', ')} on "${instance}" ${things.length === 1 ? 'belongs' : 'belong'} to project "${project}"`,
      hint: `if this project was called "${project}" until now, put \`project: ${project}\` back: what stands on a server goes by that name, and is handed to no other project; if the other project is somebody else's, ${rename}`,
      instance,
      ...(path ? { path } : {}),
    };
  });
}
