import { textIn, textOrNull } from './folder.ts';
import type { Rendered, Rendering, Revision } from './tool.ts';
import { wayOf } from './tools/sql.ts';

/** What one file sends on the way up or down. */
export interface Part {
  readonly sql: string;
  readonly transaction: boolean;
}

/** Renders tools whose files are the SQL itself. `part` null: this one is not. A way back is rendered where the files have one. */
export async function renderFiles(
  { place, files, standing, target }: Rendering,
  part: (text: string, up: boolean, one: Revision) => Part | null | Promise<Part | null>,
): Promise<readonly Rendered[] | null> {
  const { up, ids } = wayOf(files, standing, target);
  const found = await Promise.all(
    ids.map(async (one): Promise<Rendered | null> => {
      const said = await part(await textIn(one.file, place.app), up, one);
      return said === null ? null : { revision: one.id, file: one.file, ...said };
    }),
  );
  return found.every((one) => one !== null) ? found : null;
}

/** The part of a file between the line that begins its direction and the next such line, with what follows on that line. */
export function sectionOf(text: string, marks: RegExp, direction: RegExp): { readonly mark: string; readonly sql: string } | null {
  const found = [...text.matchAll(marks)];
  const at = found.findIndex(([mark]) => direction.test(mark));
  const mark = found[at];
  if (!mark) return null;
  const sql = text.slice(mark.index + mark[0].length, found[at + 1]?.index ?? text.length);
  return { mark: mark[0], sql };
}

/** A file of its own for the way back. */
export async function fileBack(file: string): Promise<Part | null> {
  const sql = await textOrNull(file);
  return sql === null ? null : { sql, transaction: isSeveral(sql) };
}

/** Several statements in one message are one transaction; one alone is none of its own making. */
export function isSeveral(sql: string): boolean {
  return /;[\s\S]*\S/.test(sql.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, ''));
}
