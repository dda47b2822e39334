import type { Resource } from '../model/index.ts';
import { fingerprint } from '../util/canonical.ts';

const known = new WeakMap<readonly Resource[], ReadonlyMap<string, string>>();

/**
 * What the manifest asks for, for each app; under '' what serves several apps. Where an app's mark carries the same hash,
 * any difference was made by hand. A compiled list is frozen: it is worked out once.
 */
export function hashesOf(resources: readonly Resource[]): ReadonlyMap<string, string> {
  const hashes = known.get(resources) ?? hashAll(resources);
  known.set(resources, hashes);
  return hashes;
}

function hashAll(resources: readonly Resource[]): ReadonlyMap<string, string> {
  const parts = new Map<string, string[]>();
  for (const { app, address, spec } of resources) {
    const list = parts.get(app ?? '') ?? [];
    list.push(fingerprint([address.kind, address.name, spec]));
    parts.set(app ?? '', list);
  }
  return new Map([...parts].map(([app, list]) => [app, fingerprint(list.sort()).slice(0, 16)]));
}
