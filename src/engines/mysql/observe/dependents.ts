import type { Diagnostic, Observed } from '../../../model/index.ts';
import { censusIn } from './census.ts';
import type { Context } from '../steps/draft-steps.ts';
import { calledMade, listed } from '../compile/made.ts';
import { isKind, type RetiredSpec } from '../spec.ts';

/** Retired things by app, as far as `removal: delete` is about them. */
export function deletableIn({ input, observation }: Context): ReadonlyMap<string, readonly Observed<RetiredSpec>[]> {
  if (input.removal !== 'delete') return new Map();
  const named = new Set([...input.placements.map((one) => one.app), ...input.readers.map((one) => one.name)]);
  const all = observation.resources.filter((one): one is Observed<RetiredSpec> => isKind(one, 'retired') && one.owned);
  return new Map([...Map.groupBy(all, (one) => one.app ?? '')].filter(([app]) => !named.has(app)));
}

/** What lies in other databases and would break, or lose rows, with what a retired app has: nothing of the app is deleted while it is there. */
export function dependentsOf(mine: readonly Observed<RetiredSpec>[], context: Context): readonly string[] {
  const databases = new Map(mine.flatMap(({ spec }) => (spec.content ? [[spec.was, spec.content] as const] : [])));
  const accounts = new Set(mine.flatMap(({ spec }) => (spec.account ? [spec.was] : [])));
  const { made } = censusIn(context.observation);
  const objects = new Set([
    ...[...databases].flatMap(([database, { names }]) => names.map((name) => inDatabase(database, name))),
    ...made.map(({ database, name }) => inDatabase(database, name)),
  ]);
  const out = [...databases.values()].flatMap(({ links }) => links);
  for (const one of made) {
    if (databases.has(one.database)) continue;
    const used = one.mentions.filter(({ database, name }) => databases.has(database) && objects.has(inDatabase(database, name)));
    if (used.length > 0) out.push(`${calledMade(one)} on ${used.map(({ database, name }) => `${database}.${name}`).join(', ')}`);
    else if (accounts.has(one.definer)) out.push(`${calledMade(one)}, which runs as ${one.definer}`);
  }
  return out;
}

/** Names of tables may be kept in lower case. */
function inDatabase(database: string, name: string): string {
  return JSON.stringify([database, name.toLowerCase()]);
}

/** CT2062 for each retired app that others still need something of. */
export function dependentErrors(context: Context): readonly Diagnostic[] {
  return [...deletableIn(context)].flatMap(([app, mine]) => {
    const found = dependentsOf(mine, context);
    if (found.length === 0) return [];
    return [
      {
        code: 'CT2062',
        severity: 'error',
        message: `the data of "${app}" on "${context.input.name}" is not deleted, because others depend on it: ${listed(found)}`,
        hint: 'change or drop these first, or keep the app retired with `removal: retain`',
        instance: context.input.name,
      } satisfies Diagnostic,
    ];
  });
}
