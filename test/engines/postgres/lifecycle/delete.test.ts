import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres, tableFor } from '../../../support/engines.ts';
import { at, changeMark, query } from '../../../support/query.ts';
import { manifestOf, urlOf, wipe, type Workplace, workplace } from './harness.ts';

const erp = '  erp: { uses: { main: { isolation: schema, database: shared, connections: 3 } } }';
const crm = '  crm: { uses: { main: { isolation: schema, database: shared, connections: 3, relax: { createOnDatabase: true } } } }';
const shop = '  shop: { uses: { main: { connections: 3 } } }';
const all = manifestOf(`apps:\n${erp}\n${crm}\n${shop}\n`);
const rest = (removal: string): string => manifestOf(`apps:\n${erp}\nremoval: ${removal}\n`);

describeEachPostgres(
  'a delete',
  { versions: 'ends', settings: { max_prepared_transactions: '5', wal_level: 'logical' } },
  (server, major) => {
    let place: Workplace;
    const sql = async (database: string, text: string) => await query(at(server().url, { database }), text);
    const errors = async () =>
      (await place.plan()).plan.diagnostics.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code} ${message}`);
    const remove = async () => {
      await place.write(rest('delete'));
      expect(await place.apply(['stranger'])).toMatchObject({ ending: 'done' });
    };
    const roles = async () => (await query(server().url, `SELECT rolname FROM pg_roles WHERE rolname ~ '^(crm|shop)'`)).length;

    beforeEach(async () => {
      await wipe(server().url);
      place = await workplace(server(), all);
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      await query(server().url, `CREATE ROLE stranger LOGIN PASSWORD 'x'`);
      await sql(
        'shared',
        `SET ROLE crm_owner; CREATE TYPE crm.mood AS ENUM ('a'); CREATE TABLE crm.c (x int PRIMARY KEY, m crm.mood); INSERT INTO crm.c VALUES (1, 'a'), (2, 'a');
       CREATE FUNCTION crm.f(x int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; CREATE FUNCTION crm.t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
       CREATE SEQUENCE crm.s; CREATE TABLE crm.ev (d int) PARTITION BY LIST (d); CREATE DOMAIN crm.dom AS int`,
      );
    });

    const cases: readonly (readonly [string, string, readonly string[]])[] = [
      [
        'a column of its type',
        `CREATE TABLE erp.orders (id int, m crm.mood DEFAULT 'a'); ALTER TABLE erp.orders OWNER TO erp_owner`,
        ['column m of table erp.orders', 'erp_owner', 'type crm'],
      ],
      [
        'a column of an array of its type',
        'CREATE TABLE erp.o (m crm.mood[]); ALTER TABLE erp.o OWNER TO erp_owner',
        ['column m of table erp.o'],
      ],
      ['a column of its table’s type', 'CREATE TABLE erp.o (m crm.c); ALTER TABLE erp.o OWNER TO erp_owner', ['column m of table erp.o']],
      ['a domain over its domain', 'CREATE DOMAIN erp.d AS crm.dom; ALTER DOMAIN erp.d OWNER TO erp_owner', ['type erp.d']],
      ['a view', 'CREATE VIEW erp.v AS SELECT x FROM crm.c; ALTER VIEW erp.v OWNER TO erp_owner', ['view erp.v']],
      [
        'a view of the operator over a view',
        'CREATE VIEW erp.v AS SELECT x FROM crm.c; ALTER VIEW erp.v OWNER TO erp_owner; CREATE SCHEMA ops; CREATE VIEW ops.w AS SELECT * FROM erp.v',
        ['view erp.v', 'view ops.w'],
      ],
      [
        'a materialized view',
        'CREATE MATERIALIZED VIEW erp.m AS SELECT x FROM crm.c; ALTER MATERIALIZED VIEW erp.m OWNER TO erp_owner',
        ['materialized view erp.m'],
      ],
      [
        'a foreign key',
        'CREATE TABLE erp.o (x int REFERENCES crm.c); ALTER TABLE erp.o OWNER TO erp_owner',
        ['constraint o_x_fkey on table erp.o'],
      ],
      [
        'a default',
        `CREATE TABLE erp.o (x int DEFAULT nextval('crm.s')); ALTER TABLE erp.o OWNER TO erp_owner`,
        ['default value for column x of table erp.o'],
      ],
      [
        'a check',
        'CREATE TABLE erp.o (x int CHECK (crm.f(x) > 0)); ALTER TABLE erp.o OWNER TO erp_owner',
        ['constraint o_x_check on table erp.o'],
      ],
      [
        'an index',
        'CREATE TABLE erp.o (x int); CREATE INDEX oi ON erp.o (crm.f(x)); ALTER TABLE erp.o OWNER TO erp_owner',
        ['index erp.oi'],
      ],
      [
        'a trigger',
        'CREATE TABLE erp.o (x int); CREATE TRIGGER tr BEFORE INSERT ON erp.o EXECUTE FUNCTION crm.t(); ALTER TABLE erp.o OWNER TO erp_owner',
        ['trigger tr on table erp.o'],
      ],
      [
        'a policy that uses its function',
        'CREATE TABLE erp.o (x int); CREATE POLICY po ON erp.o USING (crm.f(x) = 1); ALTER TABLE erp.o OWNER TO erp_owner',
        ['policy po on table erp.o'],
      ],
      [
        'a policy that names its role',
        'CREATE TABLE erp.o (x int); CREATE POLICY po ON erp.o TO crm_ro USING (true); ALTER TABLE erp.o OWNER TO erp_owner',
        ['policy po on table erp.o'],
      ],
      [
        'a function',
        'CREATE FUNCTION erp.g(m crm.mood) RETURNS int LANGUAGE sql AS $$SELECT 1$$; ALTER FUNCTION erp.g(crm.mood) OWNER TO erp_owner',
        ['function erp.g(crm'],
      ],
      [
        'a partition',
        'CREATE TABLE erp.ev_1 PARTITION OF crm.ev FOR VALUES IN (1); ALTER TABLE erp.ev_1 OWNER TO erp_owner',
        ['table erp.ev_1'],
      ],
      [
        'a partition of a neighbour’s table',
        'CREATE TABLE erp.ev (d int) PARTITION BY LIST (d); ALTER TABLE erp.ev OWNER TO erp_owner; CREATE TABLE crm.part PARTITION OF erp.ev FOR VALUES IN (1); ALTER TABLE crm.part OWNER TO crm_owner',
        ['table erp.ev'],
      ],
      ['a child', 'CREATE TABLE erp.ch () INHERITS (crm.c); ALTER TABLE erp.ch OWNER TO erp_owner', ['table erp.ch']],
      ['a publication', 'CREATE PUBLICATION p FOR TABLE crm.c', ['publication of table crm']],
      ['statistics', 'CREATE SCHEMA ops; CREATE STATISTICS ops.st ON x, m FROM crm.c', ['statistics object ops.st']],
      [
        'a table of a stranger in its schema',
        'CREATE TABLE crm.theirs (x int); ALTER TABLE crm.theirs OWNER TO stranger',
        ['table crm__gone', 'stranger'],
      ],
      ['a table of the operator in its schema', 'CREATE TABLE crm.ours (x int)', ['.ours of "postgres"']],
      ['an extension of the operator in its schema', 'CREATE EXTENSION citext SCHEMA crm', ['extension citext']],
      [
        'a user mapping and a foreign table on its server',
        `CREATE EXTENSION postgres_fdw; CREATE SERVER srv FOREIGN DATA WRAPPER postgres_fdw; ALTER SERVER srv OWNER TO crm_owner; GRANT USAGE ON FOREIGN SERVER srv TO stranger; CREATE USER MAPPING FOR stranger SERVER srv; CREATE FOREIGN TABLE erp.ft (x int) SERVER srv; ALTER FOREIGN TABLE erp.ft OWNER TO erp_owner`,
        ['user mapping for stranger on server srv', 'foreign table erp.ft'],
      ],
      [
        'a member of its extension',
        'CREATE EXTENSION citext; UPDATE pg_extension SET extowner = (SELECT oid FROM pg_roles WHERE rolname = $$crm_owner$$) WHERE extname = $$citext$$; INSERT INTO pg_shdepend SELECT d.oid, 3079, e.oid, 0, 1260, e.extowner, $$o$$ FROM pg_database d, pg_extension e WHERE d.datname = current_database() AND e.extname = $$citext$$; CREATE VIEW erp.v AS SELECT 1 AS x; ALTER VIEW erp.v OWNER TO erp_owner; ALTER EXTENSION citext ADD VIEW erp.v',
        ['view erp.v'],
      ],
    ];
    it.each(tableFor(major, cases, 5))('that would end %s is refused, and names both sides', async (_, text, wanted) => {
      await sql('shared', text);
      await remove();
      const found = await errors();
      expect(found.join('\n')).toMatch(/CT2030 app "crm" cannot be deleted on "main"/);
      for (const part of wanted) expect(found.join('\n')).toContain(part);
      const mark = await changeMark(server().url);
      expect(await place.apply(['crm', 'shop'])).toMatchObject({ ending: 'failed' });
      expect(await changeMark(server().url)).toBe(mark);
    });

    it('of an app with everything that an app can have finishes in one go, and counts it before', async () => {
      await query(server().url, 'CREATE DATABASE elsewhere');
      await sql(
        'elsewhere',
        'CREATE SCHEMA own AUTHORIZATION crm_owner; CREATE TABLE own.t (x int); ALTER TABLE own.t OWNER TO crm_user; GRANT CREATE ON SCHEMA public TO crm_rw',
      );
      await query(server().url, 'GRANT CONNECT ON DATABASE elsewhere TO crm_ro');
      await sql('postgres', 'CREATE TABLE public.odd (x int); ALTER TABLE public.odd OWNER TO crm_user');
      await sql(
        'shared',
        `CREATE EXTENSION IF NOT EXISTS postgres_fdw; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO crm_owner; GRANT CREATE ON DATABASE shared TO crm_owner;
       SET ROLE crm_owner; CREATE SCHEMA side; CREATE TABLE side.t (x int); INSERT INTO side.t SELECT generate_series(1, 3); SELECT lo_create(4711);
       ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO crm_rw; ALTER DEFAULT PRIVILEGES IN SCHEMA side GRANT SELECT ON TABLES TO crm_user;
       CREATE SERVER srv FOREIGN DATA WRAPPER postgres_fdw; CREATE USER MAPPING FOR PUBLIC SERVER srv; CREATE FOREIGN TABLE side.ft (x int) SERVER srv;
       CREATE PUBLICATION pub FOR TABLE side.t; CREATE CAST (crm.c AS text) WITH INOUT; CREATE AGGREGATE side.agg (int) (SFUNC = int4pl, STYPE = int);
       CREATE OPERATOR side.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq); CREATE VIEW side.v AS SELECT * FROM crm.c; CREATE MATERIALIZED VIEW side.m AS SELECT * FROM side.v;
       CREATE TABLE side.fk (x int REFERENCES crm.c, y crm.mood DEFAULT 'a', z int DEFAULT nextval('crm.s')); CREATE TABLE side.p1 PARTITION OF crm.ev FOR VALUES IN (1);
       CREATE STATISTICS side.st ON x, y FROM side.fk; CREATE COLLATION side.col FROM "C"; CREATE TEXT SEARCH CONFIGURATION side.ts (COPY = simple);
       RESET ROLE; CREATE TABLE side.mine (m crm.mood); ALTER TABLE side.mine OWNER TO crm_user; CREATE TABLE erp.keep (x int); ALTER TABLE erp.keep OWNER TO erp_owner; GRANT SELECT ON erp.keep TO crm_ro`,
      );
      await sql(
        'shop',
        `SELECT lo_create(4712); CREATE SCHEMA more AUTHORIZATION shop_owner; SET ROLE shop_owner; CREATE TABLE more.t (x int); INSERT INTO more.t VALUES (1)`,
      );
      await place.apply();
      await sql('shop', 'ALTER LARGE OBJECT 4712 OWNER TO shop_owner');
      await remove();
      expect(await errors()).toEqual([
        expect.stringMatching(
          /^CT2030 app "crm" cannot be deleted .*: its roles own 1 table \(0 rows\) .* in database "elsewhere", which does not belong/,
        ),
      ]);
      const [{ hint = '' } = {}] = (await place.plan()).plan.diagnostics.filter(({ severity }) => severity === 'error');
      await sql('elsewhere', /DROP OWNED BY [^;]*(?=; alone drops it)/.exec(hint)?.[0] ?? '');
      const { plan } = await place.plan();
      expect(plan.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      const facts = new Map(
        plan.steps.map(({ address, facts: one }) => [`${address.kind} ${address.name.replace(/__gone_\d+/, '')}`, one]),
      );
      expect(facts.get('remains shared/crm')).toMatchObject({ database: 'shared', tables: 7, rows: 5, 'large objects': 1 });
      expect(facts.get('retired database/shop')).toMatchObject({ tables: 1, rows: 1, 'large objects': 1 });
      const done = await place.apply(['crm', 'shop']);
      expect(done.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(done.ending).toBe('done');
      expect((await place.plan()).plan.steps).toEqual([]);
      expect(await roles()).toBe(0);
      expect(await sql('shared', `SELECT nspname FROM pg_namespace WHERE nspname ~ '^(crm|side)'`)).toEqual([]);
      expect(await sql('shared', `SELECT oid FROM pg_largeobject_metadata`)).toEqual([]);
      expect(await query(await urlOf(place, 'erp'), 'SELECT * FROM erp.keep')).toEqual([]);
      await query(server().url, 'DROP DATABASE elsewhere');
    });

    const inDatabases: readonly (readonly [string, string, string, readonly string[]])[] = [
      [
        'a table of a stranger',
        'shop',
        'CREATE TABLE public.theirs (x int); ALTER TABLE public.theirs OWNER TO stranger',
        ['table public.theirs', 'stranger'],
      ],
      ['a schema of the operator', 'shop', 'CREATE SCHEMA audit; CREATE TABLE audit.log (x int)', ['table audit.log', 'postgres']],
      ['a large object of a stranger', 'shop', 'SELECT lo_create(99); ALTER LARGE OBJECT 99 OWNER TO stranger', ['large object 99']],
      ['a replication slot', 'shop', `SELECT pg_create_logical_replication_slot('cdc', 'test_decoding')`, ['replication slot "cdc"']],
    ];
    it.each(tableFor(major, inDatabases, 2))('of a database with %s is refused, and names it', async (_, database, text, wanted) => {
      await place.write(rest('retain'));
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      const [row] = await query(server().url, `SELECT datname FROM pg_database WHERE datname LIKE '${database}__gone%'`);
      await sql(String(row?.['datname']), text);
      await place.write(rest('delete'));
      expect(await place.plan()).toMatchObject({});
      const found = (await errors()).join('\n');
      for (const part of wanted) expect(found).toContain(part);
      expect(await place.apply(['crm', 'shop'])).toMatchObject({ ending: 'failed' });
      await query(server().url, `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots`);
    });

    it('of an app whose role owns another database is refused', async () => {
      await query(server().url, 'CREATE DATABASE other OWNER shop_owner');
      await remove();
      expect((await errors()).join('\n')).toMatch(/app "shop" cannot be deleted.*database other/);
    });

    it('of two apps of which one depends on the other finishes', async () => {
      await sql('shared', `CREATE TABLE erp.o (m crm.mood); ALTER TABLE erp.o OWNER TO erp_owner`);
      await place.write(manifestOf(`apps:\n${shop}\nremoval: delete\n`));
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      expect(await errors()).toEqual([]);
      const done = await place.apply(['crm', 'erp']);
      expect([done.ending, done.diagnostics.filter(({ severity }) => severity === 'error')]).toEqual(['done', []]);
      expect(await query(server().url, `SELECT rolname FROM pg_roles WHERE rolname ~ '^(crm|erp)'`)).toEqual([]);
    });

    it('of an app that shared a table is refused while its neighbour has built on it; of both together it finishes', async () => {
      const shares = 'shares:\n  - { from: crm, tables: [c], to: erp, via: grant }\n';
      await place.write(`${all}${shares}`);
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      await query(await urlOf(place, 'erp'), 'CREATE MATERIALIZED VIEW erp.m AS SELECT x FROM crm.c');
      await query(await urlOf(place, 'erp'), 'CREATE VIEW erp.v AS SELECT x FROM crm.c');
      await remove();
      const found = (await errors()).join('\n');
      for (const part of ['materialized view erp.m', 'view erp.v', 'erp_owner']) expect(found).toContain(part);
      expect(await query(await urlOf(place, 'erp'), 'SELECT x FROM erp.m ORDER BY 1')).toEqual([{ x: 1 }, { x: 2 }]);
      await place.write(manifestOf(`apps:\n${shop.replace('shop', 'wiki')}\nremoval: delete\n`));
      // The neighbour is retired first, and both go with the next one.
      expect(await place.apply(['crm', 'shop'])).toMatchObject({ ending: 'done' });
      expect(await place.apply(['crm'])).toMatchObject({ ending: 'refused' });
      expect(await place.apply(['crm', 'erp'])).toMatchObject({ ending: 'done' });
      expect((await place.plan()).plan.steps).toEqual([]);
    });

    it('that ends rights which the app passed on names who loses them', async () => {
      await remove();
      const [row] = await query(server().url, `SELECT quote_ident(rolname) AS name FROM pg_roles WHERE rolname LIKE 'crm_owner__gone%'`);
      const owner = String(row?.['name']);
      await sql(
        'shared',
        `CREATE SCHEMA ops; CREATE TABLE ops.t (x int); GRANT USAGE ON SCHEMA ops TO ${owner}; GRANT SELECT ON ops.t TO ${owner} WITH GRANT OPTION`,
      );
      await sql('shared', `SET ROLE ${owner}; GRANT SELECT ON ops.t TO stranger`);
      const { plan } = await place.plan();
      const losses = plan.steps.flatMap((step) => step.losses ?? []);
      expect(losses).toContainEqual(
        expect.objectContaining({ who: 'stranger', of: null, what: [expect.stringContaining('SELECT on table ops.t')] }),
      );
      expect(await place.apply(['crm', 'shop'])).toMatchObject({ ending: 'refused' });
      expect(await place.apply(['crm', 'shop', 'stranger'])).toMatchObject({ ending: 'done' });
    });

    const late: readonly (readonly [string, string])[] = [
      ['view', 'CREATE VIEW erp.late AS SELECT x FROM $.c'],
      ['partition', 'CREATE TABLE erp.late PARTITION OF $.ev FOR VALUES IN (9); ALTER TABLE erp.late OWNER TO erp_owner'],
      ['column', 'CREATE TABLE erp.late (m $.mood)'],
      ['publication', 'CREATE PUBLICATION late FOR TABLE $.c'],
    ];
    it.each(tableFor(major, late, 2))('fails whole where a %s of others came after the plan', async (_, text) => {
      await remove();
      const { plan } = await place.plan();
      const step = plan.steps.find(({ address }) => address.kind === 'remains' && address.name === 'shared/crm');
      const [row] = await sql('shared', `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'crm__gone%'`);
      await sql('shared', text.replaceAll('$', `"${String(row?.['nspname'])}"`));
      const before = await sql('shared', 'SELECT count(*) FROM pg_class');
      await expect(sql('shared', `BEGIN; ${step?.commands.map((one) => one.text).join('; ')}; COMMIT`)).rejects.toMatchObject({
        code: '2BP01',
      });
      expect(await sql('shared', 'SELECT count(*) FROM pg_class')).toEqual(before);
      if (text.startsWith('CREATE PUBLICATION')) expect(await sql('shared', 'SELECT pubname FROM pg_publication_tables')).toHaveLength(1);
    });
  },
);
