import { type Observation, placementOf } from '../../../engine/index.ts';
import type { Resource } from '../../../model/index.ts';
import type { Access } from '../commands.ts';
import { compile } from '../compile/compile.ts';
import type { Mark } from '../marks/mark.ts';
import type { Input } from '../compile/draft.ts';
import { channelPrefix, prefixOfApp, userOf } from '../compile/places.ts';
import { rulesOf } from '../compile/rules.ts';
import { isSeen, isWanted, type UserSpec } from '../spec.ts';

/** Where an app has its keys and channels. */
export interface Site {
  readonly app: string;
  /** What its keys begin with; '' where it has a database or the server to itself. */
  readonly prefix: string;
  readonly channel: string;
  readonly database: number;
}

/** One app or reader as an attacker; with a site of its own, as a victim too. */
export interface Tenant {
  readonly app: string;
  readonly access: Access;
  readonly user: string;
  readonly secret: string;
  /** Commands that it is meant to have. */
  readonly allowed: ReadonlySet<string>;
  /** null: a reader, which has nothing of its own. */
  readonly site: Site | null;
  /** What its own statements are tried on: its site, or the first that it reads. */
  readonly home: Site;
  /** Apps whose keys it reads on purpose. */
  readonly reads: readonly string[];
  /** The manifest accepts that a database is no wall for it. */
  readonly unenforced: boolean;
  readonly resource: Resource<UserSpec>;
  /** As the server has it; null: the user there is not this app's. */
  readonly mark: Mark | null;
}

/** Everybody who has a login on the instance. */
export function tenantsOf(input: Input, observation: Observation): readonly Tenant[] {
  const wanted = compile(input).resources.filter((one): one is Resource<UserSpec> => isWanted(one, 'user'));
  const sites = new Map(
    wanted.flatMap((resource): [string, Site][] => {
      const placed = placementOf(input, resource.app ?? '');
      if (!placed) return [];
      const database = rulesOf(resource, observation).database ?? 0;
      return [[placed.app, { app: placed.app, prefix: prefixOfApp(placed), channel: channelPrefix(placed), database }]];
    }),
  );
  return wanted.flatMap((resource): Tenant[] => {
    const app = resource.app ?? resource.address.name;
    const reads = input.readers.find(({ name }) => name === app)?.reads ?? [];
    const place = sites.get(app) ?? null;
    const placed = placementOf(input, app);
    // Another login of an app works on what is the app's; as a victim the app stands once.
    const site = placed && userOf(placed) !== resource.address.name ? null : place;
    const home = place ?? reads.flatMap((one) => sites.get(one) ?? [])[0];
    if (!home) return [];
    return [
      {
        app,
        access: resource.spec.access,
        user: resource.address.name,
        secret: resource.spec.secret,
        allowed: new Set(rulesOf(resource, observation).commands.split(' ')),
        site,
        home,
        reads: place ? [] : reads,
        unenforced: resource.spec.unenforced,
        resource,
        mark: markIn(observation, resource),
      },
    ];
  });
}

function markIn(observation: Observation, { address, app }: Resource<UserSpec>): Mark | null {
  const seen = observation.resources.find((one) => isSeen(one, 'user') && one.address.name === address.name);
  return seen && isSeen(seen, 'user') && seen.owned && seen.app === app ? seen.spec.mark : null;
}

/** True where `from` reaches what `to` has because the manifest says so. */
export function isDeclared(from: Tenant, to: Tenant, walled: boolean): boolean {
  return from.reads.includes(to.app) || (from.unenforced && !walled);
}
