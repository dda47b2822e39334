import { setTimeout as sleep } from 'node:timers/promises';
import { type BackupContext, explained, type InstanceInput } from '../../../engine/index.ts';
import { fail, type Loss } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import { type Connection, openDirect, targetOf } from '../connect/connection.ts';
import { expected } from '../connect/trouble.ts';
import { marked, textOf, writeMark } from '../marks/mark.ts';
import { spotOf } from '../migrations/spots.ts';
import { retiredName } from '../names.ts';
import { ENDABLE, IN_THE_WAY } from '../queries/holders.ts';
import { ident, literal, nameArray, roles } from '../quote.ts';
import { oursQuery } from '../retire/hold.ts';
import { acceptedLogins } from '../retire/retired-spec.ts';
import { besideName } from './place.ts';
import { NAME } from './session.ts';

type Input = InstanceInput<Config, Placement>;

/** Milliseconds between two looks at who is still in there. */
const LOOK = 50;

/**
 * As `ReplaceAbility.swap`. Both names change in one transaction. The server holds off new sessions of a database while it waits
 * for those that are open, and those of the project are ended meanwhile: nothing is left closed where that is cut short.
 */
export async function swap(
  input: Input,
  app: string,
  from: 'beside' | 'aside',
  context: BackupContext & { readonly today: string },
): Promise<string> {
  const spot = spotOf(input, app);
  if (!spot) throw new Error(`${app} is not on ${input.name}`);
  const target = await targetOf(input.config, context.session);
  const opening = { database: target.database, name: NAME };
  await using operator = await openDirect(target, opening, context.session);
  await using other = await openDirect(target, opening, context.session);
  const work = async (): Promise<string> => {
    const there = await databases(operator);
    const comes = from === 'beside' ? besideName(spot.database) : newestAside(input, app, spot.database, there);
    const [old, next] = [there.get(spot.database), there.get(comes)];
    if (!old || !next)
      throw fail('CT4332', `there is no database "${comes}" to take the place of "${spot.database}"`, { instance: input.name });
    await noStrangers(operator, input, [spot.database, comes]);
    const tombstone = freeName(spot.database, context.today, there);
    const text = old.text ?? '';
    const statements = [
      ...renaming(spot.database, tombstone, marked(text, asideMark(input, app, context.today))),
      ...shutting(tombstone, old, input),
      `ALTER DATABASE ${ident(tombstone)} ALLOW_CONNECTIONS false`,
      ...renaming(comes, spot.database, marked(from === 'beside' ? text : '', writeMark({ project: input.project, app }))),
      ...shutting(spot.database, next, input),
      `ALTER DATABASE ${ident(spot.database)} ALLOW_CONNECTIONS true`,
    ];
    await renamed(operator, other, statements, { input, database: spot.database });
    return `database "${tombstone}"`;
  };
  return await explained(work(), (error) => expected(error, input.name));
}

/** A line of its comment, by which `--undo` knows it. The mark of an app stands on the one that is in use alone. */
const asideMark = ({ project }: Input, app: string, day = ''): string => `cotenant has put aside what ${project}/${app} had ${day}`;

interface There {
  /** Its comment but for a mark. */
  readonly text: string | undefined;
  readonly isOurs: boolean;
  /** Who is named in its access list besides its owner. */
  readonly named: readonly string[];
}

async function databases(operator: Connection): Promise<ReadonlyMap<string, There>> {
  const [rows = []] = await operator.rows(
    `SELECT d.datname, pg_catalog.shobj_description(d.oid, 'pg_database'), pg_catalog.pg_get_userbyid(d.datdba) = current_user,
      (SELECT pg_catalog.array_agg(DISTINCT r.rolname::text) FROM pg_catalog.aclexplode(d.datacl) a JOIN pg_catalog.pg_roles r ON r.oid = a.grantee WHERE a.grantee <> d.datdba)
    FROM pg_catalog.pg_database d`,
  );
  return new Map(
    rows.map(([name, comment, mine, named]): readonly [string, There] => {
      const { text } = textOf(typeof comment === 'string' ? comment : null);
      return [String(name), { text, isOurs: mine === true, named: Array.isArray(named) ? named.map(String) : [] }];
    }),
  );
}

function freeName(database: string, today: string, there: ReadonlyMap<string, There>): string {
  for (let nth = 1; ; nth += 1) {
    const name = retiredName(database, today, nth);
    if (!there.has(name)) return name;
  }
}

