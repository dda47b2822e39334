import type { Holding, ImportDatabase } from './evidence.ts';
import type { KeptGroups } from './groups.ts';
import type { FoundPeople } from './people.ts';
import type { LoginLevel } from '../../../engine/index.ts';
import type { RoleRow } from '../queries/shared.ts';

export interface FoundLogin {
  readonly row: RoleRow;
  readonly as: LoginLevel;
  readonly holding: Holding;
  /** At `rw`: it may empty tables and set sequences too. */
  readonly truncate: boolean;
}

/** An app as it was found: logins with a database, or with a schema of a database, of its own. */
export interface FoundApp {
  readonly database: ImportDatabase;
  /** null: the whole database. */
  readonly schema: string | null;
  /** The first is the one that serves the app. None: only the operator uses it. */
  readonly logins: readonly FoundLogin[];
  /** Roles without login that can stay what they are. */
  readonly groups: KeptGroups;
  /** Other logins that can do something in the database now. */
  readonly beside: readonly string[];
}

/** What forms no app. */
export interface Left {
  readonly kind: 'database' | 'role';
  readonly name: string;
  readonly why: string;
}

export interface FoundApps {
  readonly apps: readonly FoundApp[];
  readonly people: FoundPeople;
  readonly left: readonly Left[];
}
