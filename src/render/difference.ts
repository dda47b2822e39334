/** Beyond this many lines in either text nobody reads a difference, and the table for it would be large. */
const MOST = 1500;

/** The lines in which two texts differ, with one line around each place; null: there are too many to compare. */
export function differenceOf(before: string, after: string): string | null {
  const [old, now] = [linesOf(before), linesOf(after)];
  if (old.length > MOST || now.length > MOST) return null;
  const all = walk(old, now, table(old, now));
  const shown = all.filter((_, index) => all.slice(Math.max(0, index - 1), index + 2).some((line) => !line.startsWith(' ')));
  return shown.length === 0 ? null : shown.join('\n');
}

function linesOf(text: string): readonly string[] {
  return text.replace(/\n$/, '').split('\n');
}

/** For each two ends of the texts: how many lines they have in common. */
function table(old: readonly string[], now: readonly string[]): readonly Uint16Array[] {
  const rows = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = now.length - 1; j >= 0; j -= 1) {
      const [row, below] = [rows[i], rows[i + 1]];
      if (row === undefined || below === undefined) continue;
      row[j] = old[i] === now[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  return rows;
}

function walk(old: readonly string[], now: readonly string[], rows: readonly Uint16Array[]): readonly string[] {
  const out: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      out.push(` ${old[i] ?? ''}`);
      i += 1;
      j += 1;
    } else if (j >= now.length || (i < old.length && (rows[i + 1]?.[j] ?? 0) >= (rows[i]?.[j + 1] ?? 0))) {
      out.push(`-${old[i] ?? ''}`);
      i += 1;
    } else {
      out.push(`+${now[j] ?? ''}`);
      j += 1;
    }
  }
  return out;
}
