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

/** What every name begins with that fits the pattern. */
export function literalStart(pattern: string): string {
  const [start = ''] = /^(?:[^\\*?[]|\\.)*/s.exec(pattern) ?? [];
  return start.replaceAll(/\\(.)/gs, '$1');
}

/** True where some name that begins with `prefix` fits the pattern. Byte by byte, as the server compares. */
export function matchesUnder(pattern: string, prefix: string): boolean {
  const parts = partsOf(Buffer.from(pattern));
  // Places in the pattern from which the rest of a name can go on.
  let places = withStars(new Set([0]), parts);
  for (const byte of Buffer.from(prefix)) {
    const next = new Set<number>();
    for (const at of places) {
      const part = parts[at];
      if (part === undefined) continue;
      if (part === 'any') next.add(at);
      else if (part(byte)) next.add(at + 1);
    }
    places = withStars(next, parts);
    if (places.size === 0) return false;
  }
  return true;
}

type Part = 'any' | ((byte: number) => boolean);

/** A star may stand for nothing. */
function withStars(places: Set<number>, parts: readonly Part[]): Set<number> {
  for (const at of places) if (parts[at] === 'any') places.add(at + 1);
  return places;
}

function partsOf(pattern: Buffer): readonly Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const byte = pattern[at] ?? 0;
    if (byte === STAR) parts.push('any');
    else if (byte === QUESTION) parts.push(() => true);
    else if (byte === OPEN) {
      const [part, end] = bracketOf(pattern, at + 1);
      parts.push(part);
      at = end;
    } else {
      const literal = byte === BACKSLASH && at + 1 < pattern.length ? (pattern[++at] ?? 0) : byte;
      parts.push((one) => one === literal);
    }
  }
  return parts;
}

const [STAR, QUESTION, OPEN, CLOSE, BACKSLASH, HAT, DASH] = [...Buffer.from('*?[]\\^-')] as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/** As the server reads a bracket: up to the first one that closes, or to the end. */
function bracketOf(pattern: Buffer, start: number): readonly [part: Part, end: number] {
  const not = pattern[start] === HAT;
  const ranges: (readonly [number, number])[] = [];
  let at = not ? start + 1 : start;
  for (; at < pattern.length && pattern[at] !== CLOSE; at++) {
    const byte = pattern[at] ?? 0;
    if (byte === BACKSLASH && at + 1 < pattern.length) {
      at += 1;
      ranges.push([pattern[at] ?? 0, pattern[at] ?? 0]);
    } else if (pattern[at + 1] === DASH && at + 2 < pattern.length) {
      const end = pattern[at + 2] ?? 0;
      ranges.push([Math.min(byte, end), Math.max(byte, end)]);
      at += 2;
    } else ranges.push([byte, byte]);
  }
  return [(one) => ranges.some(([from, to]) => one >= from && one <= to) !== not, at];
}
