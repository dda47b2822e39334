import { asPostgres } from '../../src/engines/postgres/local/client.ts';
import { PostgresLook } from './postgres-look.ts';
import { freshDatabases } from './postgres-wipe.ts';
import type { PostgresServer } from '../engines/postgres/runtime.ts';
import type { Random } from '../support/random.ts';
import { drawPair } from './draw.ts';
import type { Fields, Ground } from './suite.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'] as const;
const DATABASES = ['a', 'b', 'c', 'pool', 'shared', 'old', 'A'] as const;
const ROLES = ['a_user', 'a_owner', 'a_rw', 'a_user_2', 'b_user', 'lens_user', 'old', 'pool_owner', 'fresh'] as const;
const WORDS = ['connect', 'monitor', 'read-all', 'replication', 'bypass-rls'] as const;

/** Claims on PostgreSQL: databases, schemas, shared tables, every role's name, readers, operators. */
export function postgresGround(server: () => PostgresServer): Ground {
  const look = new PostgresLook(server);
  return {
    name: 'postgres',
    env: () => ({ HOST: server().host, PORT: String(server().port), ADMIN_PASSWORD: server().password }),
    instance: { engine: 'postgres', url: 'postgres://postgres@${HOST}:${PORT}/postgres', password: { env: 'ADMIN_PASSWORD' } },
    draw: (random) => drawPair(random, { names: NAMES, logins: ROLES, words: WORDS, placement }),
    isOpen: () => false,
    async begin() {
      // Somebody made these by hand, before either of the projects was.
      await look.root("CREATE ROLE old LOGIN PASSWORD 'old-word'");
      await look.root('CREATE DATABASE old OWNER old');
      await look.root('CREATE DATABASE pool');
      await look.root('CREATE TABLE public.notes (workspace text NOT NULL, x text)', 'pool');
    },
    async settle(tenant) {
      if (!tenant.variables) return;
      const { table } = look.placeOf(tenant);
      if (tenant.placement['isolation'] === 'rows')
        await look.as(tenant, `INSERT INTO notes (workspace, x) VALUES ('${tenant.app}', '${tenant.project}')`);
      else
        await look.as(
          tenant,
          `CREATE TABLE IF NOT EXISTS ${table} (x text); INSERT INTO ${table} SELECT '${tenant.project}' WHERE NOT EXISTS (SELECT FROM ${table})`,
        );
    },
    async forget(tenant, what) {
      const { PGUSER = 'old', PGDATABASE = 'old' } = tenant.variables ?? {};
      await look.root(what === 'login' ? `COMMENT ON ROLE "${PGUSER}" IS 'ours'` : `COMMENT ON DATABASE "${PGDATABASE}" IS 'ours'`);
    },
    async holdingsOf(tenant) {
      const user = tenant.variables?.['PGUSER'] ?? 'old';
      const roles = tenant.retired
        ? []
        : await look.root(
            `SELECT r.rolname, r.rolsuper, r.rolcanlogin, r.rolconnlimit, ARRAY(SELECT m.roleid::regrole::text FROM pg_auth_members m WHERE m.member = r.oid ORDER BY 1) AS of FROM pg_roles r WHERE rolname = '${user}'`,
          );
      return JSON.stringify([roles, await look.rowsOf(tenant)]);
    },
    works: async (tenant) => (tenant.variables ? await look.as(tenant, `SELECT x FROM ${look.placeOf(tenant).table}`) : ''),
    reaches: async (attacker, victim) => await look.reaches(attacker, victim),
    wipe: async () => await freshDatabases(server(), asPostgres),
  };
}

function placement(random: Random, second: boolean): Fields {
  const isolation = random.pick(['database', 'database', 'schema', 'schema', 'rows']);
  const database =
    isolation === 'rows'
      ? 'pool'
      : isolation === 'schema'
        ? random.pick(['shared', 'shared', ...DATABASES])
        : random.chance(0.3)
          ? random.pick(DATABASES)
          : null;
  const adopt = isolation === 'rows' || random.chance(second ? 0.5 : 0.2);
  return {
    isolation,
    ...(database === null ? {} : { database }),
    ...(isolation === 'schema' && random.chance(0.4) ? { schema: random.pick(['a', 'b', 'kept']) } : {}),
    ...(random.chance(0.35)
      ? { names: { [random.pick(['owner', 'readWrite', 'readOnly', 'login', 'standbyLogin'])]: random.pick(ROLES) } }
      : {}),
    ...(random.chance(0.2)
      ? { logins: { main: { as: isolation === 'rows' ? 'rw' : 'owner' }, look: { as: 'read', login: random.pick(ROLES) } } }
      : {}),
    ...(isolation === 'rows' && random.chance(0.4) ? { workspace: random.pick(NAMES) } : {}),
    ...(adopt ? { adopt: true } : {}),
  };
}
