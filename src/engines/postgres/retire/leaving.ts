import type { AppMark } from '../../../engine/index.ts';
import type { Observed } from '../../../model/index.ts';
import type { Input } from '../compile/draft.ts';

export interface Leaving {
  /** Not in the manifest any more, and not all of it put aside. */
  readonly gone: readonly string[];
  /** All of it put aside, and not in the manifest. */
  readonly retired: readonly string[];
}

/** Kinds of which each app's own are renamed when it is retired. */
const RENAMED: ReadonlySet<string> = new Set(['role', 'database', 'stray-schema']);

/** Apps and readers that the manifest does not name, as the server has them. */
export function leavingApps(
  { placements, readers }: Pick<Input, 'placements' | 'readers'>,
  marks: readonly AppMark[],
  resources: readonly Observed[],
): Leaving {
  const named = new Set([...placements.map((one) => one.app), ...readers.map((one) => one.name)]);
  const left = marks.filter(({ app }) => app !== '' && !named.has(app));
  const gone = new Set(left.filter(({ retired }) => retired === null).map(({ app }) => app));
  // Its roles may be put aside while its database is held by something.
  for (const { app, owned, address } of resources) if (owned && app !== null && !named.has(app) && RENAMED.has(address.kind)) gone.add(app);
  const retired = new Set(left.filter(({ app, retired: day }) => day !== null && !gone.has(app)).map(({ app }) => app));
  return { gone: [...gone].sort(), retired: [...retired].sort() };
}
