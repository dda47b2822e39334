/** Where anything is looked up by what somebody may, any right counts. */
const LOOKS = /\b(?:information_schema|performance_schema|mysql|sys|SHOW)\b/i;
/** What it does stands in another routine, or is put together when it runs. */
const ELSEWHERE = /\b(?:CALL|PREPARE|EXECUTE|RUN)\b/i;

/** For statements that end a transaction: the server lets none be in a view, a trigger or a function, nor in what these call. */
const ENDING: readonly string[] = [
  'ALTER',
  'ALTER ROUTINE',
  'CREATE ROUTINE',
  'CREATE USER',
  'CREATE VIEW',
  'EVENT',
  'GRANT OPTION',
  'INDEX',
  'REFERENCES',
];

const BY_WORDS: readonly (readonly [privilege: string, words: RegExp])[] = [
  ['CREATE USER', /\b(?:USER|ROLE|PASSWORD|GRANT|REVOKE)\b/i],
  ['EVENT', /\bEVENT\b/i],
  ['GRANT OPTION', /\b(?:GRANT|REVOKE)\b/i],
];

/** Privileges of its definer that an object cannot need, whatever it comes to do; [] where nobody can tell. */
export function needlessIn(what: string, body: string): readonly string[] {
  if (body === '' || LOOKS.test(body)) return [];
  if (what === 'VIEW' || what === 'FUNCTION') return [...ENDING, 'TRIGGER'];
  if (what === 'TRIGGER') return ENDING;
  // In a package, and in a routine as Oracle writes it, another one is called without a word.
  if (what.startsWith('PACKAGE') || /^\s*(?:AS|IS)\b/i.test(body) || ELSEWHERE.test(body)) return [];
  const spared = BY_WORDS.flatMap(([privilege, words]) => (words.test(body) ? [] : [privilege]));
  // The server asks for it each time that an event runs.
  return what === 'EVENT' ? spared.filter((one) => one !== 'EVENT') : spared;
}
