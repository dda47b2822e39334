import { type Act, act, asOwner, type Builder, createLogin, letIn, type Line, nameOf, nobody, tableOf } from './world.ts';

/** People and programs that are no apps. `databases` are those that they have to do with; each has a table `notes` or `items`. */

const backup: Builder = (piece) => {
  const { id, how, databases } = piece;
  const schema = piece.table?.schema ?? 'public';
  const grants: readonly Line[] = databases.map((database) => [
    database,
    `GRANT USAGE ON SCHEMA ${schema} TO ${id}; GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${id}`,
  ]);
  return {
    ...nobody,
    script: [
      ['postgres', createLogin(id)],
      ...letIn(piece),
      ...(how === 'grants' ? grants : [['postgres', `GRANT pg_read_all_data TO ${id}`] as const]),
    ],
    acts: ['postgres', ...databases].map((database) => act(id, database, 'reads the catalog', 'SELECT count(*) > 0 AS yes FROM pg_class')),
    backup: id,
    sessions: databases.map((database) => [id, database] as const),
  };
};

const monitor: Builder = (piece) => {
  const { id, how, databases } = piece;
  const looks = (database: string): Act =>
    act(id, database, 'looks at activity', 'SELECT count(*) > 0 AS yes FROM pg_stat_activity WHERE query IS NOT NULL');
  const explain = (database: string): readonly Line[] => [
    [
      database,
      `CREATE SCHEMA ${id}; GRANT USAGE ON SCHEMA ${id} TO ${id}; CREATE FUNCTION ${id}.explain_statement(l_query text) RETURNS SETOF json LANGUAGE plpgsql SECURITY DEFINER
       AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (FORMAT JSON) ' || l_query; END $$; REVOKE ALL ON FUNCTION ${id}.explain_statement(text) FROM PUBLIC;
       GRANT EXECUTE ON FUNCTION ${id}.explain_statement(text) TO ${id}`,
    ],
  ];
  const own = how === 'definer' ? databases : [];
  return {
    ...nobody,
    script: [['postgres', `${createLogin(id, 'CONNECTION LIMIT 5')}; GRANT pg_monitor TO ${id}`], ...letIn(piece), ...own.flatMap(explain)],
    acts: [
      ...['postgres', ...databases].map(looks),
      ...own.map((database) =>
        act(
          id,
          database,
          'calls "explain_statement"',
          `SELECT count(*)::int AS n FROM ${id}.explain_statement('SELECT 1')`,
          'explain_statement',
        ),
      ),
    ],
    things: own.flatMap((database) => [
      { database, kind: 'schema', name: id, who: id } as const,
      { database, kind: 'routine', name: `${id}.explain_statement(text)`, who: id } as const,
    ]),
    sessions: [[id, 'postgres']],
  };
};

/** A standby: streams everything; and somebody who also decodes in the maintenance database. */
const replication: Builder = ({ id }) => ({
  ...nobody,
  script: [['postgres', createLogin(id, 'REPLICATION')]],
  acts: [act(id, 'postgres', 'asks how far it is', 'SELECT pg_current_wal_lsn() IS NOT NULL AS yes')],
  replicates: [
    [id, null],
    [id, 'postgres'],
  ],
});

