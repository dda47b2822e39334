import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, urlOf, workplace } from './harness.ts';

describeEachPostgres('what a refused delete says to do', { versions: 'ends', settings: { wal_level: 'logical' } }, (server) => {
  it('can be pasted: others keep every row, and the delete goes through', async () => {
    const rest = '  wiki: { uses: { main: { connections: 3 } } }\n';
    const blog = '  blog: { uses: { main: { isolation: schema, database: shared, connections: 3 } } }\n';
    await using place = await workplace(server(), manifestOf(`apps:\n${blog}${rest}`));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    await query(
      await urlOf(place, 'blog'),
      `CREATE TABLE items (id int PRIMARY KEY); INSERT INTO items VALUES (1); CREATE TYPE mood AS ENUM ('glad'); CREATE DOMAIN small AS int;
       CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; CREATE TABLE ev (d int) PARTITION BY LIST (d)`,
    );
    const shared = at(server().url, { database: 'shared' });
    await query(
      shared,
      `CREATE ROLE audit LOGIN; CREATE SCHEMA audit; CREATE TABLE audit."Log" ("iD" int, item int REFERENCES blog.items, m blog.mood, many blog.mood[], s blog.small, x int DEFAULT blog.f(1), CHECK (blog.f(x) > 0));
       INSERT INTO audit."Log" VALUES (1, 1, 'glad', '{glad}', 2); CREATE TABLE audit.part PARTITION OF blog.ev FOR VALUES IN (1); INSERT INTO blog.ev VALUES (1);
       CREATE TABLE audit.child () INHERITS (blog.items); INSERT INTO audit.child VALUES (7); CREATE VIEW audit.seen AS SELECT id FROM blog.items; CREATE PUBLICATION p FOR TABLE blog.items;
       ALTER TABLE audit."Log" OWNER TO audit; ALTER TABLE audit.part OWNER TO audit; ALTER TABLE audit.child OWNER TO audit; ALTER VIEW audit.seen OWNER TO audit; ALTER SCHEMA audit OWNER TO audit`,
    );
    await place.write(manifestOf(`apps:\n${rest}removal: delete\n`));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    const said = async () => (await place.plan()).plan.diagnostics.find(({ code }) => code === 'CT2030');
    const first = await said();
    expect(first?.message).toMatch(
      /constraint Log_item_fkey on table audit\."Log" of "audit", which depends on table blog__gone_\d+\.items/,
    );
    expect(first?.hint).toContain('ALTER TABLE audit."Log" DROP CONSTRAINT "Log_item_fkey";');
    const statements = first?.hint?.match(/ALTER [^;]+;/g) ?? [];
    expect(statements).toHaveLength(9);
    await query(shared, statements.join(' '));
    const second = await said();
    expect([second?.message, second?.hint]).toEqual([
      expect.stringMatching(/ 1 object of others would be dropped with it: view audit\.seen/),
      expect.stringMatching(/^have their owners save and drop them/),
    ]);
    await query(shared, 'DROP VIEW audit.seen');
    expect(await place.apply(['blog'])).toMatchObject({ ending: 'done' });
    expect(await query(shared, 'SELECT * FROM audit."Log"')).toEqual([{ iD: 1, item: 1, m: 'glad', many: ['glad'], s: 2, x: 1 }]);
    expect(await query(shared, 'SELECT (SELECT d FROM audit.part), (SELECT id FROM audit.child)')).toEqual([{ d: 1, id: 7 }]);
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
