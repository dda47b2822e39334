import type { Change } from '../../../engine/index.ts';
import type { Loss, Observed } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import type { Context } from '../steps/draft-steps.ts';
import type { Acl } from '../acl.ts';
import { type Guarded, joined, lettersOf } from '../effective/letters.ts';
import { type People, peopleOf } from '../effective/people.ts';
import { Closure } from '../effective/closure.ts';
import { Shift } from '../effective/shift.ts';
import { admissionTaken } from '../losses/admission.ts';
import { partName } from '../part-name.ts';
import { wordsOf } from '../body-words.ts';
import { isFunction } from '../losses/carrier-needs.ts';
import { type Carried, carrierInWords, carrierUsers, furtherOn } from '../losses/carriers.ts';
import { lossesFor, namesOf } from '../losses/losses.ts';
import { roleTaken } from '../losses/roles.ts';
import { settingText, type Taken } from '../losses/taken.ts';
import { readMark } from '../marks/mark.ts';
import { ident } from '../quote.ts';
import { heldOf } from './hold.ts';
import { acceptedLogins, closedRole } from './retired-spec.ts';
import type { RoleSpec } from '../spec.ts';

/** Rights of the server's own roles, which no access list names. */
const SERVER: Acl = { pg_read_all_data: 'U', pg_write_all_data: 'U' };

/** What others lose while an app is closed and put aside, worked out once for each app. */
export class Bereaved {
  readonly #app: string;
  readonly #context: Context;
  readonly #own: ReadonlySet<string>;
  readonly #people: People | null;
  readonly #shift: Shift | null;
  readonly #changes: readonly Change[];
  readonly #names: ReadonlyMap<string, string>;

