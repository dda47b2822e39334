/** The text of the list or tuple that a name is set to inside a class or module; '' where there is none. */
function listOf(text: string, name: string): string {
  const start = new RegExp(`^[ \\t]+${name}\\s*(?::[^=\\n]*)?=\\s*(?=[[(])`, 'm').exec(text);
  if (!start) return '';
  const rest = text.slice(start.index + start[0].length);
  let depth = 0;
  for (const part of rest.matchAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|#[^\n]*|[[({]|[\])}]/g)) {
    if ('[({'.includes(part[0])) depth += 1;
    else if ('])}'.includes(part[0])) depth -= 1;
    if (depth === 0) return rest.slice(0, part.index + 1);
  }
  return '';
}

/** Pairs of texts in such a list: `("shop", "0001_initial")`. */
export function pairsIn(text: string, name: string): readonly (readonly [string, string])[] {
  const list = listOf(text, name).replaceAll(/^\s*#.*$/gm, '');
  return [...list.matchAll(/\(\s*['"]([^'"]+)['"]\s*,\s*['"]([^'"]+)['"]\s*,?\s*\)/g)].map(
    ([, one = '', other = '']) => [one, other] as const,
  );
}

/** The text that a name is set to; null where there is none. */
export function textIn(text: string, name: string): string | null {
  return new RegExp(`^[ \\t]*${name}\\s*=\\s*['"]([^'"]+)['"]`, 'm').exec(text)?.[1] ?? null;
}
