import { fc } from '../../support/properties.ts';
import { describe, expect, test } from 'vitest';
import { hostileName } from '../../support/hostile-names.ts';
import { sqlTokens } from '../../support/sql-lexer.ts';
import { isList, listOf, normalSetting, parseSettings } from '../../../src/engines/postgres/settings.ts';

describe('a list', () => {
  test.each([
    ['public', '"public"'],
    ['a, b', '"a", "b"'],
    ['"$user", public', '"$user", "public"'],
    ['"A""b",c', '"A""b", "c"'],
    ['Upper, "Upper"', '"upper", "Upper"'],
    ['  a ,  "b, c"  ', '"a", "b, c"'],
    ['""', ''],
    ['', ''],
  ])('%s', (written, normal) => expect(normalSetting('search_path', written)).toEqual(['search_path', normal]));

  test('any names come through, quoted, however often', () => {
    fc.assert(
      fc.property(fc.array(hostileName, { maxLength: 4 }), (names) => {
        const once = listOf(names);
        expect(normalSetting('search_path', once)[1]).toBe(once);
        const tokens = sqlTokens(once).filter(({ kind }) => kind !== 'symbol');
        expect(tokens).toEqual(names.map((value) => ({ kind: 'identifier', value })));
      }),
    );
  });

  test('is known by its name, in any case', () => {
    expect(['search_path', 'Search_Path', 'work_mem'].map(isList)).toEqual([true, true, false]);
  });
});

test('a setting has one spelling, and the value that it was given', () => {
  expect(normalSetting('DateStyle', 'ISO, DMY')).toEqual(['datestyle', 'ISO, DMY']);
});

test('what the server stores is read back: the first = ends the name', () => {
  expect(parseSettings(['work_mem=8MB', 'app.word=a=b', 'search_path="a", public', 'DateStyle=ISO'])).toEqual({
    work_mem: '8MB',
    'app.word': 'a=b',
    search_path: '"a", "public"',
    datestyle: 'ISO',
  });
});
