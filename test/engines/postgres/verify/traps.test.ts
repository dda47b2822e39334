import { describe, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { seedTables, ground } from './harness.ts';

/** What a trap does when the operator steps on it: a superuser's session would make the tenant one. */
const SPRING = `BEGIN
  IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
    EXECUTE 'ALTER ROLE m_a_user SUPERUSER';
  END IF;
END`;

/** Functions of the server that the operator's queries call, planted by the tenant with the same names. */
const PLANTED = [
  'pg_database_size(oid) RETURNS bigint',
  'has_database_privilege(oid, text) RETURNS boolean',
  'has_database_privilege(name, oid, text) RETURNS boolean',
  'current_setting(text) RETURNS text',
  'pg_get_expr(pg_node_tree, oid) RETURNS text',
  'pg_has_role(oid, text) RETURNS boolean',
  'pg_total_relation_size(regclass) RETURNS bigint',
  'pg_get_function_identity_arguments(oid) RETURNS text',
  'unnest(aclitem[]) RETURNS SETOF aclitem',
  'lower(varchar) RETURNS text',
  'format(text, name) RETURNS text',
  'count(name) RETURNS bigint',
];

describe('traps for the operator', () => {
  describeEachPostgres('', { versions: 'each' }, (server) => {
    it('catch no command, and verify tells of them', async () => {
      await using made = await ground(server());
      await seedTables(made);
      const functions = PLANTED.map((signature) =>
        `CREATE FUNCTION SCHEMA.${signature} LANGUAGE plpgsql AS $trap$${SPRING.replace(/END$/, ' RETURN NULL; END')}$trap$;`.replace(
          'RETURN NULL',
          signature.includes('SETOF') ? 'RETURN' : 'RETURN NULL',
        ),
      ).join('\n');
      await made.sql(
        'm_a',
        `SET ROLE m_a_owner; CREATE SCHEMA evil; ${functions.replaceAll('SCHEMA.', 'evil.')} ${functions.replaceAll('SCHEMA.', 'public.')}
         CREATE FUNCTION evil.spring() RETURNS boolean LANGUAGE plpgsql AS $trap$${SPRING.replace(/END$/, 'RETURN true; END')}$trap$;
         CREATE FUNCTION evil.equal(name, name) RETURNS boolean LANGUAGE sql AS 'SELECT evil.spring()';
         CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = name, FUNCTION = evil.equal);
         CREATE VIEW public.customers AS SELECT evil.spring() AS id;
         CREATE FUNCTION evil.on_write() RETURNS trigger LANGUAGE plpgsql AS $trap$${SPRING.replace(/END$/, 'RETURN NEW; END')}$trap$;
         CREATE TRIGGER trap BEFORE INSERT OR UPDATE OR DELETE ON public.orders FOR EACH ROW EXECUTE FUNCTION evil.on_write();
         CREATE FUNCTION evil.out() RETURNS boolean LANGUAGE plpgsql AS $trap$BEGIN EXECUTE 'RESET ROLE'; PERFORM evil.spring(); RETURN true; END$trap$;
         CREATE VIEW public.reset_role AS SELECT evil.out() AS id;
         CREATE INDEX trap ON public.orders ((note)) WHERE note IS NOT NULL`,
      );
      await made.sql('postgres', 'ALTER DATABASE m_a SET search_path = evil, public, pg_catalog');
      await made.sql(
        'm_a',
        "SET search_path = pg_catalog; CREATE FUNCTION public.helper() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'; GRANT EXECUTE ON FUNCTION public.helper() TO m_a_rw",
      );
      await made.sql('template1', 'ALTER DATABASE template1 SET search_path = public, pg_catalog');
      const { findings, residual } = await made.verify();
      const seen = new Set([...findings, ...residual].map(({ probe }) => probe));
      await made.place.plan();
      await made.place.status();
      const { ending } = await made.place.apply();
      await made.verify();
      await made.place.plan();
      const [row] = await query(server().url, 'SELECT count(*)::int AS n FROM pg_roles WHERE rolsuper');
      expect(row?.['n'], 'superusers').toBe(1);
      expect(ending).toBe('done');
      expect([...seen]).toEqual(expect.arrayContaining(['PG-E1', 'PG-E1b', 'PG-E4']));
    });

    it('are real: an operator without a pinned search path steps on them', async () => {
      await made(server().url);
      const [row] = await query(server().url, "SELECT rolsuper FROM pg_roles WHERE rolname = 'm_trap'");
      expect(row?.['rolsuper']).toBe(true);
      await query(server().url, 'ALTER ROLE m_trap NOSUPERUSER');
    });
  });
});

/** The same kind of trap against an ordinary session of a superuser. */
async function made(url: string): Promise<void> {
  await query(url, 'CREATE ROLE m_trap');
  await query(url, 'CREATE SCHEMA trap AUTHORIZATION m_trap');
  await query(
    url,
    "SET ROLE m_trap; CREATE FUNCTION trap.pg_database_size(oid) RETURNS bigint LANGUAGE plpgsql AS $t$BEGIN EXECUTE 'ALTER ROLE m_trap SUPERUSER'; RETURN 0; END$t$",
  );
  await query(url, "SET search_path = trap, pg_catalog; SELECT pg_database_size(oid) FROM pg_database WHERE datname = 'postgres'");
}
