import type { RenderContext, RenderedServer, RenderSize } from '../../../engine/index.ts';
import { sharedPlacement, spacesOf } from '../compile/spaces.ts';
import type { Input } from '../compile/draft.ts';
import { IMAGES, type Major } from './images.ts';

const GIB = 1024 ** 3;

/** Inside the container. */
export const FOLDER = '/etc/postgresql';

export const MEMORY: Readonly<Record<RenderSize, number>> = { minimum: GIB / 2, recommended: 2 * GIB, high: 8 * GIB };
const PROCESSORS: Readonly<Record<RenderSize, number>> = { minimum: 1, recommended: 2, high: 4 };

export function majorOf({ config }: Pick<Input, 'config'>): Major {
  return config.version ?? '18';
}

/** Extensions that neither of the images has. */
const ELSEWHERE = new Set(['postgis', 'timescaledb', 'citus', 'pg_cron', 'pg_partman', 'age', 'pgroonga', 'rum', 'hypopg', 'pg_search']);

export function server(input: Input, { size, admin }: RenderContext): RenderedServer {
  const major = majorOf(input);
  const extensions = extensionsOf(input);
  const missing = extensions.filter((name) => ELSEWHERE.has(name));
  return {
    image: IMAGES[major][extensions.includes('vector') ? 'vector' : 'plain'],
    command: ['postgres', '-c', `config_file=${FOLDER}/postgresql.conf`],
    environment: { POSTGRES_PASSWORD_FILE: admin, POSTGRES_INITDB_ARGS: '--auth=scram-sha-256 --encoding=UTF8 --data-checksums' },
    port: 5432,
    // The images of 18 and later keep each major version in a folder of its own below this one.
    data: Number(major) >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data',
    configFolder: FOLDER,
    secrets: [],
    // Over TCP, because the server of a first start listens on the socket only; a query, because a ping needs no password.
    health: `PGPASSWORD="$(cat ${admin})" PGCONNECT_TIMEOUT=3 psql -h 127.0.0.1 -p 5432 -U postgres -d postgres -XAtqc 'SELECT 1' | grep -qx 1`,
    startPeriod: 120,
    stopPeriod: 60,
    sharedMemory: Math.max(128 * 1024 ** 2, MEMORY[size] / 4),
    memory: MEMORY[size],
    processors: PROCESSORS[size],
    notes: missing.map((name) => `the image of "${input.name}" does not have the extension ${name}: give it another image`),
  };
}

function extensionsOf(input: Input): readonly string[] {
  const own = input.placements.flatMap(({ placement }) => placement.extensions);
  return [...new Set([...own, ...spacesOf(input).flatMap((space) => sharedPlacement(space).extensions)])];
}
