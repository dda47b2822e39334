import { fc } from '../../support/properties.ts';
import { describe, expect, test } from 'vitest';
import { hostileName } from '../../support/hostile-names.ts';
import { sqlTokens } from '../../support/sql-lexer.ts';
import { fillParameters, ident, literal, qualified, roles } from '../../../src/engines/postgres/quote.ts';

describe('whatever the name', () => {
  test('an identifier is one quoted token that says it', () => {
    fc.assert(
      fc.property(hostileName, (name) => {
        expect(sqlTokens(ident(name))).toEqual([{ kind: 'identifier', value: name }]);
      }),
    );
  });

  test('a qualified name is two of them and a dot', () => {
    fc.assert(
      fc.property(hostileName, hostileName, (a, b) => {
        expect(sqlTokens(qualified(a, b))).toEqual([
          { kind: 'identifier', value: a },
          { kind: 'symbol', value: '.' },
          { kind: 'identifier', value: b },
        ]);
      }),
    );
  });

  test('a literal is one string that says it', () => {
    fc.assert(
      fc.property(hostileName, (text) => {
        expect(sqlTokens(literal(text))).toEqual([{ kind: 'string', value: text }]);
      }),
    );
  });

  test('a parameter is filled outside of quotes only', () => {
    fc.assert(
      fc.property(hostileName, hostileName, (name, value) => {
        const before = `ALTER ROLE ${ident(name)} SET ${literal(name)} PASSWORD `;
        expect(fillParameters(`${before}:verifier`, new Map([['verifier', literal(value)]]))).toBe(before + literal(value));
      }),
    );
  });
});

test('the empty name in a list of roles is PUBLIC, and the word PUBLIC is a role', () => {
  expect(roles(['', 'PUBLIC', 'a"b'])).toBe('PUBLIC, "PUBLIC", "a""b"');
});

test('what PostgreSQL cannot hold is refused', () => {
  expect(() => ident('a\0b')).toThrow('NUL');
  expect(() => literal('a\0b')).toThrow('NUL');
});

test('an unknown parameter stays as it is', () => {
  expect(fillParameters('SELECT :other', new Map([['verifier', 'x']]))).toBe('SELECT :other');
});
