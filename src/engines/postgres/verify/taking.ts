import type { Taken } from '../losses/taken.ts';
import type { Fix, Loss } from '../../../model/index.ts';
import { type Acl, parseAcl, privilegeWords, splitLetters } from '../acl.ts';
import { afterRevoke, chained } from '../effective/grants.ts';
import { type Guarded, joined, lettersOf, lettersWithout } from '../effective/letters.ts';
import { placed, spaced } from '../part-name.ts';
import { lookUp } from '../../../util/record.ts';
import { ident, roles } from '../quote.ts';
import { fixInside, fixShared } from './findings.ts';
import { wayOf } from './memberships.ts';
import { type About, followed, isAbout, lossOf, TENANTS, withLosses } from './losing.ts';
import type { Principal } from './principals.ts';
import { accessOf, type Place, type CatalogSnapshot } from './catalog-snapshot.ts';
import { append } from '../../../util/append.ts';

interface Taking {
  readonly fix: readonly Fix[];
  readonly under?: string;
}

/** An access list of which something is taken. */
export interface Listed {
  /** As GRANT says it: `SCHEMA "public"`. */
  readonly on: string;
  /** In words, for whoever loses it: `schema "public" of "shop"`. */
  readonly what: string;
  /** Where the statement is sent; null: to the database of the admin. */
  readonly place: Place | null;
  /** What all databases share, as a database itself: any connection will do. */
  readonly shared?: true;
  /** '': a superuser. */
  readonly owner: string;
  readonly items: readonly string[] | null;
  /** Where who gave what is not known, or where nothing was ever said: who has what. */
  readonly acl?: Acl;
  /** What the server's own roles have without an entry. */
  readonly server?: Acl;
  /** Ready for a statement; set for rights on a column. */
  readonly column?: string;
  /** What stands before GRANT and REVOKE. */
  readonly prefix?: string;
  /** It is no app's own: what apps have through PUBLIC they have no other way. */
  readonly ofNobody?: true;
  /** What carriers can need of it: relations, or a schema, each ready for a statement. */
  readonly relations?: readonly string[];
  readonly space?: string;
}

/** `letters` of it, as `r` or `r*`: what `grantee` loses. `option`: only the right to grant it on. */
export interface Revocation {
  readonly grantee: string;
  readonly letters: string;
  readonly option?: boolean;
}

/**
 * What closes it that somebody has a right through this grantee, with everybody else who loses something by it. Where they only
 * have it by a membership that nobody asked for, the membership is what is wrong, and the grantee may well need the right. From
 * an operator nothing is taken.
 */
export function taking(snapshot: CatalogSnapshot, from: string | null, list: Listed, revocation: Revocation): Taking {
  const principal = snapshot.named(from);
  if (principal) {
    const { grantee } = revocation;
    const way = outsideWay(snapshot, principal, grantee);
    if (way !== null) return { fix: [], under: way };
    if (principal.kind === 'operator') return { fix: [] };
  }
  return { fix: revoking(snapshot, principal, list, revocation) };
}

/** For what cannot be taken from a role that is right: where somebody reaches it by a membership that nobody asked for, that is told. */
export function underOf(snapshot: CatalogSnapshot, from: string | null, role: string): Taking {
  const principal = snapshot.named(from);
  const way = principal ? outsideWay(snapshot, principal, role) : null;
  return way === null ? { fix: [] } : { fix: [], under: way };
}

function outsideWay(snapshot: CatalogSnapshot, { roles: mine, allowed }: Principal, grantee: string): string | null {
  if (mine.includes(grantee) || allowed.has(grantee)) return null;
  const hop = mine.flatMap((role) => snapshot.memberships.reach(role).ways.get(grantee) ?? [])[0];
  return hop ? wayOf(hop) : null;
}

/**
 * The statements that take it, each with its losses: what rests on it goes with it. Known logins, and operators as far as
 * they had it by name, get it by name first; so does everybody who has it through PUBLIC where no app lives.
 */