const cdc: Builder = (piece) => {
  const { id, how, databases } = piece;
  const slots = how === 'slot' ? databases : [];
  return {
    ...nobody,
    script: [
      ['postgres', createLogin(id, 'REPLICATION')],
      ...letIn(piece),
      ...databases.map(
        (database): Line => [
          database,
          `CREATE PUBLICATION ${id}_pub FOR ${how === 'all' ? 'ALL TABLES' : `TABLE ${tableOf(piece)}`}; GRANT SELECT ON ${tableOf(piece)} TO ${id}`,
        ],
      ),
      ...slots.map((database): Line => [database, `SELECT pg_create_logical_replication_slot('${id}_${database}', 'pgoutput')`]),
    ],
    acts: databases.flatMap((database) => [
      act(id, database, 'snapshots a table', `SELECT count(*)::int AS n FROM ${tableOf(piece)}`, nameOf(piece)),
      act(
        id,
        database,
        'reads its publication',
        `SELECT tablename FROM pg_publication_tables WHERE pubname = '${id}_pub' AND tablename = '${piece.table?.name ?? 'notes'}'`,
      ),
      act(
        id,
        database,
        'sends its heartbeat',
        "SELECT pg_logical_emit_message(true, 'beat', 'x') IS NOT NULL AS sent",
        'pg_logical_emit_message',
      ),
    ]),
    things: [
      ...databases.map((database) => ({ database, kind: 'publication', name: `${id}_pub`, who: 'postgres' }) as const),
      ...slots.map((database) => ({ database, kind: 'slot', name: `${id}_${database}`, who: id }) as const),
    ],
    replicates: databases.map((database) => [id, database] as const),
  };
};

const pooler: Builder = (piece) => {
  const { id, databases } = piece;
  return {
    ...nobody,
    script: [
      ['postgres', createLogin(id)],
      ...letIn(piece),
      ...databases.map(
        (database): Line => [
          database,
          `CREATE SCHEMA ${id} AUTHORIZATION ${id}; CREATE FUNCTION ${id}.get_auth(p text) RETURNS TABLE (u text, w text) LANGUAGE sql SECURITY DEFINER
         SET search_path = pg_catalog AS $$ SELECT usename::text, passwd::text FROM pg_shadow WHERE usename = p $$;
         REVOKE ALL ON FUNCTION ${id}.get_auth(text) FROM PUBLIC; GRANT EXECUTE ON FUNCTION ${id}.get_auth(text) TO ${id}`,
        ],
      ),
    ],
    acts: databases.map((database) =>
      act(id, database, 'calls "get_auth"', `SELECT u, w IS NOT NULL AS known FROM ${id}.get_auth('postgres')`, 'get_auth'),
    ),
    things: databases.map((database) => ({ database, kind: 'routine', name: `${id}.get_auth(text)`, who: id }) as const),
    sessions: databases.map((database) => [id, database] as const),
  };
};

/** PostgREST's watch, or an audit of DDL, of the operator. */
const watch: Builder = ({ id, how, databases }) => ({
  ...nobody,
  script: databases.map(
    (database): Line => [
      database,
      `CREATE FUNCTION public.${id}() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NOTIFY pgrst, 'reload schema'; END $$;
       CREATE EVENT TRIGGER ${id} ON ${how === 'audit' ? 'ddl_command_start' : 'ddl_command_end'} EXECUTE FUNCTION public.${id}()`,
    ],
  ),
  things: databases.flatMap((database) => [
    { database, kind: 'routine', name: `public.${id}()`, who: 'postgres' } as const,
    { database, kind: 'event trigger', name: id, who: 'postgres' } as const,
  ]),
});

/** The help desk calls a function of the operator that reads what it may not read itself. */
const definer: Builder = (piece) => {
  const { id, databases } = piece;
  return {
    ...nobody,
    script: [
      ['postgres', createLogin(id)],
      ...letIn(piece),
      ...databases.map(
        (database): Line => [
          database,
          `CREATE SCHEMA ${id}_tools; CREATE FUNCTION ${id}_tools.how_many() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM ${tableOf(piece)}';
         GRANT USAGE ON SCHEMA ${id}_tools TO ${id}; REVOKE ALL ON FUNCTION ${id}_tools.how_many() FROM PUBLIC; GRANT EXECUTE ON FUNCTION ${id}_tools.how_many() TO ${id}`,
        ],
      ),
    ],
    acts: databases.map((database) => act(id, database, 'calls "how_many"', `SELECT ${id}_tools.how_many()::int AS n`, 'how_many')),
    things: databases.flatMap((database) => [
      { database, kind: 'routine', name: `${id}_tools.how_many()`, who: id } as const,
      { database, kind: 'schema', name: `${id}_tools`, who: id } as const,
    ]),
    sessions: databases.map((database) => [id, database] as const),
  };
};

