import type { Mutation } from './mutations.ts';

/** An object, what it is called in GRANT and ALTER, and what can be granted on it. */
interface Thing {
  readonly in: string;
  readonly on: string;
  readonly privileges: readonly string[];
  /** As ALTER names it; null: its owner does not change. */
  readonly owned: string | null;
}

const TABLE = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'ALL'];

/** Every kind of thing that an app has in its schema. */
const thingsOf = (database: string, schema: string): readonly Thing[] => [
  {
    in: database,
    on: `TABLE ${schema}.orders`,
    privileges: [...TABLE, 'SELECT (note)', 'UPDATE (note)', 'INSERT (note)', 'REFERENCES (id)'],
    owned: `TABLE ${schema}.orders`,
  },
  {
    in: database,
    on: `TABLE ${schema}.notes`,
    privileges: ['SELECT', 'INSERT', 'DELETE', 'ALL', 'SELECT (note)'],
    owned: `VIEW ${schema}.notes`,
  },
  { in: database, on: `TABLE ${schema}.digest`, privileges: ['SELECT', 'ALL'], owned: `MATERIALIZED VIEW ${schema}.digest` },
  { in: database, on: `SEQUENCE ${schema}.counter`, privileges: ['USAGE', 'SELECT', 'UPDATE'], owned: `SEQUENCE ${schema}.counter` },
  { in: database, on: `FUNCTION ${schema}.first_note()`, privileges: ['EXECUTE'], owned: `FUNCTION ${schema}.first_note()` },
  { in: database, on: `FUNCTION ${schema}.definer_note()`, privileges: ['EXECUTE'], owned: `FUNCTION ${schema}.definer_note()` },
  { in: database, on: `PROCEDURE ${schema}.clear_all()`, privileges: ['EXECUTE'], owned: `PROCEDURE ${schema}.clear_all()` },
  { in: database, on: `TYPE ${schema}.mood`, privileges: ['USAGE'], owned: `TYPE ${schema}.mood` },
  { in: database, on: `DOMAIN ${schema}.short`, privileges: ['USAGE'], owned: `DOMAIN ${schema}.short` },
  { in: database, on: `SCHEMA ${schema}`, privileges: ['USAGE', 'CREATE', 'ALL'], owned: `SCHEMA ${schema}` },
  { in: database, on: `ALL TABLES IN SCHEMA ${schema}`, privileges: ['SELECT', 'ALL'], owned: null },
];

const things: readonly Thing[] = [
  ...thingsOf('m_a', 'public'),
  ...thingsOf('m_b', 'public'),
  ...thingsOf('m_shared', 'm_s'),
  ...thingsOf('m_shared', 'm_t'),
  { in: 'm_shared', on: 'TABLE m_r.orders', privileges: TABLE, owned: 'TABLE m_r.orders' },
  { in: 'm_shared', on: 'TABLE public.board', privileges: TABLE, owned: 'TABLE public.board' },
  { in: 'm_shared', on: 'TABLE ops.board', privileges: ['SELECT', 'INSERT', 'TRIGGER', 'ALL'], owned: 'TABLE ops.board' },
  { in: 'm_shared', on: 'SCHEMA ops', privileges: ['USAGE', 'CREATE'], owned: 'SCHEMA ops' },
  { in: 'm_shared', on: 'SCHEMA public', privileges: ['CREATE'], owned: 'SCHEMA public' },
  { in: 'm_pool', on: 'TABLE public.docs', privileges: [...TABLE, 'SELECT (note)'], owned: 'TABLE public.docs' },
  { in: 'm_pool', on: 'SCHEMA public', privileges: ['CREATE'], owned: 'SCHEMA public' },
  { in: 'm_pool', on: 'SCHEMA cotenant', privileges: ['CREATE'], owned: 'SCHEMA cotenant' },
  ...['m_a', 'm_b', 'm_shared', 'm_pool'].flatMap((database): Thing[] => [
    { in: database, on: `DATABASE ${database}`, privileges: ['CONNECT', 'CREATE', 'TEMPORARY', 'ALL'], owned: `DATABASE ${database}` },
    { in: database, on: 'SCHEMA pg_catalog', privileges: ['CREATE'], owned: 'SCHEMA pg_catalog' },
    { in: database, on: 'SCHEMA information_schema', privileges: ['CREATE'], owned: 'SCHEMA information_schema' },
    ...['pg_authid', 'pg_largeobject', 'pg_statistic', 'pg_user_mapping', 'pg_subscription', 'pg_proc', 'pg_class'].map(
      (table): Thing => ({
        in: database,
        on: `TABLE pg_catalog.${table}`,
        privileges: [
          'SELECT',
          'UPDATE',
          'DELETE',
          ...(table === 'pg_largeobject'
            ? ['SELECT (loid, pageno, data)']
            : table === 'pg_authid'
              ? ['SELECT (rolname, rolpassword)', 'UPDATE (rolsuper)']
              : []),
        ],
        owned: null,
      }),
    ),
    ...[
      'pg_read_file(text)',
      'pg_ls_dir(text)',
      'lo_export(oid, text)',
      'lo_import(text)',
      'pg_terminate_backend(int, bigint)',
      'pg_reload_conf()',
      'pg_stat_reset()',
    ].map((name): Thing => ({ in: database, on: `FUNCTION pg_catalog.${name}`, privileges: ['EXECUTE'], owned: null })),
    { in: database, on: 'LANGUAGE c', privileges: [], owned: 'LANGUAGE plpgsql' },
  ]),
];

