import type { Files, Revision, Standing } from './tool.ts';

/** One row of a ledger that has a row for each file. */
export interface Applied {
  readonly id: string;
  /** What the ledger keeps of the file; null: nothing. */
  readonly checksum: string | null;
  /** Why it does not count as applied, in words; null: it does. */
  readonly half: string | null;
}

/** Tools that keep a row for each file, in the order of their names or numbers. */
export function judgeList(
  files: Files,
  applied: readonly Applied[],
  strict = true,
  isOrdered: (one: Revision) => boolean = () => true,
): Standing {
  const known = new Map(files.revisions.map((one) => [one.id, one]));
  const done = new Map(applied.map((one) => [one.id, one]));
  const drift = [...files.drift];
  for (const { id, checksum, half } of applied) {
    const file = known.get(id);
    if (half !== null) drift.push(`${id}: ${half}`);
    if (!file) drift.push(`${id} is in the ledger and has no file`);
    else if (checksum !== null && file.checksum !== null && file.checksum !== checksum)
      drift.push(`${id}: its file has changed since it was applied`);
  }
  const whole = (one: Revision): boolean => done.get(one.id)?.half === null;
  const pending = files.revisions.filter((one) => !whole(one));
  const last = files.revisions.findLastIndex((one) => whole(one) && isOrdered(one));
  const ordered = strict ? files.revisions.slice(0, Math.max(0, last)).filter(isOrdered) : [];
  for (const one of ordered) {
    if (!done.has(one.id)) drift.push(`${one.id} is not applied, and later ones are`);
  }
  const current = last < 0 ? [] : [files.revisions[last]?.id ?? ''];
  return { current, head: files.heads, pending: pending.map(({ id }) => id), drift };
}

/** Files that follow each other. */
export function chain(found: readonly Omit<Revision, 'needs'>[]): Files {
  const revisions = found.map((one, at) => ({ ...one, needs: at === 0 ? [] : [found[at - 1]?.id ?? ''] }));
  const last = revisions.at(-1);
  const ids = revisions.map(({ id }) => id);
  const twice = [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
  return { revisions, heads: last ? [last.id] : [], drift: twice.map((id) => `two files are called ${id}`) };
}
