import type { Stuck } from '../../../engine/index.ts';
import { serviceOf } from '../judge/service.ts';
import { opensOf } from '../service/words.ts';
import type { Input } from '../compile/draft.ts';
import { parseAcl } from '../acl.ts';
import { lookUp } from '../../../util/record.ts';
import type { SharedCatalog } from './catalog-shared.ts';
import type { Memberships } from './memberships.ts';

type Maintained = { readonly database: string; readonly owner: string; readonly kind: string };

/**
 * What this admin cannot close, as the server says, and whether the manifest accepts that. null everywhere: it can. What it
 * can close is never accepted, whatever the manifest says.
 */
export class AdminLimits {
  readonly #service: ReturnType<typeof serviceOf>;
  /** Set where the manifest leaves the maintenance databases open. */
  readonly #left: Stuck | null;
  readonly #me: string;
  readonly #superuser: boolean;
  readonly #old: boolean;
  /** Whose rights the admin has without a SET ROLE. */
  readonly #mine: ReadonlySet<string>;
  readonly #settable: (name: string) => boolean;

  constructor(input: Input, { server, parameters, free }: SharedCatalog, memberships: Memberships) {
    const [me = '', superuser = false, , , , , version = 0] = server[0] ?? [];
    this.#service = serviceOf(input.config);
    this.#left = input.config.perimeter === 'warn' ? { accepted: true, why: '`perimeter: warn` leaves it open.' } : null;
    this.#me = me;
    this.#superuser = superuser;
    this.#old = version < 150000;
    this.#mine = new Set([me, ...memberships.reach(me).inherited]);
    const anyone = new Set(free.map(([name]) => name.toLowerCase()));
    this.#settable = (name) =>
      anyone.has(name) ||
      parameters.some(
        ([parameter, acl]) => parameter === name && ['', ...this.#mine].some((one) => lookUp(parseAcl(acl), one)?.includes('s') === true),
      );
  }

  /** Rights of PUBLIC on a database. */
  database({ database, owner, kind }: Maintained): Stuck | null {
    if (kind === 'maintenance' && this.#left !== null) return this.#left;
    if (this.#has(owner)) return null;
    if (kind === 'maintenance') return this.#word('maintenance-database', `the owner of ${database} or a superuser`);
    const accepted = kind === 'other' && this.#service.databases.includes(database);
    return stuck(
      accepted,
      `the owner of ${database} or a superuser`,
      `databases: [${database}]`,
      `${database} belongs to the service: every login can connect to it.`,
    );
  }

  /** Rights on the schema `public` of a database. Only those of PUBLIC are the service's. */
  publicSchema(place: Maintained, owner: string, grantee = ''): Stuck | null {
    const real = owner === 'pg_database_owner' ? place.owner : owner;
    if (place.kind === 'maintenance' && grantee === '' && this.#left !== null) return this.#left;
    if (this.#has(real)) return null;
    if (grantee !== '') return this.refused(real);
    if (this.#old && owner !== 'pg_database_owner')
      return this.#word('public-schema', `the owner of schema public in ${place.database} or a superuser`);
    return place.kind === 'maintenance' ? this.#word('maintenance-database', `the owner of ${place.database} or a superuser`) : null;
  }

  /** Server functions, which belong to the bootstrap superuser. */
  functions(family: string): Stuck | null {
    return this.#superuser ? null : this.#word(family, 'a superuser');
  }

  setting(name: string): Stuck | null {
    if (this.#superuser || this.#settable(name)) return null;
    return this.#word(name, 'a superuser, or whoever is granted SET on it from version 15 on,');
  }

  /** What this admin may not read. */
  unread(word: string): Stuck | null {
    return this.#superuser ? null : this.#word(word, 'a superuser');
  }

  /** What a group of the service has. */
  role(name: string): Stuck | null {
    if (this.#superuser || !this.#service.roles.includes(name)) return null;
    return { accepted: true, why: `${name} is a group of the service: what it holds, its members have.` };
  }

  /** What only the owner of something can undo, and nobody accepts; null for an owner: a superuser. */
  refused(owner: string | null): Stuck | null {
    if (this.#has(owner ?? '')) return null;
    return { accepted: false, why: `Not ${this.#me}, but ${owner ?? 'a superuser'} can close it.` };
  }

  #has(owner: string): boolean {
    return this.#superuser || this.#mine.has(owner);
  }

  #word(word: string, who: string): Stuck {
    return stuck(this.#service.keeps.includes(word), who, `keeps: [${word}]`, `The service keeps ${word}: ${opensOf(word)}.`, this.#me);
  }
}

function stuck(accepted: boolean, who: string, line: string, why: string, me = 'the admin'): Stuck {
  return accepted
    ? { accepted, why }
    : { accepted, why: `Not ${me}, but ${who} can close it; \`service: { ${line} }\` on the instance accepts it.` };
}
