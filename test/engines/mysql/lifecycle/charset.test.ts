import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { manifestOf, workplace } from './harness.ts';

const manifest = (fields: string): string => manifestOf(`apps:\n  shop: { uses: { main: { connections: 5${fields} } } }\n`);
const HAS = "SELECT DEFAULT_CHARACTER_SET_NAME AS c FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shop'";

describeEachMysql('the character set of a database', { versions: 'kinds' }, (server) => {
  it('that is adopted stays, unless the manifest names another one: then it is a step', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifest(', adopt: true'));
    await place.root('CREATE DATABASE shop CHARACTER SET latin1');
    expect((await place.apply()).ending).toBe('done');
    expect((await place.root(HAS))[0]?.['c']).toBe('latin1');
    expect((await place.plan()).plan.steps).toEqual([]);
    await place.write(manifest(', adopt: true, charset: latin1'));
    expect((await place.plan()).plan.steps.filter(({ address }) => address.kind === 'database')).toEqual([]);
    for (const fields of [', adopt: true, charset: utf8mb4', ', charset: latin1', '']) {
      await place.write(manifest(fields));
      const fieldsOf = (await place.plan()).plan.steps.flatMap((step) => step.fields.map(({ field }) => field));
      expect(fieldsOf, fields).toContain('charset');
      await place.apply();
      expect((await place.plan()).plan.steps, fields).toEqual([]);
    }
    expect((await place.root(HAS))[0]?.['c']).toBe('utf8mb4');
  });
});
