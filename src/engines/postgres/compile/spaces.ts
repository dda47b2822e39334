import type { Path } from '../../../model/index.ts';
import { oncePer } from '../../../util/once.ts';
import type { Placement } from '../config.ts';
import type { Input } from './draft.ts';
import { loginsOf } from './logins.ts';
import { type AppNames, baseName, roleNames } from '../names.ts';

/** A database that several apps share, and the apps in it. */
export interface Space {
  readonly database: string;
  readonly apps: readonly { readonly app: string; readonly placement: Placement; readonly path: Path }[];
}

/** The shared databases of an instance, in the order of the manifest. An input is frozen: they are worked out once. */
export const spacesOf: (input: Input) => readonly Space[] = oncePer((input) => {
  const spaces = new Map<string, { app: string; placement: Placement; path: Path }[]>();
  for (const { app, placement, path } of input.placements) {
    if (placement.isolation === 'database' || placement.database === undefined) continue;
    const members = spaces.get(placement.database) ?? [];
    members.push({ app, placement, path });
    spaces.set(placement.database, members);
  }
  return [...spaces].map(([database, apps]) => ({ database, apps }));
});

const byApp = oncePer((input: Input) => new Map(spacesOf(input).flatMap((space) => space.apps.map(({ app }) => [app, space]))));

/** The shared database that an app lives in; undefined: it has one of its own. */
export function spaceOf(input: Input, app: string): Space | undefined {
  return byApp(input).get(app);
}

/** Names of the shared databases that an app lives in, or a reader reads in. */
export function sharedBy(input: Input, app: string): readonly string[] {
  const read = input.readers.find(({ name }) => name === app)?.reads ?? [];
  return spacesOf(input).flatMap(({ database, apps }) =>
    apps.some((one) => one.app === app || read.includes(one.app)) ? [`database ${database}`] : [],
  );
}

/** One placement that stands for the whole database: extensions of all, relaxations of any. */
export function sharedPlacement(space: Space): Placement {
  const first = space.apps[0]?.placement;
  if (!first) throw new Error('a space has at least one app');
  return {
    ...first,
    extensions: [...new Set(space.apps.flatMap((app) => app.placement.extensions))].sort(),
    relax: { ...first.relax, logicalMessages: space.apps.some((app) => app.placement.relax.logicalMessages) },
    adopt: space.apps.some((app) => app.placement.adopt),
  };
}

export function ownDatabaseNames(app: string, placement: Placement): AppNames {
  const base = baseName(app);
  return { ...roleNames(base, placement.names), database: placement.database ?? base, schema: placement.schema ?? 'public' };
}

export function schemaNames(app: string, placement: Placement): AppNames {
  const base = baseName(app);
  return { ...roleNames(base, placement.names), database: placement.database ?? base, schema: placement.schema ?? base };
}

/** The group through which every app of a shared database may enter it: its access lists stay short whatever the number of apps. */
export function tenantsRole(database: string): string {
  return `${database}_tenants`;
}

export interface RowSpaceNames {
  readonly owner: string;
  readonly readWrite: string;
  /** null: no login of its apps only reads. */
  readonly readOnly: string | null;
  readonly migrators: readonly [string, string];
  readonly schema: string;
}

/** Names of a database that is shared by rows. The migrator is nobody's app: it changes the tables for all. */
export function rowSpaceNames(space: Space): RowSpaceNames {
  const { database } = space;
  return {
    owner: `${database}_owner`,
    readWrite: `${database}_rw`,
    readOnly: space.apps.some(({ app, placement }) => loginsOf(app, placement).some(({ as }) => as === 'read')) ? `${database}_ro` : null,
    migrators: [`${database}_migrator`, `${database}_migrator_2`],
    schema: sharedPlacement(space).schema ?? 'public',
  };
}

type Placed = Pick<Input['placements'][number], 'app' | 'placement'>;

/** Where an app lives: its database, the schema in it, or its rows in that. */
export function placeOf({ app, placement }: Placed): string {
  if (placement.isolation === 'database') return ownDatabaseNames(app, placement).database;
  const { database, schema } = schemaNames(app, placement);
  return placement.isolation === 'schema' ? `${database}.${schema}` : `${database} (${placement.column} = ${placement.workspace ?? app})`;
}

/** The same with the word for what it is. */
export function location(placed: Placed): string {
  const { isolation } = placed.placement;
  return `${isolation} ${isolation === 'rows' ? 'in ' : ''}${placeOf(placed)}`;
}
