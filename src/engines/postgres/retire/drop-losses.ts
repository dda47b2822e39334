import type { Loss } from '../../../model/index.ts';
import { privilegeWords, parseAcl, type Acl } from '../acl.ts';
import type { Context } from '../steps/draft-steps.ts';
import { type Guarded, joined, SERVER_SCHEMA, SERVER_TABLE } from '../effective/letters.ts';
import { peopleOf } from '../effective/people.ts';
import { Shift } from '../effective/shift.ts';
import { lossesFor, namesOf } from '../losses/losses.ts';
import type { Taken } from '../losses/taken.ts';
import type { Held, Remains, SharedRightsRow } from './remains-spec.ts';
import { acceptedLogins } from './retired-spec.ts';

/** What ends with an app's roles for others who have it as their members, through any chain: in no database of the app's own. */
export class Orphaned {
  readonly #own: ReadonlySet<string>;
  readonly #context: Context;
  readonly #shift: Shift | null;

  constructor(own: ReadonlySet<string>, context: Context) {
    [this.#own, this.#context] = [own, context];
    const people = peopleOf(context.observation);
    const left = people?.edges.filter(({ group, member }) => !own.has(group) && !own.has(member)) ?? [];
    this.#shift = people === null ? null : new Shift(people, [], left);
  }

  /** Rights on things of others in one database, and what the app's roles own there. */
  in({ app, database, whole, rights, owners, tables }: Remains): readonly Loss[] {
    // One that goes as a whole is told as such.
    if (whole) return [];
    const taken = rights.flatMap(([kind, what, owner, items]): readonly Taken[] => {
      const [acl, server] = [parseAcl(items), kind === 'table' ? SERVER_TABLE : kind === 'schema' ? SERVER_SCHEMA : {}];
      const words = kind === 'default' ? 'from' : 'on';
      if (this.#own.has(owner)) return this.#owned(app, database, acl);
      return this.#without({ owner, acl: joined(acl, server) }).map(({ login, letters }) => ({
        login,
        database,
        what: [`${privilegeWords(letters)} ${words} ${what} in database "${database}"`],
      }));
    });
    const members = owners.length === 0 ? [] : this.#owned(app, database, Object.fromEntries(owners.map((role) => [role, 'r'])));
    // Those who read everything are told where the manifest says who they are, as of a database that goes.
    const accepted = acceptedLogins(this.#context.input);
    const all =
      owners.length === 0 || tables === 0
        ? []
        : this.#owned(app, database, SERVER_TABLE).flatMap((one) => (accepted.has(one.login) ? [{ ...one, byWords: true as const }] : []));
    return this.#losses([...taken, ...members, ...all].filter(({ login }) => this.#shift?.enters(login, database) === true));
  }

  /** The way into databases of others, and what else is given on what all databases share. */
  shared(held: Pick<Held, 'sharedRights'> | undefined): readonly Loss[] {
    const people = this.#shift?.people;
    if (!people) return [];
    const taken = people.databases.flatMap((database) => {
      const door = people.door(database);
      if (door === null || this.#own.has(door.owner) || !people.isOpen(database)) return [];
      return this.#without(door).flatMap(({ login, letters }) =>
        [...letters].map((letter): Taken => {
          const connect = letter === 'c';
          const what = connect ? `connect to database "${database}"` : `${privilegeWords(letter)} on database "${database}"`;
          return { login, database, what: [what], ...(connect ? { kind: 'connect', door: 'own' } : {}) };
        }),
      );
    });
    const rights = (held?.sharedRights ?? []).flatMap((row) => this.#places(row));
    return this.#losses([...taken, ...rights]);
  }

  /** Rights on a tablespace or parameter, by a role that goes or from its hand. */
  #places([on, owner, items, passedTo]: SharedRightsRow): readonly Taken[] {
    const shift = this.#shift;
    if (shift === null || this.#own.has(owner)) return [];
    const guarded = { owner, acl: parseAcl(items) };
    const byRole = this.#without(guarded).map(({ login, letters }): Taken => ({ login, what: [`${privilegeWords(letters)} on ${on}`] }));
    const users = (role: string): readonly string[] =>
      role === '' ? shift.people.logins : [...shift.logins([role])].filter((login) => shift.before.usable(login).has(role));
    const given = passedTo.flatMap((role) =>
      users(role).map((login): Taken => ({ login, what: [`what it may do with ${on} (an app that goes gave it)`] })),
    );
    return [...byRole, ...given];
  }

  #without({ owner, acl }: Guarded): readonly { readonly login: string; readonly letters: string }[] {
    const mine = Object.entries(acl).filter(([grantee]) => this.#own.has(grantee));
    const rest = Object.fromEntries(Object.entries(acl).filter(([grantee]) => !this.#own.has(grantee)));
    const all = [...new Set(mine.flatMap(([, letters]) => [...letters.replaceAll('*', '')]))].join('');
    return this.#shift?.lost({ owner, acl }, { owner, acl: rest }, all) ?? [];
  }

  /** Whoever can use what goes, by name or as a member. */
  #owned(app: string, database: string, acl: Acl): readonly Taken[] {
    const shift = this.#shift;
    if (shift === null) return [];
    const named = Object.keys(acl).filter((grantee) => grantee !== '');
    return [...shift.logins(named)]
      .filter((login) => named.some((one) => shift.before.usable(login).has(one)))
      .map((login) => ({ login, database, what: [`what app "${app}" has in database "${database}" (it is dropped)`] }));
  }

  #losses(taken: readonly Taken[]): readonly Loss[] {
    if (this.#shift === null) return [];
    const others = taken.filter(({ login }) => !this.#own.has(login));
    return lossesFor(others, namesOf(this.#context), this.#shift.people, this.#context);
  }
}
