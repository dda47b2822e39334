import type { Migrating } from './apps.ts';

/** An app, and those that must be done before it. */
interface Ordered {
  readonly app: string;
  readonly needs: readonly string[];
}

/** Each after those in its `after`; a canary with what it needs first, and all others after it. */
export function orderOf(apps: readonly Migrating[], canary?: string): readonly Ordered[] {
  const names = new Set(apps.map(({ app }) => app.name));
  const after = new Map(apps.map(({ app }) => [app.name, app.after.filter((name) => names.has(name))]));
  if (canary === undefined) return apps.map(({ app }) => ({ app: app.name, needs: after.get(app.name) ?? [] }));
  const first = new Set<string>();
  const visit = (name: string): void => {
    if (first.has(name)) return;
    first.add(name);
    for (const before of after.get(name) ?? []) visit(before);
  };
  visit(canary);
  const order = apps.map(({ app }) => app.name);
  const places = (some: readonly string[], more: readonly string[]): readonly Ordered[] =>
    some.map((app) => ({ app, needs: [...new Set([...(after.get(app) ?? []), ...more])] }));
  return [
    ...places(
      order.filter((name) => first.has(name)),
      [],
    ),
    ...places(
      order.filter((name) => !first.has(name)),
      [canary],
    ),
  ];
}
