import { postgresWays } from '../engines/postgres/harness.ts';
import type { Major } from '../../src/engines/postgres/local/find.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { majorsFor } from '../support/engines.ts';
import { cache } from '../support/places.ts';
import { at, changeMark, query } from '../support/query.ts';
import type { Subject, SubjectServer, Variables } from './subject.ts';

/** The newest major day by day, with VERSIONS=turn, as in CI, two, others each day; all of them with VERSIONS=all. */
export const subjects: readonly (Subject & { readonly major: Major })[] = majorsFor(
  { versions: 'each', whole: 'moments' },
  'conformance',
).map((major) => ({
  ...subjectOf(major),
  major,
}));

function subjectOf(major: Major): Subject {
  const way = postgresWays(localMachine(), { cache, env: process.env }, { major })[0];
  const levels = { database: {}, schema: { isolation: 'schema', database: 'shared' } };
  return { engine: 'postgres', version: `postgres${major}`, levels, start: way ? async () => serverOf(await way.start()) : null };
}

function serverOf(server: Awaited<ReturnType<ReturnType<typeof postgresWays>[number]['start']>>): SubjectServer {
  const { url, host, port, password } = server;
  return {
    host,
    port,
    password,
    instance: (on) => ({ url: `postgres://postgres@${host}:${on}/postgres`, password: { env: 'ADMIN_PASSWORD' } }),
    mark: async () => await changeMark(url),
    drift: async (app) => void (await query(url, `ALTER ROLE ${app}_user CONNECTION LIMIT 3`)),
    breach: async (from, to) => {
      await query(url, `GRANT CONNECT ON DATABASE ${to} TO ${from}_user`);
      await query(at(url, { database: to }), `GRANT ${to}_owner TO ${from}_user`);
    },
    put: async (variables, text) => {
      const own = urlOf(variables);
      await query(own, 'CREATE TABLE IF NOT EXISTS kept (what text)');
      await query(own, 'DELETE FROM kept');
      await query(own, 'INSERT INTO kept VALUES ($1)', [text]);
    },
    get: async (variables) => {
      const [there] = await query(urlOf(variables), `SELECT to_regclass('kept') IS NOT NULL AS yes`);
      if (there?.['yes'] !== true) return null;
      const [row] = await query(urlOf(variables), 'SELECT what FROM kept');
      return typeof row?.['what'] === 'string' ? row['what'] : null;
    },
    handMade: async () => {
      await query(url, `CREATE ROLE legacy LOGIN PASSWORD 'of old'`);
      await query(url, 'CREATE DATABASE legacy OWNER legacy');
      return `postgres://postgres@${host}:${port}/postgres`;
    },
    stop: async () => await server.stop(),
    crash: async () => {
      await server.kill();
      await server.restart();
    },
    [Symbol.asyncDispose]: async () => await server.stop(),
  };
}

function urlOf(variables: Variables): string {
  return variables['DATABASE_URL'] ?? '';
}
