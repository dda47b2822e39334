import type { Document, Json } from '../bystanders/frame.ts';
import { sampled } from '../support/sample.ts';
import type { Story } from './frame.ts';

/** What sort of edit it is, so that no version goes without one of each: an app of a level comes or goes, a reader, a limit, … */
export function kindOf({ edits, silent, twice }: Story, document: Document): string {
  if (twice) return 'a delete';
  const [first] = edits;
  if (silent || !first) return 'nothing new';
  const [part = '', name = '', , , field] = first.path;
  if (part !== 'apps') return part;
  if (first.path.length > 2) return ['extensions', 'logins', 'relax'].includes(field ?? '') ? String(field) : 'a field of an app';
  const level = levelOf(first.value ?? (document['apps'] as Readonly<Record<string, Json>>)[name]);
  if (first.value === undefined) return `${level} goes`;
  return first.place === 'first' ? `${level} comes first` : `${level} comes`;
}

function levelOf(app: Json | undefined): string {
  return /"isolation":"(\w+)"/.exec(JSON.stringify(app ?? null))?.[1] ?? 'an app';
}

/** A part of the stories, and one more of each kind that it has none of. */
export function withEachKind(part: readonly Story[], all: readonly Story[], document: Document): readonly Story[] {
  const kinds = new Map<string, Story[]>();
  for (const one of all) {
    const kind = kindOf(one, document);
    kinds.set(kind, [...(kinds.get(kind) ?? []), one]);
  }
  const more = [...kinds.values()]
    .filter((kin) => !kin.some((one) => part.includes(one)))
    .flatMap((kin) => sampled(kin, { oneOf: kin.length }).slice(0, 1));
  return all.filter((one) => part.includes(one) || more.includes(one));
}
