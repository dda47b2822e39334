import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, urlOf, wipe, workplace } from './harness.ts';

const shop = '  shop: { uses: { main: { connections: 3 } } }\n';
const crm = '  crm: { uses: { main: { isolation: schema, database: shared, connections: 3 } } }\n';
const erp = '  erp: { uses: { main: { isolation: schema, database: shared, connections: 3 } } }\n';

describeEachPostgres('a plan that retires an app', { versions: 'ends' }, (server) => {
  it('says what of others would be in the way of a later delete, and only there', { timeout: 120_000 }, async () => {
    await wipe(server().url);
    await using place = await workplace(server(), manifestOf(`apps:\n${shop}${crm}${erp}`));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    await query(await urlOf(place, 'crm'), 'CREATE TABLE things (id int)');
    await query(await urlOf(place, 'shop'), 'CREATE TABLE goods (id int)');
    await query(at(server().url, { database: 'shared' }), 'CREATE SCHEMA ops; CREATE VIEW ops.seen AS SELECT * FROM crm.things');
    await query(at(server().url, { database: 'shop' }), 'CREATE SCHEMA ops; CREATE VIEW ops.sold AS SELECT count(*) FROM goods');
    const advice = async () => (await place.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2030');
    expect(await advice()).toEqual([]);
    await place.write(manifestOf(`apps:\n${erp}`));
    const found = await advice();
    expect(found.map(({ severity }) => severity)).toEqual(['info', 'info']);
    expect(found.map(({ message }) => message).join('\n')).toMatch(
      /app "crm" is retired .*view ops\.seen of "postgres"[^]*app "shop" is retired .*ops\.sold/,
    );
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    expect(await advice()).toEqual([]);
    expect(await query(at(server().url, { database: 'shared' }), 'SELECT * FROM ops.seen')).toEqual([]);
    await place.write(manifestOf(`apps:\n${erp}removal: delete\n`));
    expect((await advice()).map(({ severity }) => severity)).toEqual(['error', 'error']);
  });
});
