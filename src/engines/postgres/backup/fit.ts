import type { BackupContext } from '../../../engine/index.ts';
import type { Diagnostic, SavedObject, SavedPart } from '../../../model/index.ts';
import type { Connection } from '../connect/connection.ts';
import { placeSchema } from './place.ts';

/** Of a version as the backup has it. */
export const majorOf = (server: string): number => Number.parseInt(server, 10);
export const majorHere = (connection: Connection): number => Math.floor(connection.version / 10_000);

/** CT4304, all of them: what of the place differs from the one that was saved, and cannot be adjusted. `connection`: the app's own. */
export async function misfits(
  connection: Connection,
  login: { readonly schema: string; readonly database: string },
  part: SavedPart,
  { app, instance }: { readonly app: string; readonly instance: string },
): Promise<readonly Diagnostic[]> {
  const { schemas, extensions, encoding } = placeSchema.parse(part.place);
  const [home = ''] = schemas;
  const [found = [], [[here] = []] = []] = await connection.rows(
    'SELECT extname FROM pg_catalog.pg_extension; SELECT pg_catalog.pg_encoding_to_char(encoding) FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()',
  );
  const there = new Set(found.map(([name]) => name));
  const lacking = extensions.filter(({ name }) => !there.has(name)).map(({ name }) => name);
  const out: Diagnostic[] = [];
  const put = (message: string, hint: string): void => void out.push({ code: 'CT4304', severity: 'error', message, hint, instance });
  if (majorHere(connection) < majorOf(part.server))
    put(
      `the backup is of PostgreSQL ${majorOf(part.server)}, and "${instance}" is ${majorHere(connection)}: no dump is for an older server`,
      'bring it back to a server of the same version or a newer one',
    );
  if (login.schema !== home)
    put(
      `the backup holds schema "${home}", and "${app}" lives in schema "${login.schema}"`,
      `a dump cannot be renamed: give "${app}" \`schema: ${home}\` in a database of its own`,
    );
  if (lacking.length > 0)
    put(
      `the backup was taken beside extensions that are not there: ${lacking.join(', ')}`,
      `add \`extensions: [${lacking.join(', ')}]\` to the placement and run cotenant apply`,
    );
  if (here !== encoding)
    put(
      `the backup is of a database in ${encoding}, and "${login.database}" is in ${String(here)}: not every character is in both`,
      `give "${app}" \`encoding: ${encoding}\`, in a database that is made anew`,
    );
  return out;
}

/**
 * A newer server says definitions in other words, and has some that an older one had not, as the names of NOT NULL. Rows, and what
 * sequences have given, are the same on all: those decide, and what could not be compared is told.
 */
export function acrossVersions(
  saved: readonly SavedObject[],
  there: readonly SavedObject[],
  major: number,
  { say }: Pick<BackupContext, 'say'>,
): readonly SavedObject[] {
  const keyOf = ({ kind, name }: SavedObject): string => JSON.stringify([kind, name]);
  const data = ({ hash }: SavedObject): string => hash.slice(hash.includes(':') ? hash.indexOf(':') : hash.length);
  const wanted = new Map(saved.map((one) => [keyOf(one), one]));
  const otherwise: string[] = [];
  const out = there.flatMap((one) => {
    const before = wanted.get(keyOf(one));
    if (before === undefined && one.kind !== 'constraint') return [one];
    if (before?.hash === one.hash) return [one];
    if (before !== undefined && (before.rows !== one.rows || data(before) !== data(one) || one.kind === 'large object')) return [one];
    otherwise.push(`${one.kind} ${one.name}`);
    return before === undefined ? [] : [before];
  });
  if (otherwise.length > 0)
    say(
      `PostgreSQL ${major} says ${otherwise.length} definitions otherwise, which were not compared: ${otherwise.slice(0, 5).join(', ')}${otherwise.length > 5 ? ', …' : ''}`,
    );
  return out;
}
