import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Machine } from '../../../src/engine/local.ts';
import { type Installation, localInstallations, unpackedInstallations } from '../../../src/engines/neo4j/local/find.ts';
import { spawnSync } from '../../support/children.ts';
import { checkout } from '../../support/places.ts';
import type { Entry } from '../../support/roster.ts';
import { type Neo4jServer, type Settings, startNeo4j } from './runtime.ts';

export const version = 'neo4j526';

/** Where things are kept between runs. */
export interface Places {
  /** The cache of the checkout, or COTENANT_CACHE. */
  readonly cache: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How this machine gets a server. */
export interface Neo4jWay {
  readonly way: Installation['way'];
  readonly version: string;
  start(settings?: Settings): Promise<Neo4jServer>;
}

/** Jars that were fetched, before what the system has; null: neither, or no Java. */
export function neo4jWay(machine: Machine, { cache }: Places): Neo4jWay | null {
  const found = [...unpackedInstallations(cache), ...localInstallations()].find((one) => one.version.startsWith('5.26.'));
  if (!found) return null;
  return { way: found.way, version: found.version, start: async (settings = {}) => await startNeo4j(machine, found, settings) };
}

/** The folder with the jars of the server's own client; null: they were not fetched. */
export function shellIn(cache: string): string | null {
  const folders = unpackedInstallations(cache).map(({ lib }) => join(dirname(lib), 'shell'));
  return folders.find((folder) => existsSync(join(folder, '.complete'))) ?? null;
}

/** Says how this machine gets a server. Where a run requires it, its jars are fetched now. */
export function roster(machine: Machine, places: Places): readonly Entry[] {
  const { REQUIRE_ENGINES = '', COTENANT_CACHE } = places.env;
  const isRequired = REQUIRE_ENGINES.split(',').some((one) => ['all', version].includes(one.trim()));
  if (isRequired && (neo4jWay(machine, places) === null || shellIn(places.cache) === null))
    spawnSync(join(checkout, 'test/engines/neo4j/jars'), [], {
      timeout: 600_000,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, COTENANT_CACHE: COTENANT_CACHE ?? places.cache },
    });
  const way = neo4jWay(machine, places);
  return [{ name: version, way: way?.way ?? null, ...(way && { version: way.version }) }];
}
