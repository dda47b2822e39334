import { lookUp, putIn } from '../../../util/record.ts';
import { type Acl, type AclMove, mergeLetters, splitLetters, unquote } from '../acl.ts';

/** One entry of an access list, with who gave it. */
interface Granted {
  readonly grantee: string;
  readonly grantor: string;
  /** Each with `*` where it may be granted on. */
  readonly letters: readonly string[];
}

/** An access list as the server keeps it: what somebody passed on goes with their right to pass it on. */
export interface Chain {
  readonly owner: string;
  readonly grants: readonly Granted[];
}

/** What is taken from a grantee, as REVOKE … CASCADE of the owner does. */
export interface Revoked extends AclMove {
  /** Whoever gave it, as DROP OWNED does. */
  readonly byAnybody?: boolean;
}

const ENTRY = /^("(?:[^"]|"")*"|[^=]*)=([a-zA-Z*]*)\/(.*)$/;

/** Left out where nobody but the owner gave anything: then nothing rests on anything. `owner`: where it is not told, whoever has rights from nobody else. */
export function chained(items: readonly string[] | null, owner?: string): { readonly chain?: Chain } {
  const grants = (items ?? []).map((item): Granted => {
    const [, grantee = '', letters = '', grantor = ''] = ENTRY.exec(item) ?? [];
    return { grantee: unquote(grantee), grantor: unquote(grantor), letters: splitLetters(letters) };
  });
  const real = owner ?? grants.find(({ grantee, grantor }) => grantee === grantor)?.grantee;
  return real === undefined || grants.every(({ grantor }) => grantor === real) ? {} : { chain: { owner: real, grants } };
}

/** After ALTER … OWNER: the server puts the new owner in the place of the old one. */
export function ownedBy({ owner, grants }: Chain, to: string): Chain {
  const changed = (name: string): string => (name === owner ? to : name);
  return { owner: to, grants: grants.map((one) => ({ ...one, grantee: changed(one.grantee), grantor: changed(one.grantor) })) };
}

/** The access list that revocations leave. Whatever rested on what they take is gone too. */
export function afterRevoke({ owner, grants }: Chain, all: readonly Revoked[]): Acl {
  const acl: Record<string, string> = {};
  const left = all.reduce<readonly Granted[]>((some, one) => without(some, owner, one), grants);
  for (const { grantee, letters } of left)
    if (letters.length > 0) putIn(acl, grantee, mergeLetters(lookUp(acl, grantee) ?? '', letters.join('')));
  return acl;
}

/** `owner`: whose grants are taken back. */
function without(grants: readonly Granted[], owner: string, { grantee, letters, option, byAnybody }: Revoked): readonly Granted[] {
  const takes = (one: Granted): boolean => one.grantee === grantee && (byAnybody === true || one.grantor === owner);
  let left: readonly Granted[] = grants.map((one) => (takes(one) ? { ...one, letters: less(one.letters, letters, option) } : one));
  if (grantee === '' || grantee === owner) return left;
  for (const letter of letters) {
    if (left.some((one) => one.grantee === grantee && one.letters.includes(`${letter}*`))) continue;
    const heirs = left.flatMap((one) => (one.grantor === grantee && has(one.letters, letter) ? [one.grantee] : []));
    for (const heir of new Set(heirs)) left = without(left, grantee, { grantee: heir, letters: letter, option: false });
  }
  return left;
}

const has = (letters: readonly string[], letter: string): boolean => letters.some((one) => one.charAt(0) === letter);

function less(letters: readonly string[], taken: string, option: boolean): readonly string[] {
  if (option) return letters.map((one) => (taken.includes(one.charAt(0)) ? one.charAt(0) : one));
  return letters.filter((one) => !taken.includes(one.charAt(0)));
}

/** What the owner grants first, so that revocations take nothing from whoever should keep it: rights that rest on what goes. */
export function regrants(chain: Chain, all: readonly Revoked[], keeps: Acl): readonly AclMove[] {
  if (all.length === 0) return [];
  const left = afterRevoke(chain, all);
  return Object.entries(keeps).flatMap(([grantee, letters]): AclMove[] => {
    if (grantee === chain.owner) return [];
    const stays = splitLetters(lookUp(left, grantee) ?? '');
    const had = splitLetters(lookUp(aclOf(chain), grantee) ?? '');
    const gone = splitLetters(letters).filter((one) => has(had, one.charAt(0)) && !stays.includes(one) && !stays.includes(`${one}*`));
    return [false, true].flatMap((option) => {
      const some = gone.filter((one) => (one.length === 2) === option).map((one) => one.charAt(0));
      return some.length === 0 ? [] : [{ grantee, letters: some.join(''), option }];
    });
  });
}

/** The list without who gave what. */
export function aclOf(chain: Chain): Acl {
  return afterRevoke(chain, []);
}
