import type { Resource } from '../model/index.ts';
import { fingerprint } from '../util/canonical.ts';
import type { InstanceInput } from './input.ts';

type People = Pick<InstanceInput, 'operators' | 'known'>;

const known = new WeakMap<readonly Resource[], ReadonlyMap<string, string>>();

/**
 * What the manifest asks for, for each app; under '' what serves several apps, and who else is named. Where an app's mark
 * carries the same hash, any difference was made by hand. A compiled list is frozen: it is worked out once.
 */
export function hashesOf(resources: readonly Resource[], people: People): ReadonlyMap<string, string> {
  const hashes = known.get(resources) ?? hashAll(resources, people);
  known.set(resources, hashes);
  return hashes;
}

/** True where others are named now than when the hash was written down. */
export function namesOthers(applied: string | null, hash: string | undefined): boolean {
  return peopleIn(applied ?? '') !== peopleIn(hash ?? '');
}

const peopleIn = (hash: string): string => hash.split('.')[1] ?? '';

function hashAll(resources: readonly Resource[], { operators, known: strangers }: People): ReadonlyMap<string, string> {
  const parts = new Map<string, string[]>();
  for (const { app, address, spec } of resources) {
    const list = parts.get(app ?? '') ?? [];
    list.push(fingerprint([address.kind, address.name, spec]));
    parts.set(app ?? '', list);
  }
  const hashes = new Map([...parts].map(([app, list]) => [app, fingerprint(list.sort()).slice(0, 16)]));
  const people = [operators.map(({ name, may }) => [name, [...may].sort()]), strangers.map(({ user }) => user)].map((list) =>
    list.map((one) => JSON.stringify(one)).sort(),
  );
  if (operators.length + strangers.length > 0) hashes.set('', `${hashes.get('') ?? ''}.${fingerprint(people).slice(0, 8)}`);
  return hashes;
}