/** What the last restore has put aside. Throws CT4332 where there is nothing. */
function newestAside(input: Input, app: string, database: string, there: ReadonlyMap<string, There>): string {
  const mark = asideMark(input, app);
  const age = ([name, { text = '' }]: readonly [string, There]): readonly [day: string, nth: number] => [
    /\d{4}-\d{2}-\d{2}$/u.exec(text)?.[0] ?? '',
    Number(/__gone_\d{8}_(\d+)$/u.exec(name)?.[1] ?? 1),
  ];
  const newest = [...there]
    .filter(([name, { text = '', isOurs }]) => isOurs && name !== database && text.split('\n').some((line) => line.startsWith(mark)))
    .map((one) => ({ name: one[0], age: age(one) }))
    .sort((a, b) => (a.age[0] === b.age[0] ? b.age[1] - a.age[1] : a.age[0] < b.age[0] ? 1 : -1))[0];
  if (newest) return newest.name;
  throw fail('CT4332', `nothing of "${app}" was put aside on "${input.name}"`, {
    instance: input.name,
    hint: 'only a restore in the place of what an app has puts that aside',
  });
}

function renaming(from: string, to: string, comment: string): readonly string[] {
  return [`ALTER DATABASE ${ident(from)} RENAME TO ${ident(to)}`, `COMMENT ON DATABASE ${ident(to)} IS ${literal(comment)}`];
}

/** Nobody of the project is let into what is put aside, nor into what takes its place before its walls are built. */
function shutting(database: string, { named }: There, input: Input): readonly string[] {
  const accepted = acceptedLogins(input);
  return [`REVOKE ALL ON DATABASE ${ident(database)} FROM ${roles(['', ...named.filter((role) => !accepted.has(role))])} CASCADE`];
}

/** As `ReplaceAbility.losses`: the manifest gives its own again, and no backup has what somebody else was given by hand. */
export async function losses(input: Input, app: string, context: BackupContext): Promise<readonly Loss[]> {
  const spot = spotOf(input, app);
  if (!spot) throw new Error(`${app} is not on ${input.name}`);
  const target = await targetOf(input.config, context.session);
  await using operator = await openDirect(target, { database: target.database, name: NAME }, context.session);
  const again = nameArray([...spot.roles, ...input.operators.map(({ name }) => name)]);
  const look = operator.rows(
    `SELECT a.usename::text, count(*) FILTER (WHERE s.classid = 'pg_database'::regclass)::int, count(*) FILTER (WHERE s.dbid <> 0)::int
    FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d ON s.dbid = d.oid OR (s.classid = 'pg_database'::regclass AND s.objid = d.oid)
      JOIN (SELECT r.oid AS usesysid, r.rolname AS usename FROM pg_catalog.pg_roles r) a ON a.usesysid = s.refobjid
    WHERE d.datname = ${literal(spot.database)} AND s.refclassid = 'pg_authid'::regclass AND s.deptype = 'a' AND a.usename <> ALL (${again}) AND NOT ${oursQuery({ input })}
    GROUP BY 1 ORDER BY 1`,
  );
  const [rows = []] = await explained(look, (error) => expected(error, input.name));
  return rows.map(([who, door, inside]) => ({
    who: String(who),
    of: null,
    what: [
      ...(Number(door) > 0 ? [`its rights on database "${spot.database}", which it was given by hand`] : []),
      ...(Number(inside) > 0 ? [`its rights on ${String(inside)} objects in there: no backup has them`] : []),
    ],
    sessions: null,
    keep: null,
  }));
}

const whoIsIn = (names: readonly string[]): string =>
  `FROM pg_catalog.pg_stat_activity a WHERE a.datname IN (${names.map(literal).join(', ')}) AND ${IN_THE_WAY}`;

/** Throws CT2031: nobody of the project is ended for a change of names that cannot be. */
async function noStrangers(operator: Connection, input: Input, names: readonly string[]): Promise<void> {
  const [rows = []] = await operator.rows(
    `SELECT count(*) || ' of ' || coalesce(a.usename::text, a.backend_type, '') || ' in database ' || a.datname ${whoIsIn(names)} AND NOT (${oursQuery({ input })} AND ${ENDABLE}) GROUP BY a.usename, a.backend_type, a.datname ORDER BY 1`,
  );
  if (rows.length === 0) return;
  throw fail('CT2031', `sessions that are not the project's hold what gets another name: ${rows.map(([one]) => String(one)).join('; ')}`, {
    instance: input.name,
    hint: 'wait until they end (pg_stat_activity), and run it again: it goes on from here',
  });
}

async function renamed(
  operator: Connection,
  other: Connection,
  statements: readonly string[],
  { input, database }: { readonly input: Input; readonly database: string },
): Promise<void> {
  const done = new AbortController();
  const ending = (async () => {
    while (!done.signal.aborted) {
      await other.rows(`SELECT pg_catalog.pg_terminate_backend(a.pid) ${whoIsIn([database])} AND ${oursQuery({ input })} AND ${ENDABLE}`);
      await sleep(LOOK);
    }
  })();
  // Awaited below; until then it may fail for as long as the names take.
  ending.catch(() => undefined);
  try {
    await operator.rows(`BEGIN; ${statements.join('; ')}; COMMIT`);
  } catch (error) {
    if (operator.alive) await operator.rows('ROLLBACK');
    throw error;
  } finally {
    done.abort();
    await ending;
  }
}