/** A dashboard: a schema of the operator beside the app's, with a view and a table, and a login that reads it. */
const dashboard: Builder = (piece) => {
  const { id, databases } = piece;
  return {
    ...nobody,
    script: [
      ['postgres', createLogin(id)],
      ...letIn(piece),
      ...databases.map(
        (database): Line => [
          database,
          `CREATE SCHEMA ${id}; CREATE VIEW ${id}.counts AS SELECT count(*) AS n FROM ${tableOf(piece)}; CREATE TABLE ${id}.marks (id int PRIMARY KEY, what text);
         INSERT INTO ${id}.marks VALUES (1, 'deploy'); GRANT USAGE ON SCHEMA ${id} TO ${id}; GRANT SELECT ON ${id}.counts TO ${id}; GRANT SELECT, INSERT ON ${id}.marks TO ${id}`,
        ],
      ),
    ],
    acts: databases.flatMap((database) => [
      act(id, database, 'reads "counts"', `SELECT n::int FROM ${id}.counts`, '"counts"', `"${id}"`),
      act(id, database, 'adds to "marks"', `INSERT INTO ${id}.marks VALUES (2, 'x'); SELECT 1 AS done`, '"marks"', `"${id}"`),
    ]),
    things: databases.flatMap((database) => [
      { database, kind: 'relation', name: `${id}.counts`, who: id } as const,
      { database, kind: 'relation', name: `${id}.marks`, who: id } as const,
      { database, kind: 'schema', name: id, who: id } as const,
    ]),
    sessions: databases.map((database) => [id, database] as const),
  };
};

/** Somebody who reads because a group may, and one to whom a grant was passed on. */
const reporter: Builder = (piece) => {
  const { id, how, databases } = piece;
  return {
    ...nobody,
    script: [
      [
        'postgres',
        `CREATE ROLE ${id}_team NOLOGIN; CREATE ROLE ${id}_group NOLOGIN; GRANT ${id}_group TO ${id}_team; ${createLogin(id, "VALID UNTIL '2099-01-01'")}`,
      ],
      ['postgres', `ALTER ROLE ${id} SET statement_timeout = '90s'; GRANT ${id}_team TO ${id}; ${createLogin(`${id}_next`)}`],
      ...letIn(piece),
      ...letIn(piece, `${id}_next`),
      ...databases.flatMap((database): readonly Line[] => [
        [database, `GRANT SELECT ON ${tableOf(piece)} TO ${how === 'option' ? `${id} WITH GRANT OPTION` : `${id}_group`}`],
        ...(how === 'option' ? [[database, `GRANT SELECT ON ${tableOf(piece)} TO ${id}_next`, id] as const] : []),
        ...(how === 'future'
          ? [
              [
                database,
                asOwner(
                  piece,
                  `ALTER DEFAULT PRIVILEGES FOR ROLE %1$I IN SCHEMA ${piece.table?.schema ?? 'public'} GRANT SELECT ON TABLES TO ${id}`,
                ),
              ] as const,
            ]
          : []),
      ]),
    ],
    things:
      how === 'future'
        ? databases.map((database) => ({ database, kind: 'future', name: `${id} ${tableOf(piece)}`, who: id }) as const)
        : [],
    acts: databases.flatMap((database) => [
      act(id, database, 'reads a table', `SELECT count(*)::int AS n FROM ${tableOf(piece)}`, nameOf(piece)),
      act(id, database, 'has its setting', 'SHOW statement_timeout'),
      ...(how === 'option'
        ? [act(`${id}_next`, database, 'reads a table', `SELECT count(*)::int AS n FROM ${tableOf(piece)}`, nameOf(piece))]
        : []),
    ]),
    sessions: databases.map((database) => [id, database] as const),
  };
};

export const strangers: Readonly<Record<string, Builder>> = {
  backup,
  monitor,
  replication,
  cdc,
  pooler,
  watch,
  definer,
  dashboard,
  reporter,
};
