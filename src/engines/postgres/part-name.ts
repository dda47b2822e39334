/** The address name of a part of a database, `database/part`. A slash inside either is written `%2F`, so that there is one only. */
export function partName(database: string, part: string): string {
  return `${encode(database)}/${encode(part)}`;
}

/** The database and the part that `partName` was given. */
export function partOf(name: string): readonly [database: string, part: string] {
  const at = name.indexOf('/');
  if (at < 0) throw new Error(`not a part of a database: ${name}`);
  return [decode(name.slice(0, at)), decode(name.slice(at + 1))];
}

function encode(name: string): string {
  return name.replaceAll('%', '%25').replaceAll('/', '%2F');
}

function decode(text: string): string {
  return text.replaceAll('%2F', '/').replaceAll('%25', '%');
}

/** The key of something in a database, by its name as a statement has it. */
export const placed = (database: string, name: string): string => JSON.stringify([database, name]);

/** The database itself. */
export const doorOf = (database: string): string => placed(database, 'DATABASE');

/** A schema, which has a name like any other. */
export const spaced = (database: string, name: string): string => placed(database, `SCHEMA ${name}`);