export function revoking(
  snapshot: CatalogSnapshot,
  about: About,
  list: Listed,
  { grantee, letters, option = false }: Revocation,
): readonly Fix[] {
  const taken = plain(letters);
  const shift = shiftOf(snapshot, list, { grantee, letters: taken, option });
  const granted = new Map<string, string[]>();
  const losses: Loss[] = [];
  const followable: Taken[] = [];
  const apart = list.place !== null && (list.place.kind === 'other' || list.place.kind === 'maintenance');
  for (const [login, lost] of losersOf(snapshot, list, shift)) {
    const principal = snapshot.principalOf(login);
    // Of PUBLIC an app needs nothing: what is its own it has by name.
    if (grantee === '' && list.ofNobody !== true && isAbout(principal, TENANTS)) continue;
    if (isAbout(principal, about)) {
      followable.push(...takenOf(list, login, lost));
      continue;
    }
    const keeps = keptByName(snapshot, login, lost, grantee === '', apart);
    if (keeps !== '') append(granted, keeps, login);
    const rest = lettersWithout(lost, keeps);
    if (rest === '') continue;
    losses.push(lossOf(snapshot, login, `${privilegeWords(rest)} on ${list.what}`));
    followable.push(...takenOf(list, login, rest));
  }
  const prefix = list.prefix === undefined ? '' : `${list.prefix} `;
  const said = (some: string): string =>
    list.column === undefined
      ? privilegeWords(some)
      : splitLetters(some)
          .map((one) => `${privilegeWords(one)} (${list.column})`)
          .join(', ');
  const grants = [...granted].map(([some, who]) => `${prefix}GRANT ${said(some)} ON ${list.on} TO ${roles(who)}`);
  const revoke = `${prefix}REVOKE ${option ? 'GRANT OPTION FOR ' : ''}${said(taken)} ON ${list.on} FROM ${roles([grantee])}${grantee === '' ? '' : ' CASCADE'}`;
  const send = (text: string): readonly Fix[] =>
    list.place === null || list.shared === true ? fixShared(text) : fixInside(list.place.database, text);
  const going = { things: thingsOf(list), gone: { owner: '', acl: shift.gone }, stays: staysFor(snapshot, list, shift) };
  const told = followed(snapshot, about, withLosses(send(revoke), losses), (followers) => followers.ofRights(going, followable));
  return [...grants.flatMap((text) => send(text)), ...told];
}

/** As the losses of a plan say it, for whoever comes in as this login. */
function takenOf({ on, place, what }: Listed, login: string, letters: string): readonly Taken[] {
  const where = place === null ? {} : { database: place.database };
  const door = on.startsWith('DATABASE ');
  const rest = lettersWithout(letters, door ? 'c' : '');
  return [
    ...(door && letters.includes('c') && place !== null
      ? [{ login, ...where, kind: 'connect' as const, what: [`connect to database "${place.database}"`] }]
      : []),
    ...(rest === '' ? [] : [{ login, ...where, ...(door ? { kind: 'own' as const } : {}), what: [`${privilegeWords(rest)} on ${what}`] }]),
  ];
}

function thingsOf({ place, relations = [], space }: Listed): readonly string[] {
  if (place === null) return [];
  return space === undefined ? relations.map((name) => placed(place.database, name)) : [spaced(place.database, space)];
}

/** With what apps keep in their own area, by which their views go on to work. */
function staysFor(snapshot: CatalogSnapshot, { place }: Listed, { stays, left }: Shift): Guarded {
  const own = Object.entries(left).filter(([name]) => {
    const principal = snapshot.principalOf(name);
    return principal?.kind === 'app' && (place?.app === principal.name || place?.kind === 'space');
  });
  return { owner: stays.owner, acl: joined(stays.acl, Object.fromEntries(own)) };
}

interface Shift {
  readonly grantee: string;
  /** What goes with it, of whomever. */
  readonly gone: Acl;
  /** What surely stays: the other fixes of the same report take what else somebody has whom the manifest does not name. */
  readonly stays: Guarded;
  /** The access list after it. */
  readonly left: Acl;
}

