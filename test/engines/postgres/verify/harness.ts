import { query } from '../../../support/query.ts';
import { openProject } from '../../../../src/app/project.ts';
import { Sessions } from '../../../../src/app/sessions.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import type { Analysis } from '../../../../src/engine/index.ts';
import type { VerifyReport } from '../../../../src/model/index.ts';
import { manifestOf, type Workplace, workplace } from '../lifecycle/harness.ts';
import type { PostgresServer } from '../runtime.ts';

/** Two apps at each level, a reader, and tables with rows in all of them. */
const provingGround = manifestOf(`apps:
  m_a: { uses: { main: { connections: 5 } } }
  m_b: { uses: { main: { connections: 5 } } }
  m_s: { uses: { main: { isolation: schema, database: m_shared, connections: 5 } } }
  m_t: { uses: { main: { isolation: schema, database: m_shared, connections: 5 } } }
  m_x: { uses: { main: { isolation: rows, database: m_pool, connections: 5 } } }
  m_y: { uses: { main: { isolation: rows, database: m_pool, connections: 5 } } }
readers:
  m_lens: { reads: [m_a, m_s] }
`);

export interface Ground extends AsyncDisposable {
  readonly place: Workplace;
  sql(database: string, text: string): Promise<void>;
  verify(seed?: number): Promise<VerifyReport>;
  /** The operator's half alone. */
  analyse(): Promise<Analysis>;
}

/** Makes the apps, and lets each make its tables with its own login. */
export async function ground(server: PostgresServer, manifest: string = provingGround): Promise<Ground> {
  const place = await workplace(server, manifest);
  const url = (database: string): string => server.url.replace(/\/postgres$/, `/${encodeURIComponent(database)}`);
  const applied = await place.apply();
  if (applied.ending !== 'done' && applied.ending !== 'nothing-to-do') throw new Error(JSON.stringify(applied));
  return {
    place,
    sql: async (database, text) => {
      await query(url(database), text);
    },
    verify: async (seed = 7) => {
      const { report, diagnostics } = await verifyProject(await openProject({ cwd: place.folder, env: place.env }), { seed });
      if (diagnostics.some((one) => one.severity === 'error')) throw new Error(JSON.stringify(diagnostics));
      return report;
    },
    analyse: async () => {
      await using sessions = await Sessions.open(await openProject({ cwd: place.folder, env: place.env }));
      const verifier = await sessions.reached[0]?.session.verifier?.();
      if (!verifier) throw new Error(JSON.stringify(sessions.missed));
      return await verifier.analyse();
    },
    [Symbol.asyncDispose]: async () => await place[Symbol.asyncDispose](),
  };
}

/** Rows for everybody, made as the apps themselves. */
export async function seedTables(made: Ground): Promise<void> {
  for (const [database, owner, schema] of [
    ['m_a', 'm_a_owner', 'public'],
    ['m_b', 'm_b_owner', 'public'],
    ['m_shared', 'm_s_owner', 'm_s'],
    ['m_shared', 'm_t_owner', 'm_t'],
  ] as const) {
    await made.sql(
      database,
      `SET ROLE ${owner}; CREATE TABLE ${schema}.orders (id int PRIMARY KEY, note text); INSERT INTO ${schema}.orders VALUES (1, 'private'); CREATE SEQUENCE ${schema}.counter;
       CREATE VIEW ${schema}.notes AS SELECT note FROM ${schema}.orders; CREATE FUNCTION ${schema}.secret_sum() RETURNS bigint LANGUAGE sql AS 'SELECT 42::bigint'`,
    );
  }
  await made.sql(
    'm_pool',
    "SET ROLE m_pool_owner; CREATE TABLE public.docs (workspace text, id int, body text, PRIMARY KEY (workspace, id)); INSERT INTO public.docs VALUES ('m_x', 1, 'x'), ('m_y', 1, 'y')",
  );
  await made.place.apply(['stranger']);
}
