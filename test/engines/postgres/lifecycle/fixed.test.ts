import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { manifestOf, wipe, workplace } from './harness.ts';

/** A database of its own, and two apps that share one. */
const manifest = (fields: string): string =>
  manifestOf(`apps:
  shop: { uses: { main: { connections: 5${fields} } } }
  blog: { uses: { main: { isolation: schema, database: shared${fields} } } }
  news: { uses: { main: { isolation: schema, database: shared${fields} } } }
`);

describeEachPostgres('what a database got when it was made', { versions: 'ends' }, (server) => {
  beforeEach(async () => await wipe(server().url));

  it('is told where the manifest asks for another one later, and nothing is sent', async () => {
    await using place = await workplace(server(), manifest(''));
    await place.apply();
    for (const [fields, field] of [
      [', encoding: LATIN1', 'encoding'],
      [', encoding: KLINGON', 'encoding'],
      [', locale: de_DE.UTF-8', 'locale'],
    ] as const) {
      await place.write(manifest(fields));
      const { plan } = await place.plan();
      expect(plan.diagnostics.map(({ code, message }) => [code, /database "(\w+)".* has (\w+)/.exec(message)?.slice(1)])).toEqual([
        ['CT2067', ['shop', field]],
        ['CT2067', ['shared', field]],
      ]);
      const { code, stderr } = await place.cli('plan');
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/cotenant\.yaml:9:\d+/) as unknown });
      expect(await place.cli('apply', '--yes')).toMatchObject({ code: 1, stderr: expect.stringContaining('CT4007') as unknown });
    }
  });

  it('is the same under each name that the server takes for it', async () => {
    await using place = await workplace(server(), manifest(''));
    await place.apply();
    const [row] = await query(server().url, "SELECT datcollate AS locale FROM pg_database WHERE datname = 'shop'");
    const spelt = String(row?.['locale']).replace(/\.utf-?8$/i, '.utf8');
    for (const fields of [', encoding: utf8', ', encoding: UTF-8', ', encoding: Unicode', `, locale: ${spelt}`]) {
      await place.write(manifest(fields));
      const { plan } = await place.plan();
      expect(plan.diagnostics, fields).toEqual([]);
      expect(
        plan.steps.filter(({ address }) => !['mark', 'ledger'].includes(address.kind)),
        fields,
      ).toEqual([]);
    }
  });

  it('is said again where the line goes, and is as it is where a database is adopted', async () => {
    await using place = await workplace(server(), manifest(', encoding: SQL_ASCII, locale: C'));
    await place.apply();
    await place.write(manifest(', locale: C'));
    expect((await place.plan()).plan.diagnostics.map(({ code }) => code)).toEqual(['CT2067', 'CT2067']);
    await place.write(manifest(', adopt: true'));
    expect((await place.plan()).plan.diagnostics).toEqual([]);
    await place.write(manifest(', adopt: true, encoding: UTF8'));
    expect((await place.plan()).plan.diagnostics.map(({ code }) => code)).toEqual(['CT2067', 'CT2067']);
  });
});
