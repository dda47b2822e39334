import type { Observation } from '../../../engine/index.ts';
import type { Diagnostic, Observed } from '../../../model/index.ts';
import type { LedgerRow } from './catalog.ts';
import { censusIn } from './census.ts';
import type { Context } from '../steps/draft-steps.ts';
import { calledMade, listed } from './made.ts';
import type { Input } from '../compile/draft.ts';
import { type Inventory, isKind, type RetiredSpec } from '../spec.ts';

/** Retired things by app, as far as `removal: delete` is about them. */
export function deletableIn({ input, observation }: Context): ReadonlyMap<string, readonly Observed<RetiredSpec>[]> {
  if (input.removal !== 'delete') return new Map();
  const named = new Set([...input.placements.map((one) => one.app), ...input.readers.map((one) => one.name)]);
  const all = observation.resources.filter((one): one is Observed<RetiredSpec> => isKind(one, 'retired') && one.owned);
  return new Map([...Map.groupBy(all, (one) => one.app ?? '')].filter(([app]) => !named.has(app)));
}

interface Own {
  readonly databases: ReadonlyMap<string, Inventory>;
  readonly accounts: ReadonlySet<string>;
}

/** What lies in other databases and would break, or lose rows, with what a retired app has: nothing of the app is deleted while it is there. */
export function dependentsOf(mine: readonly Observed<RetiredSpec>[], { observation }: Context): readonly string[] {
  const databases = new Map(mine.flatMap(({ spec }) => (spec.content ? [[spec.was, spec.content] as const] : [])));
  const accounts = new Set(mine.flatMap(({ spec }) => (spec.account && !spec.remade ? [spec.was] : [])));
  return dependOn({ databases, accounts }, observation);
}

function dependOn({ databases, accounts }: Own, observation: Observation): readonly string[] {
  const { made } = censusIn(observation);
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

interface Leaving {
  readonly input: Input;
  readonly inventories: ReadonlyMap<string, Inventory>;
  readonly rows: readonly LedgerRow[];
}

/** Advice: the app is put aside with its data, and what others have on that would be in the way of a delete. */
export function dependentAdvice(observation: Observation, { input, inventories, rows }: Leaving): readonly Diagnostic[] {
  const named = new Set([...input.placements.map((one) => one.app), ...input.readers.map((one) => one.name)]);
  const leaving = rows.filter(
    ({ app, project, retired }) => app !== null && project === input.project && retired === null && !named.has(app),
  );
  return [...Map.groupBy(leaving, ({ app }) => app ?? '')].flatMap(([app, all]): readonly Diagnostic[] => {
    const databases = new Map(
      all.flatMap(({ kind, name }) => (kind === 'database' ? [...inventories].filter(([one]) => one === name) : [])),
    );
    const accounts = new Set(all.flatMap(({ kind, name }) => (kind === 'account' ? [name] : [])));
    const found = dependOn({ databases, accounts }, observation);
    if (found.length === 0) return [];
    return [
      {
        code: 'CT2062',
        severity: 'info',
        message: `app "${app}" is retired on "${input.name}", not deleted; while others depend on its data, a later delete is refused: ${listed(found)}`,
        hint: 'nothing has to be done now; change or drop these before you delete the app',
        instance: input.name,
      },
    ];
  });
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
