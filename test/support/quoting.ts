/**
 * What is left of an SQL statement when everything in quotes is taken out: identifiers, texts (also `E''`) and dollar quotes, whose
 * bodies are statements of their own and are read in the same way. Throws where a quote is not closed.
 */
export function outsideQuotes(sql: string): string {
  const pattern =
    /"(?:[^"]|"")*"|(?<![A-Za-z0-9_])E'(?:[^'\\]|''|\\.)*'|(?<!(?<![A-Za-z0-9_])E)'(?:[^']|'')*'|(\$(?:[A-Za-z_]\w*)?\$)(.*?)\1/gs;
  const rest = sql.replaceAll(pattern, (_all, tag: string | undefined, body: string | undefined) =>
    tag === undefined ? ' ' : ` ${outsideQuotes(body ?? '')} `,
  );
  if (/["']/.test(rest)) throw new Error(`a quote is not closed: ${sql}`);
  return rest;
}
