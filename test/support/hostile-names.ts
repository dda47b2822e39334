import { fc } from './properties.ts';

const pieces = [
  '"',
  "'",
  '\\',
  '$$',
  '$x$',
  ';',
  '--',
  '/*',
  '*/',
  '\n',
  '\t',
  ' ',
  '/',
  '%',
  '%2F',
  '|',
  '=',
  ',',
  '.',
  ':verifier',
  '(',
  ')',
  '{',
  '}',
  '*',
  'ü',
  '日本',
  '😀',
  '\u202e',
  'A',
  'z',
  '0',
  '_',
  'DROP',
  'select',
];

/** What every object inherits: names that code finds in a record that has no member of that name. */
export const inheritedNames: readonly string[] = Object.getOwnPropertyNames(Object.prototype);
export const inheritedName = fc.constantFrom(...inheritedNames);

const pieced = fc
  .array(
    fc.oneof(
      fc.constantFrom(...pieces),
      fc.string({ maxLength: 3 }).map((text) => text.replaceAll('\0', '')),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''))
  .filter((name) => name !== '' && name.isWellFormed());

/** Names made of what breaks naive quoting, and names that break naive records. */
export const hostileName = fc.oneof({ weight: 4, arbitrary: pieced }, { weight: 1, arbitrary: inheritedName });

/** The same, as far as PostgreSQL and the manifest take it for the name of a database, schema or role. */
const holdablePieced = pieced
  .map((name) => [...`n${name.replaceAll(/[\u0000-\u001f\u007f]/g, '')}`].slice(0, 12).join(''))
  .filter((name) => Buffer.byteLength(name) <= 50);
export const holdableName = fc.oneof({ weight: 4, arbitrary: holdablePieced }, { weight: 1, arbitrary: inheritedName });
