import type { Path } from '../../../model/index.ts';
import { putIn } from '../../../util/record.ts';
import { addAppLogins, addGroups } from './roles.ts';
import type { Placement } from '../config.ts';
import { defaultKey } from '../observe/default-key.ts';
import type { Draft } from './draft.ts';
import { ENCODING } from './fixed.ts';
import { partName } from '../part-name.ts';
import { connectionsOf, slotsOf } from './logins.ts';
import { writeMark } from '../marks/mark.ts';
import type { AppNames } from '../names.ts';
import { privilegesFor } from './policy.ts';
import { doorsOf, guestsOf, type Pair, pairsFrom, SHARE_CONNECTIONS, tableShares } from '../shares/shares.ts';
import { ownDatabaseNames, sharedPlacement, type Space } from './spaces.ts';

/** Sessions that a database takes beyond its logins' own limits: operators, and both slots during a rotation. */
const SPARE_SESSIONS = 5;

/** Level `database`: the database belongs to the operator, everything in it to the app's owner role. */
export function compileOwnDatabase(draft: Draft, app: string, placement: Placement, path: Path): void {
  const names = ownDatabaseNames(app, placement);
  const { project } = draft.input;
  const pairs = pairsFrom(draft.input, app);
  const fresh = draft.claim('database', names.database, app, path);
  addGroups(draft, app, names, [], placement, path);
  addAppLogins(draft, app, placement, names, path);
  if (!fresh) return;
  const readers = draft.input.readers
    .filter((reader) => reader.reads.includes(app))
    .reduce((sum, reader) => sum + (reader.connections ?? 5), 0);
  const guests = pairs.filter(({ across }) => across !== null).length;
  draft.add(
    'database',
    names.database,
    app,
    {
      owner: 'operator',
      encoding: placement.encoding ?? ENCODING,
      locale: placement.locale ?? null,
      connectionLimit:
        placement.databaseConnections ?? connectionsOf(app, placement) + readers + guests * SHARE_CONNECTIONS + SPARE_SESSIONS,
      allowConnections: true,
      template: false,
      acl: { [names.owner]: 'CTc', [names.readWrite]: 'Tc', [names.readOnly]: 'c', ...doorsOf(pairs) },
      settings: {},
      adopt: placement.adopt,
      ...(placement.adopt && placement.databaseConnections === undefined ? { usual: true as const } : {}),
      mark: writeMark({ project, app }),
    },
    path,
  );
  for (const schema of new Set(['public', names.schema])) {
    const entries = schema === names.schema ? guestsOf(pairs) : {};
    draft.add(
      'schema',
      partName(names.database, schema),
      app,
      { owner: names.owner, acl: { ...privilegesFor('schema', names), ...entries } },
      path,
    );
  }
  const users = [names.owner, names.readWrite, names.readOnly];
  addDatabaseParts(draft, app, names.database, placement, path, users);
  addAppContents(draft, app, placement, names, null, pairs, path);
}

/** What an app makes: the rights on it by default, and on what is there. `schema` null: wherever it lies in the database. */
export function addAppContents(
  draft: Draft,
  app: string,
  placement: Placement,
  names: AppNames,
  schema: string | null,
  pairs: readonly Pair[],
  path: Path,
): void {
  const { owner, readWrite, readOnly } = names;
  const name = partName(names.database, app);
  draft.add(
    'default-privileges',
    name,
    app,
    { entries: defaultEntries([owner, ...slotsOf(app, placement)], names, placement.relax.truncate === true) },
    path,
  );
  const truncate = placement.relax.truncate === true ? { truncate: true } : {};
  const objects = {
    owner,
    readWrite,
    readOnly,
    ...truncate,
    schema,
    mode: 'app',
    column: null,
    ...tableShares(pairs),
    classes: [],
  } as const;
  draft.add('objects', name, app, objects, path);
}

/** What every database gets once, whoever lives in it. `users`: who may look into a schema that an extension chose itself. */
function addDatabaseParts(
  draft: Draft,
  app: string | null,
  database: string,
  placement: Placement,
  path: Path,
  users: readonly string[] = [],
): void {
  for (const extension of new Set(placement.extensions)) {
    const spec = { schema: 'public', installed: true, installable: true, requires: [], users } as const;
    draft.add('extension', partName(database, extension), app, spec, [...path, 'extensions']);
  }
  const families = [
    ['logical-messages', placement.relax.logicalMessages === true],
    ['advisory-locks', placement.advisoryLocks !== 'deny'],
  ] as const;
  for (const [family, publicExecute] of families) draft.add('builtin', partName(database, family), app, { publicExecute, open: [] }, path);
}

/** A database that belongs to no single app. */
export function addSharedDatabase(draft: Draft, space: Space, acl: Readonly<Record<string, string>>): void {
  const path = space.apps[0]?.path ?? draft.input.path;
  const shared = sharedPlacement(space);
  const mark = writeMark({ project: draft.input.project, app: null, name: space.database });
  draft.add(
    'database',
    space.database,
    null,
    {
      owner: 'operator',
      encoding: shared.encoding ?? ENCODING,
      locale: shared.locale ?? null,
      connectionLimit: -1,
      allowConnections: true,
      template: false,
      acl,
      settings: {},
      adopt: shared.adopt,
      ...(shared.adopt ? { usual: true as const } : {}),
      mark,
    },
    path,
  );
  addDatabaseParts(draft, null, space.database, shared, path);
}

/**
 * Nothing to PUBLIC, the right things to the groups, for every role that can create. What a login makes past its owner
 * role, as a session does that is older than the adoption, is the owner's to use until the next apply hands it over.
 */
function defaultEntries(
  creators: readonly string[],
  names: Pick<AppNames, 'owner' | 'readWrite' | 'readOnly'>,
  truncate: boolean,
): Record<string, Record<string, string>> {
  const rights = (owner: (letters: string) => Record<string, string>) =>
    ({
      table: { ...owner('Dadrtwx'), [names.readWrite]: truncate ? 'Dadrw' : 'adrw', [names.readOnly]: 'r' },
      sequence: { ...owner('Urw'), [names.readWrite]: truncate ? 'Urw' : 'Ur', [names.readOnly]: 'r' },
      function: { ...owner('X'), [names.readWrite]: 'X' },
      schema: { ...owner('CU'), [names.readWrite]: 'U', [names.readOnly]: 'U' },
    }) as const;
  // Made once for all logins.
  const [own, past] = [rights(() => ({})), rights((letters) => ({ [names.owner]: letters }))];
  const entries: Record<string, Record<string, string>> = {};
  for (const creator of creators) {
    for (const [type, acl] of Object.entries(creator === names.owner ? own : past))
      putIn(entries, defaultKey({ creator, schema: '', type }), acl);
  }
  return entries;
}
