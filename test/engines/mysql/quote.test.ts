import { fc } from '../../support/properties.ts';
import { describe, expect, it } from 'vitest';
import { hostileName } from '../../support/hostile-names.ts';
import {
  accountName,
  fillParameters,
  grantPattern,
  ident,
  literal,
  nameOfPattern,
  patternReaches,
} from '../../../src/engines/mysql/quote.ts';

describe('names in statements', () => {
  it('cannot leave their quotes', () => {
    fc.assert(
      fc.property(hostileName, (name) => {
        expect(ident(name).slice(1, -1).replaceAll('``', '')).not.toContain('`');
        expect(literal(name).slice(1, -1).replaceAll('\\\\', '').replaceAll("''", '')).not.toMatch(/['\\]/);
      }),
    );
  });

  it('of accounts are two literals, however they are called: nothing of them is read as a statement', () => {
    const text = String.raw`'((?:[^'\\]|''|\\\\)*)'`;
    const plain = (quoted = ''): string => quoted.replaceAll("''", "'").replaceAll('\\\\', '\\');
    fc.assert(
      fc.property(hostileName, hostileName, (user, host) => {
        const [, one, two] = new RegExp(`^${text}@${text}$`).exec(accountName({ user, host })) ?? [];
        expect([plain(one), plain(two)]).toEqual([user, host]);
      }),
    );
  });

  it('with a NUL are refused', () => {
    expect(() => ident('a\0b')).toThrow();
    expect(() => literal('a\0b')).toThrow();
  });

  it('are no parameters, whatever stands in them', () => {
    fc.assert(
      fc.property(hostileName, hostileName, (name, text) => {
        const statement = `ALTER USER ${literal(name)}@${literal(text)} COMMENT ${ident(`${name}:hash`)} AS :hash`;
        expect(fillParameters(statement, new Map([['hash', "'x'"]]))).toBe(`${statement.slice(0, -':hash'.length)}'x'`);
      }),
    );
  });
});

describe('patterns of grants', () => {
  it('reach the database that they are made for, and no other', () => {
    fc.assert(
      fc.property(hostileName, hostileName, (name, other) => {
        const pattern = grantPattern(name, false);
        expect(nameOfPattern(pattern, false)).toBe(name);
        expect(patternReaches(pattern, name, false)).toBe(true);
        expect(patternReaches(pattern, other, false)).toBe(other === name);
      }),
    );
  });

  it('are names as they stand where the server takes them literally', () => {
    expect(grantPattern('a_b', true)).toBe('a_b');
    expect(nameOfPattern('a_b', true)).toBe('a_b');
    expect(patternReaches('a_b', 'axb', true)).toBe(false);
  });

  it.each([
    ['digi_core', 'digiXcore', true],
    ['digi\\_core', 'digiXcore', false],
    ['digi\\_core', 'digi_core', true],
    ['digi%', 'digi', true],
    ['%', 'mysql', true],
    ['a.c', 'abc', false],
  ])('%s reaches %s: %s', (pattern, name, reaches) => {
    expect(patternReaches(pattern, name, false)).toBe(reaches);
  });
});
