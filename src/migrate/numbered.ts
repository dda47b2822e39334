import type { Place, Revision, Standing } from './tool.ts';
import { filesIn } from './folder.ts';
import { fail } from '../model/index.ts';

export type Numbered = Omit<Revision, 'needs'>;

/** Files whose names begin with a number, in the order of these numbers. The first group of the pattern is the id. */
export async function numberedIn(folder: string, app: string, pattern: RegExp): Promise<readonly (Numbered & { readonly text: string })[]> {
  const found = await filesIn(folder, app, pattern);
  return found
    .map(({ name, file, text }) => ({ id: pattern.exec(name)?.[1] ?? name, file, checksum: null, text }))
    .toSorted((a, b) => compareNumbers(a.id, b.id));
}

/** The number at the start, without zeros before it. Longer ones than fit a number are compared as well. */
export function numberOf(id: string): string {
  return /^0*(\d+)/.exec(id)?.[1] ?? '';
}

export function compareNumbers(one: string, other: string): number {
  const [a, b] = [numberOf(one), numberOf(other)];
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0) || (one < other ? -1 : 1);
}

/** The file whose number a ledger names, or the number where there is none. */
export function fileOfNumber(revisions: readonly { readonly id: string }[], number: string): string {
  const plain = numberOf(number);
  return revisions.find(({ id }) => numberOf(id) === plain)?.id ?? number;
}

/** Revisions that are applied, in the order of the files. */
export function appliedOf(files: readonly { readonly id: string }[], { pending }: Standing): readonly string[] {
  const open = new Set(pending);
  return files.map(({ id }) => id).filter((id) => !open.has(id));
}

/** The revision that is the newest after so many steps back; null: none is left. */
export function afterBack(applied: readonly string[], steps: number): string | null {
  return applied.at(-1 - steps) ?? null;
}

/** For what a tool has no way to do. */
export function cannot({ app }: Place, tool: string, what: string, hint: string): Error {
  return fail('CT4115', `${tool} cannot ${what}, and the migrations of "${app}" use it`, { hint });
}