  /** `roles`: those that are closed now. `own`: all of the app. */
  constructor(app: string, roles: readonly Observed<RoleSpec>[], own: ReadonlySet<string>, context: Context) {
    [this.#app, this.#context, this.#own] = [app, context, own];
    const accepted = acceptedLogins(context.input);
    this.#changes = roles.map((one) => {
      const spec = closedRole(one.spec, (name) => own.has(name), accepted);
      return { desired: { address: one.address, app, spec }, observed: one, fields: [] };
    });
    this.#people = peopleOf(context.observation);
    this.#shift = this.#people === null ? null : new Shift(this.#people, this.#changes);
    this.#names = namesOf(context);
  }

  /** Those who were members of its roles, and those who could connect to a database and are not let in any more. */
  closing(doors: ReadonlyMap<string, readonly string[]>): readonly Loss[] {
    const shift = this.#shift;
    if (shift === null) return [];
    const members = this.#changes.flatMap((change) => roleTaken(change, shift, this.#context));
    const shut = [...doors].flatMap(([database, guests]) =>
      this.#entering(database)
        .filter((login) => !this.#stillEnters(login, database, guests) && !this.#isAccepted(login))
        .map((login) => ({ login, database, what: [`connect to database "${database}"`], door: 'own' as const })),
    );
    return this.#losses([...members, ...shut]);
  }

  /** Operators and known logins that come in as everybody, or through a group that is shut out: they keep that by name. */
  keeping(database: string, guests: readonly string[]): readonly string[] {
    return this.#entering(database).filter((login) => this.#isAccepted(login) && !this.#stillEnters(login, database, guests));
  }

  /** Those who still may connect: it is there under another name, or not at all. `fate` in words. */
  renamed(database: string, guests: readonly string[], fate: string): readonly Loss[] {
    const what = [`connect to database "${database}" (it is ${fate})`];
    const how = fate.startsWith('renamed') ? { renamed: true as const } : { byWords: true as const };
    const left = this.#entering(database).filter((login) => this.#stillEnters(login, database, guests) || this.#isAccepted(login));
    return this.#losses([
      ...[...left, ...this.#superusers()].map((login) => ({ login, database, what, ...how })),
      ...this.#linked('to', database, fate),
    ]);
  }

  /** Members of a role that keeps its members. */
  roleRenamed(role: string, spec: RoleSpec, fate: string): readonly Loss[] {
    const shift = this.#shift;
    if (shift === null) return [];
    const members = [...shift.logins(spec.outsiders)].filter((login) => shift.after.usable(login).has(role));
    const how = fate.startsWith('renamed') ? { renamed: true as const } : {};
    return this.#losses([
      ...members.map((login) => ({ login, what: [`SET ROLE ${ident(role)} (it is ${fate})`], ...how })),
      ...this.#beginning(role, fate),
      // That file goes by names.
      ...admissionTaken(role, role, shift, new Closure(shift.people.edges.filter(({ group }) => group !== role))),
      ...this.#linked('login', role, 'closed'),
    ]);
  }

  /** Those whose sessions begin as it: the server warns, and they begin as themselves. */
  #beginning(role: string, fate: string): readonly Taken[] {
    const [people, shift] = [this.#people, this.#shift];
    if (people === null || shift === null) return [];
    const becomes = (login: string): boolean =>
      people.roles.get(login)?.[1] === true && (people.roles.get(login)?.[3] === true || shift.before.becomes(login).has(role));
    return people.beginningAs(role).flatMap(([who, database]) => {
      const where = database === '' ? '' : ` in database "${database}"`;
      const logins = who === '' ? [...shift.logins([role])].filter((login) => database === '' || shift.enters(login, database)) : [who];
      const what = [`${settingText('role', role)}${where} (it is ${fate})`];
      return logins.filter(becomes).map((login) => ({ login, ...(database === '' ? {} : { database }), what }));
    });
  }

  /** Whoever had a right by its own name or through a group. '' is everybody who comes into the database. */
  without(database: string, guests: readonly string[], right: string): readonly Loss[] {
    if (this.#people === null) return [];
    const what = [right];
    const named = guests.filter((guest) => guest !== '').flatMap((guest) => this.#usersOf(guest));
    const everybody = guests.includes('') ? this.#entering(database) : [];
    return this.#losses([...new Set([...named, ...everybody])].map((login) => ({ login, database, what })));
  }

  /** Operators and known logins that keep their rights in a schema, which has another name. */
  schemaRenamed(database: string, schema: string, next: string): readonly Loss[] {
    const people = this.#people;
    if (people === null) return [];
    const what = [`use schema "${schema}" of database "${database}" (it is renamed to "${next}")`];
    const space = people.spaces.get(partName(database, schema));
    const uses = (login: string): boolean =>
      space === undefined ||
      people.roles.get(login)?.[3] === true ||
      lettersOf({ ...space, acl: joined(space.acl, SERVER) }, people.closure.usable(login), 'U').includes('U');
    const named = [...acceptedLogins(this.#context.input)].filter((login) => people.roles.get(login)?.[1] === true && uses(login));
    return this.#losses(
      named.filter((login) => this.#comesIn(login, database)).map((login) => ({ login, database, what, renamed: true as const })),
    );
  }

  /** Readers of what runs with the rights of a guest that loses them, and of what names the schema in its body. */
  carried(database: string, schema: string, guests: readonly string[]): readonly Loss[] {
    const [people, shift] = [this.#people, this.#shift];
    if (people === null || shift === null) return [];
    const accepted = acceptedLogins(this.#context.input);
    const direct = people.carriers.flatMap((carrier): readonly Carried[] => {
      const { kind, owner, needs, body } = carrier;
      if (carrier.database !== database || this.#own.has(owner)) return [];
      // Functions in a view run with the rights of whoever reads it.
      if (kind === 'view' && needs !== null && isFunction(needs[1])) return [];
      const guest = !accepted.has(owner) && guests.some((one) => one === '' || people.closure.inherited(owner).has(one));
      if (needs === null ? !wordsOf(body ?? '')(schema) : needs[0] !== schema || !guest || people.roles.get(owner)?.[3] === true) return [];
      const why =
        needs === null ? `it names schema "${schema}", which is put aside` : `its owner "${owner}" loses its rights in schema "${schema}"`;
      const taken = carrierUsers(carrier, shift).map((login): Taken => ({ login, database, what: [carrierInWords(carrier, why)] }));
      return [{ carrier, why, key: '', handed: '', taken }];
    });
    return this.#losses([...direct, ...furtherOn(direct, shift)].flatMap(({ taken }) => taken));
  }

  /** Logins with the rights of a role; where none has them, the role itself: what depends on it may be anybody's. */
  #usersOf(role: string): readonly string[] {
    const people = this.#people;
    if (people === null) return [];
    const logins = [...people.closure.below(role)].filter((name) => people.isLogin(name) && people.closure.usable(name).has(role));
    return logins.length > 0 ? logins : [role];
  }

  /** What in other databases leads to it. Whose server it is, or who is mapped, finds nothing there. */
  #linked(by: 'to' | 'login', names: string, fate: string): readonly Taken[] {
    return (heldOf(this.#app, this.#context)?.links ?? [])
      .filter((link) => link[by] === names)
      .flatMap(({ who, what, within }) =>
        (who === '' ? this.#entering(within) : this.#usersOf(who)).map((login) => ({
          login,
          what: [`${what} (it names "${names}", which is ${fate})`],
        })),
      );
  }

  #losses(taken: readonly Taken[]): readonly Loss[] {
    if (this.#people === null) return [];
    const others = taken.filter(({ login }) => !this.#own.has(login));
    return lossesFor(others, this.#names, this.#people, this.#context);
  }

  /** Superusers come in everywhere: the operator's are told. */
  #superusers(): readonly string[] {
    const named = acceptedLogins(this.#context.input);
    return [...named].filter((name) => {
      const row = this.#people?.roles.get(name);
      return row?.[1] === true && row[3];
    });
  }

  #isAccepted(login: string): boolean {
    return acceptedLogins(this.#context.input).has(login);
  }

  #comesIn(login: string, database: string): boolean {
    const row = this.#people?.roles.get(login);
    return row?.[3] === true || this.#shift?.enters(login, database) === true;
  }

  /** Logins that can connect now. One that cotenant keeps for an app is told only of what it has by name. */
  #entering(database: string): readonly string[] {
    const [people, shift] = [this.#people, this.#shift];
    const door = people?.door(database);
    if (!people || !shift || !door || !people.isOpen(database)) return [];
    const everybody = lookUp(door.acl, '')?.includes('c') === true;
    const { '': _public, ...named } = door.acl;
    const byName = [...shift.logins([...Object.keys(named), door.owner])].filter((login) => has(door, login, shift));
    const open = everybody ? people.logins.filter((login) => readMark(people.roles.get(login)?.[10] ?? null) === null) : [];
    return [...new Set([...byName, ...open])].sort().filter((login) => !this.#own.has(login));
  }

  #stillEnters(login: string, database: string, guests: readonly string[]): boolean {
    const door = this.#people?.door(database);
    if (!door || this.#shift === null) return false;
    // Roles of the app lose it as well, and whoever comes in as their member.
    const acl = Object.fromEntries(Object.entries(door.acl).filter(([grantee]) => !guests.includes(grantee) && !this.#own.has(grantee)));
    return lettersOf({ owner: door.owner, acl }, this.#shift.after.inherited(login), 'c').includes('c');
  }
}

/** By name or through a group, not as everybody. */
function has({ owner, acl: { '': _public, ...acl } }: Guarded, login: string, shift: Shift): boolean {
  return lettersOf({ owner, acl }, shift.before.inherited(login), 'c').includes('c');
}