function shiftOf(snapshot: CatalogSnapshot, list: Listed, revoked: Required<Revocation>): Shift {
  const { items, owner, server = {} } = list;
  const acl = list.acl ?? parseAcl(items ?? []);
  const { chain } = owner === '' ? chained(items) : chained(items, owner);
  const isAccepted = (name: string): boolean => ['operator', undefined].includes(snapshot.principalOf(name)?.kind);
  const options = Object.entries(chain ? acl : {}).flatMap(([grantee, has]) => {
    const letters = splitLetters(has).filter((one) => one.length === 2 && revoked.letters.includes(one.charAt(0)));
    return letters.length === 0 || grantee === owner || isAccepted(grantee)
      ? []
      : [{ grantee, letters: plain(letters.join('')), option: true }];
  });
  const left = chain ? afterRevoke(chain, [revoked, ...options]) : without(acl, revoked);
  const gone = Object.fromEntries(
    Object.entries(acl).map(([name, has]) => [name, lettersWithout(plain(has), plain(lookUp(left, name) ?? ''))]),
  );
  const known = Object.entries(left).filter(([name]) => name === '' || isAccepted(name));
  return { grantee: revoked.grantee, gone, left, stays: { owner, acl: joined(Object.fromEntries(known), server) } };
}

const plain = (letters: string): string => letters.replaceAll('*', '');

function without(acl: Acl, { grantee, letters, option }: Required<Revocation>): Acl {
  return Object.fromEntries(
    Object.entries(acl).map(([name, has]) => [name, name === grantee && !option ? lettersWithout(plain(has), letters) : has]),
  );
}

/** Logins that can do less with it afterwards, as far as they come to where it is or had it by name. */
function losersOf(
  snapshot: CatalogSnapshot,
  { place, on }: Listed,
  { grantee, gone, stays }: Shift,
): readonly (readonly [login: string, letters: string])[] {
  const door = on.startsWith('DATABASE ');
  const selves = door ? new Set<string>() : snapshot.actedAs(place?.database ?? null);
  return [...snapshot.roles.values()].flatMap(({ name, login, superuser }) => {
    if ((!login && !selves.has(name)) || superuser || name === snapshot.server[0]) return [];
    // Whom it is taken from by name is told even where it cannot come in now: it would lack it once it can.
    if (login && place !== null && name !== grantee && !snapshot.enters(name, place.database)) return [];
    const { usable, inherited } = snapshot.memberships.reach(name);
    const lost = (mine: Iterable<string>): string => {
      const all = new Set([name, ...mine]);
      return lettersWithout(lettersOf({ owner: '', acl: gone }, all, ''), lettersOf(stays, all, LETTERS));
    };
    // A SET ROLE comes too late for CONNECT.
    const letters = door ? lettersWithout(lost(usable), 'c') + [...lost(inherited)].filter((one) => one === 'c').join('') : lost(usable);
    return letters === '' ? [] : [[name, letters] as const];
  });
}

const LETTERS = 'arwdDxtmXUCTcsA';

/** What a login that loses something gets by name first. */
function keptByName(snapshot: CatalogSnapshot, login: string, letters: string, everybody: boolean, apart: boolean): string {
  const principal = snapshot.principalOf(login);
  if (principal === null) return letters;
  if (everybody && apart && ['foreign', 'operator'].includes(principal.kind)) return letters;
  if (principal.kind !== 'operator') return '';
  return everybody ? [...letters].filter((letter) => 'cU'.includes(letter)).join('') : letters;
}

/** The access list of a database. */
export function doorOf(place: Place): Listed {
  return {
    on: `DATABASE ${ident(place.database)}`,
    shared: true,
    what: `database "${place.database}"`,
    place,
    owner: place.owner,
    items: place.acl,
    ...(place.acl === null ? { acl: accessOf(place) } : {}),
  };
}
