import { hangingOf } from '../observe/basis.ts';
import type { Context } from '../steps/draft-steps.ts';
import { ownRoles } from './close.ts';
import { kindOfRetired, type Retired } from './retired-spec.ts';

/** Apps on whose things others of the list have built come after those. */
export function inOrder(apps: readonly string[], context: Context): readonly string[] {
  const out: string[] = [];
  const seen = new Set<string>();
  const put = (app: string): void => {
    if (seen.has(app)) return;
    seen.add(app);
    for (const other of dependentApps(app, context)) if (apps.includes(other)) put(other);
    out.push(app);
  };
  for (const app of apps) put(app);
  return out;
}

/** Other apps that have something that depends on what is this one's. */
export function dependentApps(app: string, { observation }: Context): ReadonlySet<string> {
  const owner = new Map(
    observation.resources.flatMap((one) => {
      if (one.app === null || !one.owned) return [];
      if (one.address.kind === 'role') return [[one.address.name, one.app] as const];
      const [kind, name] = one.address.kind === 'retired' ? kindOfRetired(one as Retired) : ['', ''];
      return kind === 'role' ? [[name, one.app] as const] : [];
    }),
  );
  return new Set(hangingOf(app, observation).flatMap(({ hanging }) => hanging.flatMap((one) => owner.get(one.owner) ?? [])));
}

/** Roles of apps that leave as well and are deleted before this one: in the same run, or by a later one. */
export function goesBefore(app: string, leaving: readonly string[], context: Context): ReadonlySet<string> {
  const others = [...dependentApps(app, context)].filter((other) => leaving.includes(other) && !dependentApps(other, context).has(app));
  return new Set(others.flatMap((other) => [...ownRoles(other, context)]));
}
