import { dirname, join } from 'node:path';
import type { InstanceDecl, Manifest } from '../manifest/types.ts';
import { fail } from '../model/index.ts';
import { type Home, type Place, placeOf } from '../runtime/place.ts';
import { readStateNow, type ServerState } from '../runtime/state.ts';
import type { OpenOptions } from './types.ts';

/** A server that cotenant starts itself. */
export interface LocalServer {
  readonly place: Place & Home;
  /** null: it was never started, so it has no address yet. */
  readonly state: ServerState | null;
}

/** The instances that have no address in the manifest. Throws CT6020 where what is known of one is damaged. */
export function localServers(manifest: Manifest, env: OpenOptions['env']): ReadonlyMap<string, LocalServer> {
  const root = join(dirname(manifest.file), '.cotenant');
  const own = manifest.instances.filter(({ engine, input }) => engine.local?.isOwn(input.config));
  return new Map(
    own.map(({ name, engine }) => {
      const place = placeOf({ root, instance: name, env });
      const state = readStateNow(place.state);
      // Of another engine, before the manifest was changed: `up` says so.
      return [name, { place, state: state?.engine === engine.id ? state : null }];
    }),
  );
}

/** The manifest as if the addresses of these servers stood in it. */
export function withAddresses(manifest: Manifest, own: ReadonlyMap<string, LocalServer>): Manifest {
  if (own.size === 0) return manifest;
  return Object.freeze({ ...manifest, instances: Object.freeze(manifest.instances.map((one) => withAddress(one, own.get(one.name)))) });
}

function withAddress(instance: InstanceDecl, own: LocalServer | undefined): InstanceDecl {
  const { engine, input } = instance;
  if (!own?.state || !engine.local) return instance;
  const config = engine.local.at(input.config, own.state.host, own.state.port);
  return Object.freeze({ ...instance, input: Object.freeze({ ...input, config }) });
}

/** Throws CT3007 where the server was never started. */
export function hasAddress(instance: InstanceDecl, own: LocalServer): void {
  if (own.state !== null) return;
  throw fail('CT3007', `"${instance.name}" has no url, and its server was never started`, {
    instance: instance.name,
    path: ['instances', instance.name],
    hint: `run cotenant up ${instance.name}, or add the url of an existing server`,
  });
}
