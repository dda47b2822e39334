import type { Path } from '../../../model/index.ts';
import { putIn } from '../../../util/record.ts';
import { MIGRATOR_CONNECTIONS } from './budget.ts';
import { addSharedDatabase } from './database.ts';
import { addLogins, loginSettings, MEMBER, plainRole, secretName } from './roles.ts';
import { type Placement, USUAL } from '../config.ts';
import { defaultKey } from '../observe/default-key.ts';
import type { Draft } from './draft.ts';
import { partName } from '../part-name.ts';
import { writeMark } from '../marks/mark.ts';
import { loginsOf } from './logins.ts';
import { rowSpaceNames, type RowSpaceNames, type Space, sharedPlacement } from './spaces.ts';

/** Level `rows`: shared tables, one login for each app, a guard that knows the login and nothing that the client can set. */
export function compileRows(draft: Draft, space: Space): void {
  const path = space.apps[0]?.path ?? draft.input.path;
  const names = rowSpaceNames(space);
  const shared = sharedPlacement(space);
  const by = `the shared database ${space.database}`;
  const mark = writeMark({ project: draft.input.project, app: null });
  const { readOnly } = names;
  const reads = (letters: string): Record<string, string> => (readOnly === null ? {} : { [readOnly]: letters });
  const groups = [[names.owner, 'owner'] as const, [names.readWrite, 'read-write'] as const];
  for (const [name, purpose] of [...groups, ...(readOnly === null ? [] : [[readOnly, 'read-only'] as const])]) {
    if (draft.claim('role', name, by, path)) draft.add('role', name, null, plainRole(purpose, mark, { adopt: shared.adopt }), path);
  }
  addMigrators(draft, names, shared, by, mark, path);
  const temporary = space.apps.some((app) => app.placement.relax.temporary);
  if (temporary) draft.relax(null, 'relax.temporary', `temporary tables in ${space.database} are limited only by the disk`, path);
  addSharedDatabase(draft, space, { [names.owner]: 'CTc', [names.readWrite]: temporary ? 'Tc' : 'c', ...reads('c') });
  draft.add(
    'schema',
    partName(space.database, names.schema),
    null,
    { owner: names.owner, acl: { [names.owner]: 'CU', [names.readWrite]: 'U', ...reads('U') } },
    path,
  );
  if (names.schema !== 'public')
    draft.add(
      'schema',
      partName(space.database, 'public'),
      null,
      { owner: 'operator', acl: { [names.owner]: 'U', [names.readWrite]: 'U', ...reads('U') } },
      path,
    );
  const workspaces = addApps(draft, space, names);
  const entries: Record<string, Record<string, string>> = {};
  // New tables stay closed until the next apply has put the guard on them.
  for (const creator of [names.owner, ...names.migrators]) putIn(entries, defaultKey({ creator, schema: '', type: 'function' }), {});
  draft.add('default-privileges', partName(space.database, space.database), null, { entries }, path);
  draft.add(
    'row-guard',
    partName(space.database, names.schema),
    null,
    {
      column: shared.column,
      owner: names.owner,
      readWrite: names.readWrite,
      ...(readOnly === null ? {} : { readOnly }),
      workspaces,
      tables: [],
      broken: [],
      present: [],
      strangers: [],
    },
    path,
  );
  draft.add(
    'objects',
    partName(space.database, space.database),
    null,
    {
      owner: names.owner,
      readWrite: names.readWrite,
      readOnly,
      schema: names.schema,
      mode: 'rows',
      column: shared.column,
      classes: [],
    },
    path,
  );
}

/** Logins that change the shared tables, as their owner. */
function addMigrators(draft: Draft, names: RowSpaceNames, shared: Placement, by: string, mark: string, path: Path): void {
  names.migrators.forEach((login, slot) => {
    if (!draft.claim('role', login, by, path)) return;
    const live = slot === 0;
    const settings = {
      role: names.owner,
      idle_in_transaction_session_timeout: shared.idleInTransactionTimeout ?? USUAL.idleInTransactionTimeout,
    };
    const secret = live ? secretName(draft.input.name, login) : null;
    draft.add(
      'role',
      login,
      null,
      plainRole('login', mark, {
        login: live,
        connectionLimit: MIGRATOR_CONNECTIONS,
        memberOf: { [names.owner]: MEMBER },
        settings,
        password: live ? 'verified' : 'none',
        secret,
      }),
      path,
    );
  });
}

function addApps(draft: Draft, space: Space, names: RowSpaceNames): Record<string, string> {
  const workspaces: Record<string, string> = {};
  const seen = new Map<string, { app: string; path: Path }>();
  const column = space.apps[0]?.placement.column;
  for (const { app, placement, path } of space.apps) {
    const workspace = placement.workspace ?? app;
    const twin = seen.get(workspace);
    if (twin) draft.error('CT2001', `apps "${twin.app}" and "${app}" both claim the workspace "${workspace}" of "${space.database}"`, path);
    seen.set(workspace, { app, path });
    if (placement.column !== column) draft.error('CT2021', `apps of "${space.database}" disagree about column`, [...path, 'column']);
    const [main, ...others] = loginsOf(app, placement);
    for (const login of [...others, main]) {
      const { name, as, slots, connections, validUntil } = login;
      if (as === 'owner')
        draft.error(
          'CT2048',
          `app "${app}": the login "${name}" cannot be at "owner", because at level rows the tables belong to all apps of "${space.database}"`,
          [...path, 'logins', name],
          'at level rows a login is at rw or read; the tables are changed by the migrator: cotenant env APP --as migrator',
        );
      const settings = loginSettings(login.placement, {});
      addLogins(draft, {
        app,
        logins: slots,
        memberOf: [as === 'read' && names.readOnly !== null ? names.readOnly : names.readWrite],
        connections,
        validUntil,
        settings,
        adopt: placement.adopt,
        path,
      });
      for (const slot of slots) putIn(workspaces, slot, workspace);
    }
  }
  return workspaces;
}
