import type { EnvContext, EnvVar } from '../../../engine/index.ts';
import { placementOf } from '../../../engine/index.ts';
import { oncePer } from '../../../util/once.ts';
import type { Input } from '../compile/draft.ts';
import { loginsOf, slotsOf } from '../compile/logins.ts';
import { ownDatabaseNames, rowSpaceNames, schemaNames, spaceOf } from '../compile/spaces.ts';
import { env } from '../env/env.ts';

/** Where an app's tables are, and whose they are. */
export interface Spot {
  readonly app: string;
  readonly database: string;
  readonly schema: string;
  /** The whole database is the app's. */
  readonly whole: boolean;
  /** It is shared by its rows, and this is where all that share it work. */
  readonly rows: boolean;
  readonly owner: string;
  /** Every role of the app. */
  readonly roles: readonly string[];
  /** How `env` calls the login that may change tables; null: the usual one. */
  readonly login: string | null;
}

export function spotOf(input: Input, app: string): Spot | null {
  const placed = placementOf(input, app);
  if (!placed) return null;
  const { placement } = placed;
  if (placement.isolation === 'rows') {
    const space = spaceOf(input, app);
    if (!space) return null;
    const { owner, readWrite, readOnly, migrators, schema } = rowSpaceNames(space);
    const roles = [owner, readWrite, ...(readOnly === null ? [] : [readOnly]), ...migrators];
    const logins = space.apps.flatMap((one) => slotsOf(one.app, one.placement));
    return { app, database: space.database, schema, whole: true, rows: true, owner, roles: [...roles, ...logins], login: 'migrator' };
  }
  const whole = placement.isolation === 'database';
  const names = whole ? ownDatabaseNames(app, placement) : schemaNames(app, placement);
  const all = loginsOf(app, placement);
  const first = all.find(({ as }) => as === 'owner');
  return {
    app,
    database: names.database,
    schema: names.schema,
    whole,
    rows: false,
    owner: names.owner,
    roles: [names.owner, names.readWrite, names.readOnly, ...all.flatMap(({ slots }) => slots)],
    login: first === undefined || first === all[0] ? null : first.name,
  };
}

/** How the server's own list shows the connections of a tool. */
export const WORKER = 'cotenant migrate';
/** How it shows one that only looks. */
export const READER = 'cotenant ready';

export const withoutPooler = oncePer((input: Input): Input => {
  const { pooler: _, ...config } = input.config;
  return { ...input, config };
});

/** Not through a pooler: a tool sets its session, and holds locks in it. */
export function variables(input: Input, app: string, context: EnvContext): readonly EnvVar[] {
  const login = spotOf(input, app)?.login ?? null;
  const made = env(withoutPooler(input), app, { ...context, prefix: null, ...(login === null ? {} : { login }) });
  // libpq and most drivers read PGAPPNAME; JDBC has it in its URL alone.
  const named = (made ?? []).map((one) => (one.name === 'JDBC_DATABASE_URL' ? { ...one, value: withApplicationName(one.value) } : one));
  return [...named, { name: 'PGAPPNAME', value: WORKER, secret: false }];
}

function withApplicationName(url: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}ApplicationName=${encodeURIComponent(WORKER)}`;
}
