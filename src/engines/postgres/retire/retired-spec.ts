import type { Observed } from '../../../model/index.ts';
import type { Context } from '../steps/draft-steps.ts';
import type { Input } from '../compile/draft.ts';
import { partOf } from '../part-name.ts';
import type { RoleSpec } from '../spec.ts';

/** kind `retired`, named `role/…`, `database/…` or `schema/database/…` by its present name. */
export interface RetiredSpec {
  readonly was: string;
  /** ISO day. */
  readonly day: string;
  readonly login: boolean;
  /** Of a database or schema: what somebody wrote into its comment. */
  readonly text?: string;
  /** Of a role: all of it, so that one that was opened by hand is seen. */
  readonly role: RoleSpec | null;
  /** Of a database or schema: who is let in, and is neither the app, the operator nor accepted by the manifest. '' is PUBLIC. */
  readonly guests: readonly string[];
  /** Of a schema: what the app has besides, in no schema, and others may read. */
  readonly largeObjects?: OpenedObjects;
  /** Of a schema: the owner of one that has its name by now. */
  readonly taken?: string;
  /** Of a database: the app's own roles that may connect. */
  readonly connecting: readonly string[];
}

/** Large objects by their numbers, and who is let to them as with `guests`. */
export interface OpenedObjects {
  readonly numbers: readonly string[];
  readonly guests: readonly string[];
}

/** kind `stray-schema`: a schema of an app that the manifest does not name. */
export interface StraySpec {
  readonly owner: string;
  /** Who may enter it or read in it and is not of the app: roles of other apps, strangers, '' for PUBLIC. */
  readonly guests: readonly string[];
  readonly largeObjects?: OpenedObjects;
  /** What somebody wrote into its comment. */
  readonly text?: string;
}

export type Retired = Observed<RetiredSpec>;

export function isRetired(one: Observed): one is Retired {
  return one.address.kind === 'retired';
}

/** `['role', name]`, `['database', name]` or `['schema', name, database]`. */
export function kindOfRetired(one: Retired): readonly [kind: string, name: string, database: string] {
  const { name } = one.address;
  const at = name.indexOf('/');
  const kind = name.slice(0, at);
  if (kind !== 'schema') return [kind, name.slice(at + 1), ''];
  const [database, schema] = partOf(name.slice(at + 1));
  return [kind, schema, database];
}

/** Everything retired of one app of this project. */
export function retiredOfApp(app: string, { observation }: Pick<Context, 'observation'>): readonly Retired[] {
  return observation.resources.filter((one): one is Retired => isRetired(one) && one.app === app && one.owned);
}

/** Logins that are nobody's app and stay where they are: the manifest says so. */
export function acceptedLogins({ operators, known }: Pick<Input, 'operators' | 'known'>): ReadonlySet<string> {
  return new Set([...operators.map(({ name }) => name), ...known.map(({ user }) => user)]);
}

/** What a role of a retired app has left: its name, and its place among the app's own roles. */
export function closedRole(spec: RoleSpec, isOwn: (role: string) => boolean, accepted: ReadonlySet<string>): RoleSpec {
  return {
    ...spec,
    login: false,
    superuser: false,
    createRole: false,
    createDatabase: false,
    replication: false,
    bypassRls: false,
    memberOf: Object.fromEntries(Object.entries(spec.memberOf).filter(([group]) => isOwn(group))),
    outsiders: spec.outsiders.filter((name) => isOwn(name) || accepted.has(name)),
    parameters: [],
  };
}
