import fc from 'fast-check';

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

/** Names made of what breaks naive quoting. */
export const hostileName = fc
  .array(
    fc.oneof(
      fc.constantFrom(...pieces),
      fc.string({ maxLength: 3 }).map((text) => text.replaceAll('\0', '')),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''))
  .filter((name) => name !== '' && name.isWellFormed());

/** The same, as far as PostgreSQL and the manifest take it for the name of a database, schema or role. */
export const holdableName = hostileName
  .map((name) => [...`n${name.replaceAll(/[\u0000-\u001f\u007f]/g, '')}`].slice(0, 12).join(''))
  .filter((name) => Buffer.byteLength(name) <= 50);
