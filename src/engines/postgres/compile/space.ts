import type { Path } from '../../../model/index.ts';
import { putIn } from '../../../util/record.ts';
import { addAppContents, addSharedDatabase } from './database.ts';
import { addAppLogins, addGroups, plainRole } from './roles.ts';
import { compileRows } from './rows.ts';
import type { Placement } from '../config.ts';
import type { Draft } from './draft.ts';
import { ENCODING } from './fixed.ts';
import { partName } from '../part-name.ts';
import { hasWriters } from './logins.ts';
import { writeMark } from '../marks/mark.ts';
import { privilegesFor } from './policy.ts';
import { doorsOf, guestsOf, pairsFrom } from '../shares/shares.ts';
import { schemaNames, sharedPlacement, type Space, spacesOf, tenantsRole } from './spaces.ts';

export function compileSpaces(draft: Draft): void {
  for (const space of spacesOf(draft.input)) {
    const levels = new Set(space.apps.map((app) => app.placement.isolation));
    const first = space.apps[0];
    if (!first) continue;
    if (levels.size > 1) {
      draft.error(
        'CT2001',
        `database "${space.database}" is shared at two levels: ${[...levels].join(' and ')}`,
        first.path,
        'use one level for all apps of a database',
      );
      continue;
    }
    agree(draft, space);
    if (!draft.claim('database', space.database, `the shared database ${space.database}`, first.path)) continue;
    if (levels.has('rows')) compileRows(draft, space);
    else compileSchemas(draft, space);
  }
}

/** What belongs to the database and not to one app must be said alike by all. */
function agree(draft: Draft, space: Space): void {
  const [first, ...rest] = space.apps;
  for (const field of ['encoding', 'locale', 'advisoryLocks'] as const) {
    for (const { app, placement, path } of rest) {
      if (first && valueOf(placement, field) !== valueOf(first.placement, field)) {
        draft.error('CT2021', `apps "${first.app}" and "${app}" share database "${space.database}" but disagree about ${field}`, [
          ...path,
          field,
        ]);
      }
    }
  }
}

function valueOf(placement: Placement, field: 'encoding' | 'locale' | 'advisoryLocks'): string | undefined {
  return field === 'encoding' ? (placement.encoding ?? ENCODING) : placement[field];
}

function compileSchemas(draft: Draft, space: Space): void {
  const path = space.apps[0]?.path ?? draft.input.path;
  const tenants = tenantsRole(space.database);
  const acl: Record<string, string> = { [tenants]: 'c' };
  for (const { app, placement, path: at } of space.apps) {
    const names = schemaNames(app, placement);
    for (const [login, letters] of Object.entries(doorsOf(pairsFrom(draft.input, app)))) putIn(acl, login, letters);
    const own = (placement.relax.createOnDatabase ? 'C' : '') + (placement.relax.temporary ? 'T' : '');
    if (own !== '') putIn(acl, names.owner, own);
    if (placement.relax.temporary && hasWriters(app, placement)) putIn(acl, names.readWrite, 'T');
    if (placement.relax.createOnDatabase)
      draft.relax(
        app,
        'relax.createOnDatabase',
        `the app can make schemas and trusted extensions in the shared database ${space.database}`,
        at,
      );
    if (placement.relax.temporary) draft.relax(app, 'relax.temporary', 'temporary tables are limited only by the disk', at);
  }
  const mark = writeMark({ project: draft.input.project, app: null });
  if (draft.claim('role', tenants, `the shared database ${space.database}`, path))
    draft.add('role', tenants, null, plainRole('tenants', mark, { adopt: sharedPlacement(space).adopt }), path);
  addSharedDatabase(draft, space, acl);
  draft.add('schema', partName(space.database, 'public'), null, { owner: 'operator', acl: { [tenants]: 'U' } }, path);
  for (const { app, placement, path: at } of space.apps) compileSchema(draft, app, placement, at, tenants);
}

/** Level `schema`: everything of the app lies in its schema, and the login finds it first. */
function compileSchema(draft: Draft, app: string, placement: Placement, path: Path, tenants: string): void {
  const names = schemaNames(app, placement);
  if (names.schema === 'public') {
    draft.error(
      'CT2003',
      `app "${app}": the schema public of a shared database belongs to the operator`,
      [...path, 'schema'],
      'name another schema, or use level database',
    );
    return;
  }
  const fresh = draft.claim('schema', partName(names.database, names.schema), app, path, names.schema);
  addGroups(draft, app, names, [tenants], placement, path);
  addAppLogins(draft, app, placement, names, path);
  if (!fresh) return;
  const pairs = pairsFrom(draft.input, app);
  draft.add(
    'schema',
    partName(names.database, names.schema),
    app,
    { owner: names.owner, acl: { ...privilegesFor('schema', names), ...guestsOf(pairs) } },
    path,
  );
  addAppContents(draft, app, placement, names, names.schema, pairs, path);
}
