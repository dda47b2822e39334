import { fc } from '../../support/properties.ts';
import { describe, expect, test } from 'vitest';
import { byKey } from '../../../src/util/text-order.ts';
import { hostileName } from '../../support/hostile-names.ts';
import {
  type Acl,
  aclDelta,
  type AclMove,
  grantText,
  parseAcl,
  privilegeWords,
  revokeText,
  sameAcl,
  sortLetters,
  splitLetters,
} from '../../../src/engines/postgres/acl.ts';

describe('reading', () => {
  test.each<[string, readonly string[], Acl]>([
    ['nothing', [], {}],
    ['a role', ['app_ro=r/app_owner'], { app_ro: 'r' }],
    ['PUBLIC', ['=Tc/postgres'], { '': 'Tc' }],
    ['the options to grant on', ['a=r*w/o'], { a: 'r*w' }],
    ['privileges of several grantors, as one', ['a=r/o', 'a=w/p'], { a: 'rw' }],
    ['a role that is in quotes', ['"a=b ""c"""=arwd/"o/p"'], { 'a=b "c"': 'adrw' }],
    ['a role that holds nothing', ['a=/o'], { a: '' }],
  ])('%s', (_, items, acl) => expect(parseAcl(items)).toEqual(acl));

  test('what is no access list is an error', () => expect(() => parseAcl(['nonsense'])).toThrow('unreadable'));

  test('any name comes back, as the server writes it', () => {
    fc.assert(
      fc.property(hostileName, hostileName, (grantee, grantor) => {
        const quoted = (name: string): string => (/^[A-Za-z0-9_]+$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);
        expect(parseAcl([`${quoted(grantee)}=rw*/${quoted(grantor)}`])).toEqual({ [grantee]: 'rw*' });
      }),
    );
  });
});

const letters = fc
  .subarray(['r', 'a', 'w', 'd', 'X', 'U', 'C', 'c', 'T'])
  .chain((chosen) => fc.tuple(...chosen.map((letter) => fc.constantFrom(letter, `${letter}*`))).map((all) => sortLetters(all.join(''))));
const acl = fc
  .dictionary(fc.constantFrom('', 'a', 'b', 'c'), letters)
  .map((entries): Acl => Object.fromEntries(Object.entries(entries).filter(([, held]) => held !== '')));

/** What the server does with GRANT and REVOKE. */
function after(before: Acl, moves: readonly AclMove[], grants: boolean): Acl {
  const now = new Map(
    Object.entries(before).map(([grantee, held]) => [grantee, new Map(splitLetters(held).map((one) => [one.charAt(0), one.length === 2]))]),
  );
  for (const { grantee, letters: moved, option } of moves) {
    const held = now.get(grantee) ?? new Map<string, boolean>();
    now.set(grantee, held);
    for (const letter of moved) {
      if (grants) held.set(letter, option || held.get(letter) === true);
      else if (option) held.set(letter, false);
      else held.delete(letter);
    }
  }
  const entries = [...now].map(
    ([grantee, held]) => [grantee, sortLetters([...held].map(([letter, option]) => letter + (option ? '*' : '')).join(''))] as const,
  );
  return Object.fromEntries(entries.filter(([, held]) => held !== ''));
}

describe('from one list to another', () => {
  test('grants, then revokes, and it is the other', () => {
    fc.assert(
      fc.property(acl, acl, (desired, observed) => {
        const { grants, revokes } = aclDelta(desired, observed);
        const granted = after(observed, grants, true);
        expect(after(granted, revokes, false)).toEqual(desired);
      }),
    );
  });

  test('nothing that is wanted is taken away in between', () => {
    fc.assert(
      fc.property(acl, acl, (desired, observed) => {
        for (const { grantee, letters: gone, option } of aclDelta(desired, observed).revokes) {
          const kept = splitLetters(desired[grantee] ?? '').map((one) => one.charAt(0));
          expect([...gone].filter((letter) => kept.includes(letter))).toEqual(option ? [...gone] : []);
        }
      }),
    );
  });

  test('from a list to itself there is nothing to do', () => {
    fc.assert(
      fc.property(acl, (list) => {
        expect(aclDelta(list, list)).toEqual({ grants: [], revokes: [] });
      }),
    );
  });

  test('lists are the same where each holds the same', () => {
    fc.assert(
      fc.property(acl, acl, (a, b) => {
        const shown = (list: Acl): string => JSON.stringify(Object.entries(list).sort(byKey));
        expect(sameAcl(a, b)).toBe(shown(a) === shown(b));
      }),
    );
  });
});

describe('in words', () => {
  test('every letter of the manual has its own', () => {
    const words = privilegeWords('rawdDxtmXUCTcsA').split(', ');
    expect(new Set(words).size).toBe(15);
    expect(words.every((word) => /^[A-Z]+( [A-Z]+)?$/.test(word))).toBe(true);
  });

  test('GRANT and REVOKE', () => {
    expect(grantText({ grantee: '', letters: 'r', option: false }, 'TABLE "t"')).toBe('GRANT SELECT ON TABLE "t" TO PUBLIC');
    expect(grantText({ grantee: 'a', letters: 'cT', option: true }, 'DATABASE "d"')).toBe(
      'GRANT CONNECT, TEMPORARY ON DATABASE "d" TO "a" WITH GRANT OPTION',
    );
    expect(revokeText({ grantee: 'a', letters: 'r', option: false }, 'TABLE "t"')).toBe('REVOKE SELECT ON TABLE "t" FROM "a" CASCADE');
    expect(revokeText({ grantee: 'a', letters: 'r', option: true }, 'TABLE "t"')).toBe(
      'REVOKE GRANT OPTION FOR SELECT ON TABLE "t" FROM "a" CASCADE',
    );
  });
});
