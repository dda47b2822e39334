/** A text as a pattern that matches nothing but itself. */
export function escapeGlob(text: string): string {
  return text.replaceAll(/[\\*?[\]]/g, '\\$&');
}

/** Everything that begins with `prefix`. */
export function startsWith(prefix: string): string {
  return `${escapeGlob(prefix)}*`;
}

/** The prefix of a pattern that `startsWith` made, or that somebody wrote like one; null: the pattern says something else. */
export function prefixOf(pattern: string): string | null {
  if (!pattern.endsWith('*') || /(?:^|[^\\])(?:\\\\)*\\\*$/.test(pattern)) return null;
  const body = pattern.slice(0, -1);
  let prefix = '';
  for (let at = 0; at < body.length; at++) {
    const character = body[at] ?? '';
    if (character === '*' || character === '?' || character === '[') return null;
    if (character === '\\') at += 1;
    prefix += body[at] ?? '';
  }
  return prefix;
}
