import { act, type Builder, createLogin, letIn, type Line, nobody } from './world.ts';

/**
 * Somebody whose things a role without a login owns: in the maintenance database tables with a foreign key between two owners, and
 * a function; in the databases of others an outbox, whose function and trigger send messages, and one that makes a temporary table.
 */
const outbox: Builder = (piece) => {
  const { id, databases } = piece;
  const owner = `${id}_owner`;
  const code = (name: string, returns: string, body: string): string =>
    `CREATE FUNCTION ${name}() RETURNS ${returns} LANGUAGE plpgsql SECURITY DEFINER AS $f$ BEGIN ${body} END $f$; ALTER FUNCTION ${name}() OWNER TO ${owner}`;
  const sends = `PERFORM pg_logical_emit_message(true, 'outbox', 'x')`;
  return {
    ...nobody,
    script: [
      ['postgres', `${createLogin(id)}; CREATE ROLE ${owner} NOLOGIN`],
      [
        'postgres',
        `CREATE TABLE public.${id}_hosts (id int PRIMARY KEY); ALTER TABLE public.${id}_hosts OWNER TO ${owner}; INSERT INTO public.${id}_hosts VALUES (1), (2); GRANT REFERENCES, SELECT ON public.${id}_hosts TO ${id};
         CREATE TABLE public.${id}_checks (host int REFERENCES public.${id}_hosts); ALTER TABLE public.${id}_checks OWNER TO ${id};
         ${code(`public.${id}_counts`, 'bigint', `RETURN (SELECT count(*) FROM public.${id}_hosts);`)}`,
      ],
      ...letIn(piece),
      ...databases.map(
        (database): Line => [
          database,
          `CREATE SCHEMA ${id}; GRANT USAGE ON SCHEMA ${id} TO ${id}; CREATE TABLE ${id}.box (n int); GRANT INSERT ON ${id}.box TO ${id};
           ${code(`${id}.emit`, 'int', `${sends}; RETURN 1;`)}; ${code(`${id}.fires`, 'trigger', `${sends}; RETURN NEW;`)};
           CREATE TRIGGER sends BEFORE INSERT ON ${id}.box FOR EACH ROW EXECUTE FUNCTION ${id}.fires();
           ${code(`${id}.tmp`, 'int', 'CREATE TEMP TABLE scratch (n int); RETURN 1;')}`,
        ],
      ),
    ],
    acts: [
      act(id, 'postgres', 'adds a checked row', `INSERT INTO public.${id}_checks VALUES (1); SELECT 1 AS done`, `public.${id}_checks`),
      act(id, 'postgres', 'calls "counts"', `SELECT public.${id}_counts()::int AS n`, `public.${id}_counts`),
      ...databases.flatMap((database) => [
        act(id, database, 'calls "emit"', `SELECT ${id}.emit() AS n`, `${id}.emit`, `schema "${id}"`),
        act(id, database, 'adds to "box"', `INSERT INTO ${id}.box VALUES (1); SELECT 1 AS done`, `${id}.box`, `schema "${id}"`),
        act(id, database, 'calls "tmp"', `SELECT ${id}.tmp() AS n`, `${id}.tmp`, `schema "${id}"`),
      ]),
    ],
    things: [{ database: 'postgres', kind: 'relation', name: `public.${id}_checks`, who: id }],
    sessions: [[id, 'postgres']],
  };
};

export const ownerless: Readonly<Record<string, Builder>> = { outbox };
