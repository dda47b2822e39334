/** A name as it stands in SQL, with or without quotes and a schema. */
const NAME = String.raw`((?:"(?:[^"]|"")+"|\`[^\`]+\`|[\w$]+)(?:\.(?:"(?:[^"]|"")+"|\`[^\`]+\`|[\w$]+))?)`;
const DROPS = new RegExp(
  String.raw`\b(?:DROP\s+(TABLE|SCHEMA|SEQUENCE|TYPE|DOMAIN|VIEW|MATERIALIZED\s+VIEW|DATABASE|OWNED\s+BY)\s+(?:IF\s+EXISTS\s+)?${NAME}|TRUNCATE\s+(?:TABLE\s+)?(?:ONLY\s+)?${NAME}|DELETE\s+FROM\s+(?:ONLY\s+)?${NAME})`,
  'gi',
);
const ALTER = new RegExp(String.raw`\bALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?${NAME}([^;]*)`, 'gi');
const COLUMN = new RegExp(
  String.raw`\bDROP\s+(?:COLUMN\s+)?(?:IF\s+EXISTS\s+)?(?!(?:CONSTRAINT|DEFAULT|NOT|IDENTITY|EXPRESSION|INDEX|KEY|PRIMARY|FOREIGN|CHECK|COLUMN|IF)\b)${NAME}`,
  'gi',
);

/** What a text of SQL takes away from whoever has data in it, in words: `table people`, `column age of people`. */
export function lossesIn(sql: string): readonly string[] {
  return [...new Set(readings(sql).flatMap(lossesOf))];
}

function lossesOf(plain: string): readonly string[] {
  const dropped = [...plain.matchAll(DROPS)].map(([, kind, name, emptied, deleted]) =>
    name !== undefined ? `${(kind ?? '').toLowerCase()} ${name}` : `rows of ${emptied ?? deleted ?? ''}`,
  );
  const columns = [...plain.matchAll(ALTER)].flatMap(([, table = '', rest = '']) =>
    [...rest.matchAll(COLUMN)].map(([, column = '']) => `column ${column} of ${table}`),
  );
  return [...dropped, ...columns];
}

/** Whether it drops with CASCADE, which takes what depends on it along, whosever it is. */
export function cascades(sql: string): boolean {
  return readings(sql).some((plain) => /\bCASCADE\b/i.test(plain.replaceAll(/\bON\s+(?:DELETE|UPDATE)\s+CASCADE\b/gi, ' ')));
}

/** Whether it runs a text that it puts together itself, so that nobody can tell what that takes. */
export function runsTexts(sql: string): boolean {
  return readings(sql).some((plain) => /\bEXECUTE\b(?!\s+(?:FUNCTION|PROCEDURE|ON)\b)|\bPREPARE\b/i.test(plain));
}

/** True where a loss is a table of this name, or its rows, and nothing else. */
export function isTable(loss: string, table: string): boolean {
  const [, name = ''] = /^(?:table|rows of) (.*)$/.exec(loss) ?? [];
  return lastPart(name) === table;
}

/** Of a name as it stands in SQL what comes last, without quotes. */
export function lastPart(name: string): string {
  const last = name.match(/"(?:[^"]|"")+"|`[^`]+`|[^."`]+/g)?.at(-1) ?? '';
  return /^["`]/.test(last) ? last.slice(1, -1).replaceAll('""', '"') : last;
}

const COMMENT = String.raw`--[^\n]*|\/\*[\s\S]*?\*\/`;
const QUOTED = String.raw`"(?:[^"]|"")*"|\`[^\`]*\``;
const BODY = String.raw`\$(?<tag>\w*)\$(?<body>[\s\S]*?)\$\k<tag>\$`;
/** A backslash in a string is itself in the SQL of the standard, and hides what follows on other servers. */
const STRINGS = [String.raw`'(?:[^']|'')*'`, String.raw`'(?:[^'\\]|\\[\s\S]|'')*'`];

/** The text without comments and strings, in each way in which a server may read it. */
function readings(sql: string): readonly string[] {
  return STRINGS.map((string) => plainOf(sql, new RegExp(`${COMMENT}|${QUOTED}|${BODY}|(?<string>${string})`, 'g')));
}

/** In one pass: what looks like a comment in a string is none. Bodies of functions and blocks are read like the rest. */
function plainOf(sql: string, parts: RegExp): string {
  let plain = '';
  let end = 0;
  for (const found of sql.matchAll(parts)) {
    const { body, string } = found.groups ?? {};
    const [whole] = found;
    const kept = body === undefined ? (string === undefined ? (/^["`]/.test(whole) ? whole : ' ') : "''") : ` ${plainOf(body, parts)} `;
    plain += sql.slice(end, found.index) + kept;
    end = found.index + whole.length;
  }
  return plain + sql.slice(end);
}
