import type { Edge } from '../effective/closure.ts';
import type { Guarded } from '../effective/letters.ts';
import type { People } from '../effective/people.ts';
import { Shift } from '../effective/shift.ts';
import { neededBy } from '../losses/carrier-needs.ts';
import {
  type Access,
  type AccessMap,
  type Carried,
  carriedOn,
  carrierInWords,
  carrierUsers,
  furtherOn,
  standing,
} from '../losses/carriers.ts';
import { linkedTaken } from '../losses/links.ts';
import type { Taken } from '../losses/taken.ts';

/** A right that goes, and what of it surely stays. */
export interface Going {
  /** What it is on, by the key of an access map. */
  readonly things: readonly string[];
  readonly gone: Guarded;
  readonly stays: Guarded;
}

/**
 * Who loses something by a fix though it is taken from somebody else: those who come in as that one, and those who use what runs
 * with its rights. Worked out as the losses of a plan are. Pure.
 */
export class Followers {
  readonly #people: People;

  constructor(people: People) {
    this.#people = people;
  }

  /** Of rights on something. */
  ofRights({ things, gone, stays }: Going, taken: readonly Taken[]): readonly Taken[] {
    const access: Access = { before: gone, after: stays, all: '', key: '' };
    return this.#follow(new Map(things.map((key) => [key, [access]])), this.#people.edges, taken);
  }

  /** Of memberships: these are left. */
  ofMemberships(left: readonly Edge[], taken: readonly Taken[]): readonly Taken[] {
    return this.#follow(this.#accessMap(), left, taken);
  }

  /** Of things that get another owner: with its rights they run from then on. */
  ofOwnership(things: readonly string[], from: string, to: string, taken: readonly Taken[]): readonly Taken[] {
    const byKey = new Map(this.#accessMap());
    for (const key of things) {
      const one = this.#people.whole.get(key);
      if (!one || one.guarded.owner !== from) continue;
      const { [from]: _, ...acl } = one.guarded.acl;
      byKey.set(key, [{ before: one.guarded, after: { owner: to, acl }, all: one.all, key: '' }]);
    }
    return this.#follow(byKey, this.#people.edges, taken);
  }

  /** Of what somebody can do less in any other way. */
  ofLogins(taken: readonly Taken[]): readonly Taken[] {
    return linkedTaken(taken, new Shift(this.#people, []));
  }

  /** Those who come in as `role`, which logs in no more. */
  ofLogin(role: string): readonly Taken[] {
    return this.ofLogins([{ login: role, kind: 'login', what: ['log in'] }]);
  }

  /** Of a user mapping, of a role or ('') of everybody who has none: what runs as that role reads nothing by the server any more. */
  ofMapping(database: string, server: string, role: string): readonly Taken[] {
    const { whole } = this.#people;
    const inIt = (key: string): boolean => (JSON.parse(key) as readonly string[])[0] === database && whole.get(key)?.server === server;
    const tables = new Map([...this.#accessMap()].filter(([key]) => inIt(key)));
    const shift = new Shift(this.#people, []);
    const direct = this.#people.carriers.flatMap((carrier): readonly Carried[] => {
      const [need] = neededBy(carrier, tables);
      const mapped = [...tables].flatMap(([key]) => whole.get(key)?.mapped ?? []);
      if (!need || (role === '' ? mapped.includes(carrier.owner) : carrier.owner !== role)) return [];
      const why = `the user mapping of "${role === '' ? 'PUBLIC' : role}" for ${need[0]} goes`;
      const taken = carrierUsers(carrier, shift).map((login) => ({ login, database, what: [carrierInWords(carrier, why)] }));
      return [{ carrier, why, key: '', handed: '', taken }];
    });
    return [...direct, ...furtherOn(direct, shift)].flatMap(({ taken }) => taken);
  }

  #accessMap(): AccessMap {
    return standing(this.#people.whole);
  }

  #follow(byKey: AccessMap, left: readonly Edge[], taken: readonly Taken[]): readonly Taken[] {
    const shift = new Shift(this.#people, [], left);
    return [...linkedTaken(taken, shift), ...carriedOn(byKey, shift).flatMap(({ taken: users }) => users)];
  }
}
