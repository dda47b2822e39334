import type { Diagnostic } from '../../model/index.ts';
import type { Input } from './compile/draft.ts';
import { readMark, textOf } from './mark.ts';
import type { SharedRows } from './queries/shared.ts';
import { ident, literal } from './quote.ts';

/** A database as the shared catalog has it. */
export interface Marked {
  readonly name: string;
  readonly comment: string | null;
  /** Place among all databases by age. */
  readonly age: number;
}

/**
 * Databases that bear the mark of another one, as a restored dump does that brought its comment along: each with the one that
 * it is a copy of. They are nobody's of this project. Of two with one mark the original is the one that the manifest names,
 * or that the mark names, or the older one; a database that somebody has renamed is the only one, and no copy.
 */
export function copiesAmong(databases: readonly Marked[], isWanted: (name: string) => boolean): ReadonlyMap<string, string> {
  const marks = databases.flatMap((one) => {
    const mark = readMark(one.comment);
    return mark === null ? [] : [{ ...one, mark }];
  });
  const groups = Map.groupBy(marks, ({ name, mark }) =>
    JSON.stringify([mark.project, mark.app ?? mark.name ?? name, mark.app === null, mark.retired ?? '', mark.was ?? '']),
  );
  const copies = new Map<string, string>();
  for (const group of groups.values()) {
    const [oldest] = group.toSorted((a, b) => a.age - b.age);
    const original = group.find(({ name }) => isWanted(name)) ?? group.find(({ name, mark }) => mark.name === name) ?? oldest;
    for (const { name } of group) if (original && name !== original.name) copies.set(name, original.name);
  }
  return copies;
}

/** What a person wrote into a comment, without the mark that came along. */
export function withoutMark(comment: string | null): string | null {
  return textOf(comment).text ?? null;
}

/** Copies are told of; an app cannot leave while one is about, or it would be taken for the app's own as soon as that has another name. */
export function toldOfCopies({ copies, databases }: SharedRows, { name: instance, placements }: Input): readonly Diagnostic[] {
  const comments = new Map(databases.map((row) => [row[0], row[9]]));
  return [...copies].map(([copy, original]) => {
    const app = readMark(comments.get(original) ?? null)?.app ?? null;
    const leaves = app !== null && placements.every((one) => one.app !== app);
    const text = comments.get(copy) ?? null;
    return {
      code: 'CT2066',
      severity: leaves ? 'error' : 'warning',
      message: `database "${copy}" on "${instance}" bears the mark of database "${original}", as a copy does: it is taken for nobody's of this project${leaves ? `, and app "${app}" cannot leave while the copy bears it` : ''}`,
      hint: `COMMENT ON DATABASE ${ident(copy)} IS ${text === null ? 'NULL' : literal(text)} takes the mark off`,
      instance,
    };
  });
}
