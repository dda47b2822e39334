import { cascades, isTable, lossesIn, runsTexts } from '../../migrate/losses.ts';
import type { Target } from '../../migrate/tool.ts';
import { DiagnosticError } from '../../model/index.ts';
import type { Project } from '../types.ts';
import type { Seen } from './look.ts';
import { rendered } from './render.ts';

/** What a run takes from whoever has data in it, in words, `dependents` of others among it; null: nobody can tell. */
export async function lossesOf(
  project: Project,
  seen: Seen,
  target: Target,
  dependents: readonly string[],
): Promise<readonly string[] | null> {
  const texts = await textsOf(project, seen, target);
  if (texts === null || texts.some(runsTexts)) return null;
  const ledgers = seen.one.tool.wishes(seen.one.place).map(({ table }) => table);
  const own = texts.flatMap(lossesIn).filter((what) => !ledgers.some((table) => isTable(what, table)));
  return [...own, ...takenAlong(texts, dependents)];
}

/** What a run takes from others; none where nobody can tell: what came of it is proved afterwards. */
export async function othersLosses(
  project: Project,
  seen: Seen,
  target: Target,
  dependents: readonly string[],
): Promise<readonly string[]> {
  // Rendering starts a program.
  if (dependents.length === 0) return [];
  return takenAlong((await textsOf(project, seen, target)) ?? [], dependents);
}

function takenAlong(texts: readonly string[], dependents: readonly string[]): readonly string[] {
  return texts.some(cascades) ? dependents.map((what) => `by CASCADE perhaps ${what}`) : [];
}

async function textsOf(project: Project, seen: Seen, target: Target): Promise<readonly string[] | null> {
  try {
    return (await rendered(project, seen, target))?.map(({ sql }) => sql) ?? null;
  } catch (error) {
    if (error instanceof DiagnosticError) return null;
    throw error;
  }
}
