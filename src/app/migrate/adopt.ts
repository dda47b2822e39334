import type { CatalogObject } from '../../engine/index.ts';
import { lastPart } from '../../migrate/losses.ts';
import { DiagnosticError } from '../../model/index.ts';
import { Sessions } from '../sessions.ts';
import type { Project } from '../types.ts';
import { migrating } from './apps.ts';
import { look } from './look.ts';
import { onlyWith } from './step.ts';

export interface AdoptReport {
  readonly app: string;
  /** Its ledger is right, and cotenant goes on from it. */
  readonly adopted: boolean;
  readonly current: readonly string[];
  readonly pending: readonly string[];
  /** What is in the way, in words. */
  readonly wrong: readonly string[];
}

/**
 * Looks whether an existing database can be taken as it is: the ledger that its tool left there agrees with the files, and what
 * lies in the app's place belongs to the app. Changes nothing: there is nothing to record. Throws what keeps it from being seen.
 */
export async function adoptMigrations(project: Project, app: string): Promise<AdoptReport> {
  const some = await migrating(project, [app]);
  await using sessions = await Sessions.open(onlyWith(project, some));
  const missed = sessions.missed.flatMap(({ diagnostics }) => diagnostics);
  if (missed.length > 0) throw new DiagnosticError(missed);
  const [seen] = await look(some, sessions.reached, project.progress);
  if (!seen?.standing) throw new DiagnosticError((seen?.trouble ?? []).map((one) => project.locate(one)));
  const reader = await sessions.reached[0]?.session.migrations?.();
  const catalog = (await reader?.catalog(app)) ?? [];
  const { current, pending, drift } = seen.standing;
  const { tool, place } = seen.one;
  const names = tool.wishes(place).map(({ table }) => table);
  const isLedger = ({ name }: CatalogObject): boolean => names.includes(lastPart(name));
  const others = tables(catalog).filter((one) => !isLedger(one));
  const ledger = tables(catalog).some(isLedger) ? 'its ledger is empty' : 'it has no ledger';
  const none = current.length === 0 && others.length > 0 ? [`${ledger}, and ${count(others.length)}: ${named(others)}`] : [];
  const strange = catalog.filter(({ inside, own, kind }) => inside && !own && kind !== 'schema' && kind !== 'default privileges');
  const broken = catalog.flatMap(({ inside, broken: why, kind, name }) => (inside && why !== null ? [`${kind} ${name}: ${why}`] : []));
  const foreign = strange.length === 0 ? [] : [`${notOwned(strange.length)} not belong to the app: ${named(strange)}`];
  const wrong = [...drift, ...none, ...foreign, ...broken];
  return { app, adopted: wrong.length === 0, current, pending, wrong };
}

function tables(catalog: readonly CatalogObject[]): readonly CatalogObject[] {
  return catalog.filter(({ inside, kind }) => inside && kind === 'table');
}

function count(many: number): string {
  return many === 1 ? '1 table' : `${many} tables`;
}

function notOwned(many: number): string {
  return many === 1 ? '1 object does' : `${many} objects do`;
}

function named(objects: readonly CatalogObject[]): string {
  const more = objects.length > 5 ? `, and ${objects.length - 5} more` : '';
  return `${objects
    .slice(0, 5)
    .map(({ kind, name, owner }) => `${kind} ${name} of ${owner}`)
    .join(', ')}${more}`;
}
