import { act, type Builder, createLogin, letIn, type Line, nameOf, nobody, passwordOf, tableOf } from './world.ts';

/** People who come to an app's table by the rights of somebody else. */

/**
 * An analyst's own database, which reads an app's table through postgres_fdw: with a login of its own there, or as the app that
 * was set up by hand. Somebody else reads it through a view of the analyst, and one more by a mapping for everybody.
 */
const fdw: Builder = (piece) => {
  const {
    id,
    how,
    databases: [from = ''],
  } = piece;
  const dwh = `${id}_dwh`;
  const far = how === 'app' ? `${from}_app` : `${id}_far`;
  const [schema, name] = [piece.table?.schema ?? 'public', piece.table?.name ?? 'notes'];
  const server = (called: string): string =>
    `DO $$ BEGIN EXECUTE format('CREATE SERVER ${called} FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host %L, port %L, dbname %L)', '127.0.0.1', current_setting('port'), '${from}'); END $$`;
  const mapping = (who: string, called: string): string =>
    `CREATE USER MAPPING FOR ${who} SERVER ${called} OPTIONS (user '${far}', password '${passwordOf(far)}')`;
  const table = (called: string, of: string): string =>
    `CREATE FOREIGN TABLE public.${called} (id int, body text) SERVER ${of} OPTIONS (schema_name '${schema}', table_name '${name}')`;
  const own: readonly Line[] = [
    ['postgres', createLogin(far)],
    ...letIn(piece, far),
    [from, `GRANT USAGE ON SCHEMA ${schema} TO ${far}; GRANT SELECT ON ${tableOf(piece)} TO ${far}`],
  ];
  return {
    ...nobody,
    script: [
      ['postgres', [id, `${id}_view`, `${id}_open`].map((one) => createLogin(one)).join('; ')],
      ...(how === 'app' ? [] : own),
      ['postgres', `CREATE DATABASE ${dwh} OWNER ${id}`],
      [
        dwh,
        `CREATE EXTENSION postgres_fdw; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO ${id}; ${server('far')}; ALTER SERVER far OWNER TO ${id}; ${server('open')};
       ${mapping(id, 'far')}; ${mapping('PUBLIC', 'open')}; ${table('far_notes', 'far')}; ALTER FOREIGN TABLE public.far_notes OWNER TO ${id}; ${table('open_notes', 'open')}; GRANT SELECT ON open_notes TO ${id}_open;
       CREATE VIEW public.seen AS SELECT count(*) AS n FROM far_notes; ALTER VIEW public.seen OWNER TO ${id}; GRANT SELECT ON public.seen TO ${id}_view`,
      ],
    ],
    acts: [
      act(id, dwh, 'reads "far_notes"', 'SELECT count(*)::int AS n FROM public.far_notes', 'server "far"'),
      act(`${id}_view`, dwh, 'reads "seen"', 'SELECT n::int FROM public.seen', 'server "far"'),
      act(`${id}_open`, dwh, 'reads "open_notes"', 'SELECT count(*)::int AS n FROM public.open_notes', 'server "open"'),
      ...(how === 'app' ? [] : [act(far, from, 'reads a table', `SELECT count(*)::int AS n FROM ${tableOf(piece)}`, nameOf(piece))]),
    ],
    things: [
      { database: dwh, kind: 'server', name: 'far', who: id },
      { database: dwh, kind: 'relation', name: 'public.far_notes', who: id },
    ],
    sessions: [[id, dwh]],
  };
};

/** Somebody who reads through what a role of nobody's owns: a view, and a function whose body is a text. */
const viewer: Builder = (piece) => {
  const { id, databases } = piece;
  const maker = `${id}_maker`;
  return {
    ...nobody,
    script: [
      ['postgres', `${createLogin(id)}; CREATE ROLE ${maker} NOLOGIN`],
      ...letIn(piece),
      ...databases.map(
        (database): Line => [
          database,
          `CREATE SCHEMA ${id}; GRANT USAGE ON SCHEMA ${id} TO ${id}, ${maker}; GRANT USAGE ON SCHEMA ${piece.table?.schema ?? 'public'} TO ${maker}; GRANT SELECT ON ${tableOf(piece)} TO ${maker};
           CREATE VIEW ${id}.looks AS SELECT count(*) AS n FROM ${tableOf(piece)}; ALTER VIEW ${id}.looks OWNER TO ${maker}; GRANT SELECT ON ${id}.looks TO ${id};
           CREATE FUNCTION ${id}.counts() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM ${tableOf(piece)}'; ALTER FUNCTION ${id}.counts() OWNER TO ${maker};
           REVOKE EXECUTE ON FUNCTION ${id}.counts() FROM PUBLIC; GRANT EXECUTE ON FUNCTION ${id}.counts() TO ${id}`,
        ],
      ),
    ],
    acts: databases.flatMap((database) => [
      act(id, database, 'reads "looks"', `SELECT n::int FROM ${id}.looks`, `${id}.looks`, `schema "${id}"`),
      act(id, database, 'calls "counts"', `SELECT ${id}.counts()::int AS n`, `${id}.counts`, `schema "${id}"`),
    ]),
    sessions: databases.map((database) => [id, database] as const),
  };
};

export const through: Readonly<Record<string, Builder>> = { fdw, viewer };
