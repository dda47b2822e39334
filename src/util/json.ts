/** null: it is no JSON. The parser's own message quotes the text, which may be a secret. */
export function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
