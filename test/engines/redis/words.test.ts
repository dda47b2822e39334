import { fc } from '../../support/properties.ts';
import { describe, expect, it } from 'vitest';
import { escapeGlob, prefixOf, startsWith } from '../../../src/engines/redis/glob.ts';
import { markRule, readMark, writeMark } from '../../../src/engines/redis/marks/mark.ts';
import { parseAclLine } from '../../../src/engines/redis/acl.ts';
import { command, commandText, wordsOf } from '../../../src/engines/redis/words.ts';

describe('command texts', () => {
  it('carry what is sent as data, and are one line to read', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary-ascii' }), { minLength: 1 }), (words) => {
        const one = command(...words);
        expect(wordsOf(one)).toEqual(words);
        expect(one.text).not.toMatch(/[\u0000-\u001f]/);
      }),
    );
  });

  it('need no quotes for the rules of an access list', () => {
    const rules = ['ACL', 'SETUSER', 'shop', '#:password', '~shop:*', '&shop:*', '-@all', '+client|id', '(~cotenant:project=a:app=b)'];
    expect(commandText(...rules)).toBe(rules.join(' '));
  });

  it('have one line', () => {
    expect(commandText('SET', 'a\nb', 'c "d"', '')).toBe('SET "a\\x0ab" "c \\"d\\"" ""');
  });
});

describe('patterns', () => {
  it('escape every character that means something', () => {
    expect(escapeGlob('a*b?c[d]e\\f^g-h')).toBe('a\\*b\\?c\\[d\\]e\\\\f^g-h');
  });

  it('give their prefix back', () => {
    fc.assert(
      fc.property(fc.string(), (prefix) => {
        expect(prefixOf(startsWith(prefix))).toBe(prefix);
      }),
    );
  });

  it.each(['shop', 'shop:', 'shop\\*', 'a*b*', 'a?*', '[ab]*'])('are no prefix where they say something else: %s', (pattern) => {
    expect(prefixOf(pattern)).toBeNull();
  });
});

describe('marks', () => {
  it('come back as they were, through the access list', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.nat(), (project, app, prefix, database) => {
        const mark = { project, app, prefix, access: 'prefix', database } as const;
        expect(readMark(writeMark(mark))).toEqual(mark);
        const line = `user x on #${'a'.repeat(64)} ~x:* resetchannels -@all +get ${markRule(mark).replace(')', ' resetchannels -@all)')}`;
        expect(parseAclLine(line)).toMatchObject({ mark, selectors: [], keys: ['x:*'] });
      }),
    );
  });

  it('are none where they allow something', () => {
    const line = 'user x on ~x:* resetchannels -@all (~cotenant:project=a:app=b resetchannels -@all +get)';
    expect(parseAclLine(line)).toMatchObject({ mark: null, selectors: ['(~cotenant:project=a:app=b resetchannels -@all +get)'] });
  });
});
