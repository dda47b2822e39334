import type { SavedObject } from '../model/index.ts';

/** Where what is there differs from what was saved, in words; none: it is the same. */
export function differences(saved: readonly SavedObject[], there: readonly SavedObject[]): readonly string[] {
  const found = byName(there);
  const wanted = byName(saved);
  const lost = [...wanted].flatMap(([key, one]) => {
    const now = found.get(key);
    const name = titleOf(one);
    if (!now) return [`${name} is missing`];
    if (now.hash === one.hash && now.rows === one.rows) return [];
    return [now.rows === one.rows ? `${name} is another one` : `${name} has ${now.rows ?? 'no'} rows, and had ${one.rows ?? 'none'}`];
  });
  return [...lost, ...[...found].filter(([key]) => !wanted.has(key)).map(([, one]) => `${titleOf(one)} was not saved`)];
}

function byName(objects: readonly SavedObject[]): ReadonlyMap<string, SavedObject> {
  return new Map(objects.map((one) => [JSON.stringify([one.kind, one.name]), one]));
}

const titleOf = ({ kind, name }: SavedObject): string => `${kind} ${name}`;
