import type { Path } from '../../model/index.ts';
import { putIn } from '../../util/record.ts';
import type { Placement } from './config.ts';
import type { Draft } from './draft.ts';
import { writeMark } from './mark.ts';
import type { AppNames } from './names.ts';
import { normalSetting } from './settings.ts';
import type { RoleSpec } from './spec.ts';

export const MEMBER = 'inherit,set';

/** Shared: there are tens of thousands of roles. */
const NONE: readonly string[] = Object.freeze([]);
const NOTHING: Readonly<Record<string, never>> = Object.freeze({});

/** A role with no rights of its own. */
export function plainRole(purpose: RoleSpec['purpose'], mark: string, more: Partial<RoleSpec> = {}): RoleSpec {
  return {
    purpose,
    login: false,
    inherit: true,
    superuser: false,
    createRole: false,
    createDatabase: false,
    replication: false,
    bypassRls: false,
    connectionLimit: -1,
    validUntil: null,
    memberOf: NOTHING,
    settings: NOTHING,
    outsiders: NONE,
    grantors: NOTHING,
    beyond: NOTHING,
    parameters: NONE,
    password: 'none',
    secret: null,
    adopt: false,
    mark,
    ...more,
  };
}

export interface LoginPlan {
  readonly app: string;
  readonly logins: readonly [string, string];
  readonly memberOf: readonly string[];
  readonly connections: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly adopt: boolean;
  readonly path: Path;
}

/** Both login slots: the first is live, the second waits without a password. */
export function addLogins(draft: Draft, plan: LoginPlan): void {
  const mark = writeMark({ project: draft.input.project, app: plan.app });
  const memberOf = Object.fromEntries(plan.memberOf.map((group) => [group, MEMBER]));
  plan.logins.forEach((login, slot) => {
    if (!draft.claim('role', login, plan.app, plan.path)) return;
    const live = slot === 0;
    draft.add(
      'role',
      login,
      plan.app,
      plainRole('login', mark, {
        login: live,
        connectionLimit: plan.connections,
        memberOf,
        settings: plan.settings,
        password: live ? 'verified' : 'none',
        secret: live ? secretName(draft.input.name, login) : null,
        adopt: live && plan.adopt,
      }),
      plan.path,
    );
  });
}

export function secretName(instance: string, login: string): string {
  return `${instance}/${login}`;
}

/** Owner, read-write and read-only group. `groups` are roles that all three belong to. */
export function addGroups(
  draft: Draft,
  app: string,
  names: Pick<AppNames, 'owner' | 'readWrite' | 'readOnly'>,
  groups: readonly string[],
  adopt: boolean,
  path: Path,
): void {
  const mark = writeMark({ project: draft.input.project, app });
  const memberOf = Object.fromEntries(groups.map((group) => [group, MEMBER]));
  const all = [
    [names.owner, 'owner'],
    [names.readWrite, 'read-write'],
    [names.readOnly, 'read-only'],
  ] as const;
  for (const [name, purpose] of all) {
    if (draft.claim('role', name, app, path)) draft.add('role', name, app, plainRole(purpose, mark, { memberOf, adopt }), path);
  }
}

/** The settings of a login: its limits, and what the manifest adds. */
export function loginSettings(placement: Placement, more: Readonly<Record<string, string>>): Record<string, string> {
  const settings: Record<string, string> = { ...more, idle_in_transaction_session_timeout: placement.idleInTransactionTimeout };
  if (placement.statementTimeout !== undefined) settings['statement_timeout'] = placement.statementTimeout;
  if (placement.lockTimeout !== undefined) settings['lock_timeout'] = placement.lockTimeout;
  if (!placement.relax.unlimitedTempFiles) settings['temp_file_limit'] = placement.tempFileLimit;
  for (const [name, value] of Object.entries(placement.settings)) {
    const [key, normal] = normalSetting(name, value);
    putIn(settings, key, normal);
  }
  return settings;
}
