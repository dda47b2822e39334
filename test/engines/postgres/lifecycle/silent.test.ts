import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { changeMark, query } from '../../../support/query.ts';
import { changing } from '../proxy/harness.ts';
import { tap } from './faults/harness.ts';
import { threeLevels, urlOf, workplace } from './harness.ts';

/** What an application leaves in its database: objects of every kind that has an owner or rights. */
const objects = `
  CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text NOT NULL);
  CREATE TABLE parts (id serial, what text) PARTITION BY RANGE (id);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (1) TO (100);
  CREATE VIEW recent AS SELECT * FROM orders;
  CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM orders;
  CREATE SEQUENCE numbers;
  CREATE TYPE mood AS ENUM ('good', 'bad');
  CREATE DOMAIN positive AS int CHECK (VALUE > 0);
  CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n';
  CREATE PROCEDURE nothing() LANGUAGE sql AS 'SELECT 1';
  CREATE AGGREGATE added(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
  INSERT INTO orders (what) VALUES ('first')`;

describeEachPostgres('a second apply', { versions: 'each' }, (server) => {
  it('sends nothing but reads, whatever the apps have made in between', async () => {
    await using line = await tap(server());
    const { proxy } = line;
    await using place = await workplace({ ...server(), host: '127.0.0.1', port: proxy.port, password: server().password }, threeLevels());
    /** What a command sends that may change something, and whether the server changed. */
    const sentBy = async (...args: readonly string[]) => {
      proxy.reset();
      const mark = await changeMark(server().url);
      const { code, stderr } = await place.cli(...args);
      const sent = changing(proxy.statements).map(({ sql }) => sql);
      return { code, stderr, sent, reads: proxy.statements.length - sent.length, changed: (await changeMark(server().url)) !== mark };
    };
    const silent = { code: 0, stderr: '', sent: [], reads: expect.any(Number) as unknown, changed: false };

    const first = await sentBy('apply', '--yes');
    expect([first.code, first.changed]).toEqual([0, true]);
    expect(first.sent.length).toBeGreaterThan(15);
    expect(await sentBy('apply')).toEqual(silent);

    for (const app of ['shop', 'blog']) await query(await urlOf(place, app), objects);
    expect(await sentBy('apply')).toEqual(silent);
    expect(await sentBy('plan', '--detailed-exitcode')).toEqual(silent);
    const status = await sentBy('status');
    expect(status).toEqual(silent);
    expect(status.reads).toBeGreaterThan(0);
  });
});
