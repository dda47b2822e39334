import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from '../support/places.ts';

/** Where `install.ts` puts the real tools, below the cache. */
export const places: Readonly<Record<string, string>> = {
  alembic: 'clients/python/bin/alembic',
  django: 'clients/python/bin/django-admin',
  drizzle: 'clients/node/node_modules/.bin/drizzle-kit',
  knex: 'clients/node/node_modules/.bin/knex',
  'node-pg-migrate': 'clients/node/node_modules/.bin/node-pg-migrate',
  prisma: 'clients/node/node_modules/.bin/prisma',
  dbmate: 'clients/node/node_modules/.bin/dbmate',
  'golang-migrate': 'clients/go/bin/migrate',
  goose: 'clients/go/bin/goose',
  flyway: 'clients/java/flyway',
  liquibase: 'clients/java/liquibase',
  // Migrates nothing: it is the server behind S3 of the backups' tests, and comes the same way.
  moto: 'clients/python/bin/moto_server',
};

/** A real tool, or null where it is not installed: a run says at its end which are missing. */
export function toolAt(name: string): string | null {
  const file = join(cache, places[name] ?? '');
  return existsSync(file) ? file : null;
}

/** Those that are not installed. */
export function lacking(): readonly string[] {
  return Object.keys(places).filter((name) => toolAt(name) === null);
}
