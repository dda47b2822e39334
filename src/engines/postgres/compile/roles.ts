import type { Path } from '../../../model/index.ts';
import { putIn } from '../../../util/record.ts';
import { type Placement, USUAL } from '../config.ts';
import type { Draft } from './draft.ts';
import { type AppLogin, hasWriters, loginsOf } from './logins.ts';
import { writeMark } from '../marks/mark.ts';
import type { AppNames } from '../names.ts';
import { listOf, normalSetting } from '../settings.ts';
import type { RoleSpec } from '../spec.ts';

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
  readonly validUntil?: string | null;
  readonly settings: Readonly<Record<string, string>>;
  readonly adopt: boolean;
  /** As in the spec of a role. */
  readonly usual?: readonly string[];
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
        validUntil: plan.validUntil ?? null,
        memberOf,
        settings: plan.settings,
        password: live ? 'verified' : 'none',
        secret: live ? secretName(draft.input.name, login) : null,
        adopt: live && plan.adopt,
        ...(live && plan.adopt && plan.usual && plan.usual.length > 0 ? { usual: plan.usual } : {}),
      }),
      plan.path,
    );
  });
}

/** What a login of an app is a member of, by what it may do. */
function groupsFor({ as }: AppLogin, names: Pick<AppNames, 'owner' | 'readWrite' | 'readOnly'>): readonly string[] {
  return { owner: [names.owner, names.readWrite], rw: [names.readWrite], read: [names.readOnly] }[as];
}

/** All logins of an app. The usual one comes last: the last role of an app bears its mark, and this one is always there. */
export function addAppLogins(draft: Draft, app: string, placement: Placement, names: AppNames, path: Path): void {
  const [main, ...others] = loginsOf(app, placement);
  for (const login of [...others, main]) {
    const { searchPath } = login.placement;
    const finds = placement.isolation === 'schema' || names.schema !== 'public' || searchPath !== undefined;
    addLogins(draft, {
      app,
      logins: login.slots,
      memberOf: groupsFor(login, names),
      connections: login.connections,
      validUntil: login.validUntil,
      settings: loginSettings(login.placement, {
        ...(login.as === 'owner' ? { role: names.owner } : {}),
        ...(finds ? { search_path: listOf(searchPath ?? [names.schema, 'public']) } : {}),
      }),
      adopt: placement.adopt,
      usual: login.usual,
      path,
    });
  }
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
  placement: Placement,
  path: Path,
): void {
  const mark = writeMark({ project: draft.input.project, app });
  const { adopt } = placement;
  // What is shared with the app is shared with those who write: the owner too.
  const withOwner = hasWriters(app, placement) ? [names.readWrite] : [];
  const memberships = (all: readonly string[]): Record<string, string> => Object.fromEntries(all.map((group) => [group, MEMBER]));
  const owner = [names.owner, 'owner'] as const;
  const others = [[names.readWrite, 'read-write'] as const, [names.readOnly, 'read-only'] as const];
  for (const [name, purpose] of withOwner.length > 0 ? [...others, owner] : [owner, ...others]) {
    const memberOf = memberships(purpose === 'owner' ? [...groups, ...withOwner] : groups);
    if (draft.claim('role', name, app, path)) draft.add('role', name, app, plainRole(purpose, mark, { memberOf, adopt }), path);
  }
}

/** The settings of a login: its limits, and what the manifest adds. */
export function loginSettings(placement: Placement, more: Readonly<Record<string, string>>): Record<string, string> {
  const settings: Record<string, string> = {
    ...more,
    idle_in_transaction_session_timeout: placement.idleInTransactionTimeout ?? USUAL.idleInTransactionTimeout,
  };
  if (placement.statementTimeout !== undefined) settings['statement_timeout'] = placement.statementTimeout;
  if (placement.lockTimeout !== undefined) settings['lock_timeout'] = placement.lockTimeout;
  if (!placement.relax.unlimitedTempFiles) settings['temp_file_limit'] = placement.tempFileLimit ?? USUAL.tempFileLimit;
  for (const [name, value] of Object.entries(placement.settings)) {
    const [key, normal] = normalSetting(name, value);
    putIn(settings, key, normal);
  }
  return settings;
}
