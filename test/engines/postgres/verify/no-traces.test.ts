import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { session, type OpenSession } from '../lifecycle/harness.ts';
import { type Ground, ground, seedTables } from './harness.ts';

const DATABASES = ['postgres', 'template1', 'm_a', 'm_b', 'm_shared', 'm_pool', 'elsewhere'];

/** What no rollback undoes, and what would be left if one were missing: of the server, and of each database. */
const OF_THE_SERVER = [
  'SELECT pg_conf_load_time()::text',
  `SELECT (pg_stat_file('postgresql.auto.conf')).modification::text`,
  'SELECT datname::text, stats_reset::text FROM pg_stat_database ORDER BY 1',
  `SELECT name, stats_reset::text FROM pg_stat_slru ORDER BY 1`,
  'SELECT stats_reset::text FROM pg_stat_bgwriter',
  'SELECT stats_reset::text FROM pg_stat_archiver',
  'SELECT stats_reset::text FROM pg_stat_wal',
  'SELECT slot_name::text, active FROM pg_replication_slots ORDER BY 1',
  `SELECT n FROM pg_ls_dir('.') n WHERE n NOT IN ('current_logfiles') ORDER BY 1`,
  'SELECT rolname::text, rolsuper, rolcanlogin, rolconnlimit, rolconfig::text FROM pg_roles ORDER BY 1',
  'SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members ORDER BY 1, 2',
  'SELECT datname::text, datconnlimit, datacl::text FROM pg_database ORDER BY 1',
  'SELECT setdatabase, setrole, setconfig::text FROM pg_db_role_setting ORDER BY 1, 2',
  'SELECT objoid, description FROM pg_shdescription ORDER BY 1',
  'SELECT gid FROM pg_prepared_xacts',
];
const OF_A_DATABASE = [
  'SELECT relname::text, relacl::text, relrowsecurity FROM pg_class ORDER BY 1',
  'SELECT nspname::text, nspacl::text FROM pg_namespace ORDER BY 1',
  'SELECT schemaname::text, sequencename::text, last_value FROM pg_sequences ORDER BY 1, 2',
  'SELECT extname::text FROM pg_extension ORDER BY 1',
  'SELECT pubname::text FROM pg_publication',
  'SELECT proname::text FROM pg_proc ORDER BY 1',
  'SELECT oid FROM pg_largeobject_metadata',
];

describeEachPostgres(
  'a verify as somebody who may do everything',
  { versions: 'ends', settings: { max_replication_slots: 1 } },
  (server) => {
    let made: Ground;
    let victim: OpenSession;
    beforeAll(async () => {
      made = await ground(server());
      await seedTables(made);
      await made.sql('postgres', 'CREATE DATABASE elsewhere');
      // Each statement that would come through fires it, even without a row.
      for (const [database, table] of [
        ['m_a', 'public.orders'],
        ['m_b', 'public.orders'],
        ['m_shared', 'm_s.orders'],
        ['m_shared', 'm_t.orders'],
        ['m_pool', 'public.docs'],
      ] as const)
        await made.sql(
          database,
          `CREATE SEQUENCE IF NOT EXISTS public.fired; CREATE OR REPLACE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM nextval(''public.fired''); RETURN NULL; END';
         CREATE TRIGGER note BEFORE INSERT OR UPDATE OR DELETE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION public.note()`,
        );
      // The only slot is somebody's: whoever takes one to try a right takes it from others.
      await made.sql('postgres', "SELECT pg_create_physical_replication_slot('standby', true)");
      victim = await session(at(server().url, { database: 'elsewhere' }));
    });
    afterAll(async () => {
      await victim[Symbol.asyncDispose]();
      await made[Symbol.asyncDispose]();
    });

    async function seen(): Promise<readonly unknown[]> {
      const out: unknown[] = [];
      for (const sql of OF_THE_SERVER) out.push([sql, await query(server().url, sql)]);
      for (const database of DATABASES)
        for (const sql of OF_A_DATABASE) out.push([database, sql, await query(at(server().url, { database }), sql)]);
      return [...out, await victim.isOpen()];
    }

    it('calls nothing that a right on a function of the server opens, and sees that it is open', { timeout: 120_000 }, async () => {
      await made.sql('m_a', 'GRANT EXECUTE ON FUNCTION pg_reload_conf() TO m_a_owner');
      await made.sql('m_b', 'GRANT EXECUTE ON FUNCTION pg_stat_reset() TO m_b_owner');
      const before = await seen();
      const { findings } = await made.verify();
      expect(await seen()).toEqual(before);
      // Both halves: the attack was let through.
      const reached = findings.filter(({ probe, half }) => probe === 'PG-E9' && half === 'both');
      expect(reached.map(({ from, verdict }) => [from, verdict])).toEqual([
        ['m_a', 'BREACH'],
        ['m_b', 'BREACH'],
      ]);
    });

    it('changes nothing that a rollback does not undo as a superuser, who needs no free slot either', { timeout: 120_000 }, async () => {
      await made.sql(
        'postgres',
        "DO $$DECLARE r name; BEGIN FOR r IN SELECT rolname FROM pg_roles WHERE rolname ~ '^m_' LOOP EXECUTE format('ALTER ROLE %I SUPERUSER', r); END LOOP; END$$",
      );
      const before = await seen();
      const { findings } = await made.verify();
      expect(await seen()).toEqual(before);
      const slot = findings.find(({ probe, statement }) => probe === 'PG-E8' && statement.includes('replication_slot'));
      expect([slot?.half, slot?.verdict]).toEqual(['attack', 'BREACH']);
      const unproven = findings.filter(({ verdict }) => verdict === 'UNPROVEN');
      expect(unproven.map(({ probe, statement, answer }) => `${probe} ${statement}: ${answer}`)).toEqual([]);
    });
  },
);
