import type { ObserveContext } from './observe.ts';
import { partName, partOf } from '../part-name.ts';
import {
  holdersQuery,
  type PreparedRow,
  type SessionRow,
  type SlotRow,
  type SubscriptionRow,
  type UserRow,
  usersQuery,
} from '../queries/holders.ts';
import * as ask from '../queries/remains.ts';
import type { SharedRows } from '../queries/shared.ts';
import type { Held, Holding, Link, SharedRightsRow } from '../retire/remains-spec.ts';
import { mapPool } from '../../../util/pool.ts';

/** Databases that are read at the same time. */
const LANES = 4;

/** An app that leaves, and what it has. */
export interface Part {
  readonly app: string;
  readonly roles: readonly string[];
  readonly databases: readonly string[];
  /** `database/schema` of those that are its own in a database of several. */
  readonly schemas: readonly string[];
}

interface Look {
  /** Apps whose links were told before. */
  readonly idle: ReadonlySet<string>;
  /** What leads to this server. */
  readonly links: () => Promise<readonly Link[]>;
}

/** What of these apps all databases share, and who holds that. */
export async function readHeld(
  context: ObserveContext,
  rows: SharedRows,
  parts: readonly Part[],
  { idle, links: lookFor }: Look,
): Promise<readonly Held[]> {
  const roles = parts.flatMap((one) => one.roles);
  const answers = await context.shared.rows(
    [
      holdersQuery(
        parts.flatMap((one) => one.databases),
        roles,
      ),
      ask.sharedObjectsQuery(roles),
      ask.whereaboutsQuery(roles),
      ...parts.map((one) => ask.sharedRightsQuery(one.roles, context.shared.version)),
    ].join(';\n'),
  );
  // The shapes stand beside the statements.
  const [prepared, slots, subscriptions, sessions, objects, places, ...rights] = answers as unknown as readonly [
    readonly PreparedRow[],
    readonly SlotRow[],
    readonly SubscriptionRow[],
    readonly SessionRow[],
    readonly (readonly [string, string, string, string])[],
    readonly (readonly [string, string, boolean])[],
    ...(readonly SharedRightsRow[])[],
  ];
  const database = new Map(rows.databases.map((row) => [row[0], row]));
  const using = await readUsers(context, parts);
  const links = parts.every(({ app }) => idle.has(app)) ? [] : await lookFor();
  return parts.map(({ app, roles: own, databases, schemas }, at) => {
    const mine = new Set(databases);
    const ours = new Set(own);
    return {
      app,
      databases,
      prepared: prepared.filter(([of, , owner]) => mine.has(of) || ours.has(owner)).map(([of, gid, owner]) => [gid, of, owner] as const),
      slots: slots.filter(([of]) => mine.has(of)).map(([of, slot, active]) => [slot, of, active] as const),
      subscriptions: subscriptions.filter(([of]) => mine.has(of)).map(([of, name]) => [name, of] as const),
      sessions: [
        ...sessions
          .filter(([of, login]) => mine.has(of) && !ours.has(login))
          .map(([of, login, type, endable]) => ({ login, type, database: of, schema: null, endable })),
        ...using.filter(({ database: of, schema, login }) => schemas.includes(partName(of, schema ?? '')) && !ours.has(login)),
      ],
      links: idle.has(app)
        ? []
        : links.filter(({ to, login, within, who }) => !ours.has(who) && (mine.has(to ?? '') ? !mine.has(within) : ours.has(login ?? ''))),
      owns: objects.filter(([role, , , name]) => ours.has(role) && !mine.has(name)).map(([role, , what]) => [what, role] as const),
      sharedRights: rights[at] ?? [],
      sharing: places.filter(([role, of]) => of === '' && ours.has(role)).map(([role]) => role),
      closed: databases.filter((name) => database.get(name)?.[6] === false),
      templates: databases.filter((name) => database.get(name)?.[7] === true),
    };
  });
}

/** Transactions that use something in the schemas that get another name. */
async function readUsers(context: ObserveContext, parts: readonly Part[]): Promise<readonly Holding[]> {
  const places = parts.flatMap(({ schemas }) => schemas).map((one) => partOf(one));
  const perDatabase = [...Map.groupBy(places, ([database]) => database)];
  const read = await mapPool(perDatabase, LANES, async ([database, here]) => {
    await using connection = await context.open(database);
    const [rows = []] = await connection.rows(usersQuery(here.map(([, schema]) => schema)));
    return (rows as unknown as readonly UserRow[]).map(([schema, login]) => ({
      login,
      type: '',
      database,
      schema,
      endable: true,
    }));
  });
  return read.flat();
}
