import type { Diagnostic, Loss, Command } from '../../../model/index.ts';
import type { Context } from '../steps/draft-steps.ts';
import { END } from '../connect/unended.ts';
import { basisOf } from '../observe/basis.ts';
import { peopleOf } from '../effective/people.ts';
import { readMark, writeMark } from '../marks/mark.ts';
import { ENDABLE, IN_THE_WAY } from '../queries/holders.ts';
import { literal, nameArray } from '../quote.ts';
import type { Held, Holding } from './remains-spec.ts';
import { acceptedLogins } from './retired-spec.ts';

/** Milliseconds that a session gets to end. */
const PATIENCE = 5000;

/** Sessions of others in what gets another name or goes, and whose they are. */
export interface Holder extends Holding {
  /** The app of this project, the operator or the known login that it is; null: nobody that the manifest names. */
  readonly of: string | null;
  /** Of this project: what it loses the manifest says. */
  readonly ours: boolean;
  /** Its sessions in that database. */
  readonly count: number;
}

export function heldOf(app: string, { observation }: Context): Held | undefined {
  return basisOf(observation).held.find((one) => one.app === app);
}

export function holdersOf(app: string, context: Context): readonly Holder[] {
  const accepted = acceptedLogins(context.input);
  const people = peopleOf(context.observation);
  return (heldOf(app, context)?.sessions ?? []).map((one) => {
    const mark = readMark(people?.roles.get(one.login)?.[10] ?? null);
    const ours = mark?.project === context.input.project;
    const count = one.login === '' ? 1 : (people?.sessions(one.login, one.database) ?? 1);
    return { ...one, count, ours, of: ours ? (mark.app ?? one.login) : accepted.has(one.login) ? one.login : null };
  });
}

/** Whose sessions keep an app as it is: somebody's that cannot be ended here, or that nobody has given the word for. */
export function waitsFor(app: string, context: Context): readonly Holder[] {
  return holdersOf(app, context).filter((one) => isWaitedFor(one, context));
}

function isWaitedFor({ login, ours, endable }: Holder, { confirmed }: Context): boolean {
  return !endable || (!ours && confirmed !== undefined && !confirmed.includes(login));
}

/** Who is in what gets another name, with `severity` where nothing is done because of it. */
export function heldBySessions(app: string, context: Context, severity: 'warning' | 'error', verb: string): readonly Diagnostic[] {
  return holdersOf(app, context)
    .filter(({ ours, endable }) => !ours || !endable)
    .map((one) => {
      const waits = isWaitedFor(one, context);
      return {
        code: 'CT2031',
        severity: waits ? severity : 'warning',
        message: `app "${app}": ${inWords(one)} on "${context.input.name}"${waits ? `; the app is not ${verb}` : ''}`,
        hint: hintOf(one, verb),
        instance: context.input.name,
        ...(waits && severity === 'warning' ? { waits: app } : {}),
      };
    });
}

function inWords({ login, type, database, schema, count }: Holder): string {
  const several = count === 1 ? '' : 's';
  const who = login === '' ? '' : ` of "${login}"`;
  if (schema !== null) return `an open transaction${who} uses schema "${schema}" of database "${database}"`;
  return `${count} ${type === '' ? `session${several}` : type}${who} hold${count === 1 ? 's' : ''} database "${database}"`;
}

function hintOf({ login, database, schema, endable }: Holder, verb: string): string {
  const again = 'then run the command again';
  if (login === '') return `it is not a client session, so cotenant does not end it: stop what runs there, ${again}`;
  const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${literal(database)} AND usename = ${literal(login)}`;
  if (!endable) return `this admin may not end it: have a superuser run ${end}; ${again}`;
  const does = schema === null ? 'ends its sessions there' : 'lets it fail';
  return `wait until it ends, ${again}; or pass --confirm=${login}, which ${does}: otherwise nothing is ${verb} while it is active`;
}

/** What those lose who are in there. Somebody whom the manifest names is asked for by name as well. */
export function holderLosses(app: string, database: string, schema: string | null, what: string, context: Context): readonly Loss[] {
  return holdersOf(app, context)
    .filter((one) => one.database === database && one.schema === schema && one.endable)
    .map(({ login, of, ours, count }) => ({
      who: login,
      of,
      what: [what],
      sessions: count,
      keep: null,
      ...(ours || of === null ? {} : { confirm: login }),
    }));
}

/** Ends the sessions that the plan has named, those of this project, and nobody else's. */
export function endHolders(app: string, database: string, context: Context): readonly Command[] {
  const named = holdersOf(app, context).filter((one) => one.database === database && one.schema === null && one.endable);
  const names = nameArray([...new Set(named.map(({ login }) => login))]);
  const whose = `(a.usename = ANY (${names}) OR ${oursQuery(context)})`;
  return [
    {
      op: END,
      text: `SELECT a.pid, pg_catalog.pg_terminate_backend(a.pid, ${PATIENCE}) FROM pg_catalog.pg_stat_activity a WHERE a.datname = ${literal(database)} AND ${whose} AND ${IN_THE_WAY} AND ${ENDABLE}`,
    },
  ];
}

/** Fails before anything is done where somebody is in there whom the plan has not named. */
export function guardDatabases(app: string, databases: readonly string[], own: readonly string[], context: Context): readonly Command[] {
  if (databases.length === 0) return [];
  const expected = nameArray([...own, ...holdersOf(app, context).map(({ login }) => login)]);
  const query = `SELECT count(*) || ' of ' || coalesce(a.usename::text, a.backend_type, '') || ' in database ' || a.datname FROM pg_catalog.pg_stat_activity a
    WHERE a.datname = ANY (${nameArray(databases)}) AND coalesce(a.usename <> ALL (${expected}), true) AND NOT ${oursQuery(context)} AND ${IN_THE_WAY} GROUP BY a.usename, a.backend_type, a.datname`;
  return [guard(query)];
}

/** The same for a schema: fails while somebody is in the middle of a transaction with its tables. */
export function guardSchema(app: string, schema: string, own: readonly string[], context: Context): readonly Command[] {
  const expected = nameArray([...own, ...holdersOf(app, context).map(({ login }) => login)]);
  const query = `SELECT count(DISTINCT a.pid) || ' of ' || coalesce(a.usename::text, a.backend_type, '') || ' with tables of schema ' || n.nspname
    FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'relation' AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()) AND n.nspname = ${literal(schema)}
      AND coalesce(a.usename <> ALL (${expected}), true) AND NOT ${oursQuery(context)} AND ${IN_THE_WAY} GROUP BY a.usename, a.backend_type, n.nspname`;
  return [guard(query)];
}

function guard(query: string): Command {
  const body = `DECLARE found text; BEGIN SELECT pg_catalog.string_agg(x.who, '; ') INTO found FROM (${query}) x (who); IF found IS NOT NULL THEN RAISE EXCEPTION USING ERRCODE = '55006', MESSAGE = 'sessions that the plan has not named: ' || found; END IF; END`;
  return { text: `DO ${literal(body)}` };
}

/** True in SQL for a session of a login of this project: what it loses the manifest says. */
function oursQuery({ input }: Context): string {
  const mark = writeMark({ project: input.project, app: null }).split(',')[0] ?? '';
  return `coalesce(pg_catalog.starts_with(pg_catalog.regexp_replace(pg_catalog.shobj_description(a.usesysid, 'pg_authid'), '^.*\\n', ''), ${literal(`${mark},`)}), false)`;
}
