import type { Observed, Resource } from '../../model/index.ts';
import type { AclUser } from './acl.ts';
import type { Access } from './commands.ts';
import type { OperatorWord } from './operators.ts';
import type { Mark } from './marks/mark.ts';
import type { RelaxationName } from './compile/relaxations.ts';
import type { Grant } from './rights.ts';

/** What a user of ours is to be. */
export interface UserSpec {
  readonly access: Access;
  /** In the form of `AclUser`. */
  readonly keys: readonly string[];
  readonly channels: readonly string[];
  readonly relax: readonly RelaxationName[];
  /** Level database: its number; null: the lowest that is free. Other levels: the one that the keys lie in. */
  readonly database: number | null;
  /** True where the app is told to have a database and the server may not hold it in there. */
  readonly unenforced: boolean;
  /** What its data is known by, for the tombstone. */
  readonly prefix: string;
  readonly secret: string;
  /** Keeps the passwords that it has. */
  readonly adopt: boolean;
}

export type PasswordState = 'ours' | 'none' | 'other' | 'unknown';

/** A user as it is, without anything secret. */
export interface UserSeen extends Omit<AclUser, 'hashes' | 'name' | 'rules'> {
  /** Commands that it may run, as sorted names with blanks between. */
  readonly commands: string;
  /** `unknown`: the secret store has no password to compare with. */
  readonly password: PasswordState;
  /** Observed: the password that it has is the one that waits in the store: a run died before it could say so. */
  readonly staged?: boolean;
  /** The same with its selectors, one by one. */
  readonly grants: readonly Grant[];
  /** How many passwords it has. */
  readonly passwords: number;
  /** What the store says of the number of its database; null: nothing. */
  readonly noted: number | null;
}

/** The user `default`. */
export interface DefaultSpec {
  readonly closed: true;
}

export interface DefaultSeen {
  readonly enabled: boolean;
  readonly noPassword: boolean;
  readonly grants: readonly Grant[];
}

/** A tombstone, named by its present user. */
export interface RetiredSeen {
  readonly was: string;
  /** ISO day. */
  readonly day: string;
  readonly access: Access;
  readonly prefix: string;
  readonly database: number;
  /** Somebody may have opened it again by hand. */
  readonly enabled: boolean;
  readonly grants: readonly Grant[];
  readonly mark: Mark;
  /** Its keys, where they are to be deleted: how many, and about how many bytes. null: not counted. */
  readonly holds: { readonly keys: number; readonly bytes: number } | null;
}

/** What this project keeps on the server that belongs to no single app. */
export interface LedgerSeen {
  /** Hash of what the last complete apply asked for, for all apps. */
  readonly shared: string | null;
  /** Something was changed that is not known to be on disk. */
  readonly unsaved: boolean;
  /** How the users of others were when the file was last written, where nobody can look into it; null: not noted. */
  readonly others: string | null;
}

/** Where the file of the access list says other things than the server does. */
export interface AccessListSeen {
  readonly differences: readonly FileDifference[];
  /** null: the file was read. Else it cannot be read from here, and this is what is known of it. */
  readonly unread: UnreadFile | null;
  /** Users in files that the configuration file includes: to write the users would define them twice. */
  readonly included: readonly string[];
}

/** What the ledger tells of a file that nobody can look into. */
export interface UnreadFile {
  /** Users of others that are not as they were when it was last written; null: that is not known. */
  readonly changed: readonly string[] | null;
}

export interface FileDifference {
  readonly user: string;
  /** This project's own: its apps, its ledger, the user `default` where it is to be closed. */
  readonly ours: boolean;
  /** What the file gives it that it does not have now: what a restart would open, and a save takes. */
  readonly more: readonly string[];
  /** What the file lets it do, where that is more. */
  readonly grants: readonly Grant[];
  /** It is in the file only. */
  readonly fileOnly: boolean;
  /** What the server gives it beyond the file: what a restart ends, and a save makes last. */
  readonly unsaved: readonly string[];
}

/** A login of the operator: what it is to have at least. */
export interface OperatorSpec {
  readonly may: readonly OperatorWord[];
}

export interface OperatorSeen {
  readonly enabled: boolean;
  readonly noPassword: boolean;
  readonly grants: readonly Grant[];
}

export interface Specs {
  readonly operator: OperatorSpec;
  readonly user: UserSpec;
  readonly 'default-user': DefaultSpec;
}

export interface Seen {
  readonly user: UserSeen;
  readonly 'default-user': DefaultSeen;
  readonly retired: RetiredSeen;
  readonly ledger: LedgerSeen;
  readonly operator: OperatorSeen;
  readonly 'access-list': AccessListSeen;
}

export function isWanted<K extends keyof Specs>(one: Resource, kind: K): one is Resource<Specs[K]> {
  return one.address.kind === kind;
}

export function isSeen<K extends keyof Seen>(one: Observed, kind: K): one is Observed<Seen[K]> {
  return one.address.kind === kind;
}

/** Users with the same profile may run the same commands. */
export function profileOf({ access, relax }: Pick<UserSpec, 'access' | 'relax'>): string {
  return [access, ...relax].join('+');
}
