import { fc } from '../../support/properties.ts';
import { describe, expect, test } from 'vitest';
import { hostileName } from '../../support/hostile-names.ts';
import { defaultKey, readDefaultKey } from '../../../src/engines/postgres/observe/default-key.ts';
import { partName, partOf } from '../../../src/engines/postgres/part-name.ts';

const two = fc.tuple(hostileName, hostileName);

describe('the name of a part of a database', () => {
  test('says the database and the part, whatever they are called', () => {
    fc.assert(
      fc.property(two, ([database, part]) => {
        expect(partOf(partName(database, part))).toEqual([database, part]);
      }),
    );
  });

  test('is one for each pair', () => {
    fc.assert(
      fc.property(two, two, (a, b) => {
        expect(partName(...a) === partName(...b)).toBe(a[0] === b[0] && a[1] === b[1]);
      }),
    );
  });

  test('reads as people write it where nothing is odd', () => expect(partName('shop', 'public')).toBe('shop/public'));

  test('of something else is an error', () => expect(() => partOf('shop')).toThrow('not a part'));
});

test('the key of default privileges says what it was given', () => {
  fc.assert(
    fc.property(two, ([creator, schema]) => {
      expect(readDefaultKey(defaultKey({ creator, schema, type: 'table' }))).toEqual({ creator, schema, type: 'table' });
    }),
  );
});