const HOLDERS = [
  'm_a_user',
  'm_a_owner',
  'm_s_user',
  'm_s_owner',
  'm_s_rw',
  'm_s_ro',
  'm_t_owner',
  'm_x_user',
  'm_pool_rw',
  'm_shared_tenants',
  'm_lens_user',
  'stranger',
  'consultant',
  'crew',
];

const everywhere = (thing: Thing): { readonly everywhere?: true } => (thing.on.startsWith('DATABASE') ? { everywhere: true } : {});

/** Every right on every kind of thing for every kind of holder, every owner, and rights on what will be made. */
export const grants: readonly Mutation[] = [
  ...things.flatMap((thing) =>
    thing.privileges.flatMap((privilege) =>
      [...HOLDERS, 'PUBLIC'].flatMap((to): Mutation[] => {
        const sql = `GRANT ${privilege} ON ${thing.on} TO ${to}`;
        const schema = / (\w+)\.\w/.exec(thing.on)?.[1];
        const entered =
          schema === undefined || schema === 'pg_catalog'
            ? []
            : [`GRANT USAGE ON SCHEMA ${schema} TO ${to}; GRANT CONNECT ON DATABASE ${thing.in} TO ${to}`];
        const base = { in: thing.in, ...everywhere(thing) };
        return [
          { id: `${thing.in}: ${sql}`, sql, ...base },
          ...entered.map((more) => ({ id: `${thing.in}: ${sql} (and in)`, sql: `${sql}; ${more}`, ...base })),
        ];
      }),
    ),
  ),
  ...things.flatMap((thing) => {
    const { owned } = thing;
    return owned === null
      ? []
      : HOLDERS.map(
          (to): Mutation => ({
            id: `${thing.in}: ALTER ${owned} OWNER TO ${to}`,
            in: thing.in,
            sql: `ALTER ${owned} OWNER TO ${to}`,
            ...everywhere(thing),
          }),
        );
  }),
  ...['m_t_owner', 'postgres', 'm_s_owner'].flatMap((creator) =>
    ['SELECT ON TABLES', 'ALL ON TABLES', 'EXECUTE ON FUNCTIONS', 'USAGE ON SEQUENCES', 'USAGE ON SCHEMAS'].flatMap((what) =>
      [...HOLDERS, 'PUBLIC'].map(
        (to): Mutation => ({
          id: `m_shared: defaults of ${creator}: ${what} to ${to}`,
          in: 'm_shared',
          sql: `ALTER DEFAULT PRIVILEGES FOR ROLE ${creator} GRANT ${what} TO ${to}`,
        }),
      ),
    ),
  ),
];
