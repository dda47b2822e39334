import { join } from 'node:path';
import { execFile } from '../../support/children.ts';
import { describe, expect, it } from 'vitest';
import { describeEachPostgres, freshPostgres } from '../../support/engines.ts';
import { cache } from '../../support/places.ts';
import { at, query } from '../../support/query.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { localMachine } from '../../../src/runtime/index.ts';
import { postgresVersions, postgresWays } from './harness.ts';
import { majors } from '../../../src/engines/postgres/local/find.ts';

const machine = localMachine();

describe('ways to get a server', () => {
  it('are looked for in every supported major', () => {
    expect([...postgresVersions(machine, { cache, env: {} }).keys()]).toEqual([...majors]);
  });

  it('start with a server that somebody else runs, for suites that can use one', async () => {
    await using server = await freshPostgres();
    const { major } = server;
    const places = { cache, env: { [`COTENANT_TEST_POSTGRES_${major}_URL`]: server.url } };
    const [external] = postgresWays(machine, places, { major, external: true });
    expect(external?.way).toBe('url');
    const found = await external?.start();
    expect(found).toMatchObject({ url: server.url, port: server.port, password: server.password, version: server.version });
    await expect(found?.kill()).rejects.toThrow('somebody else');
    await found?.stop();
    expect(await query(server.url, 'SELECT 1 AS still')).toEqual([{ still: 1 }]);
    expect(postgresWays(machine, places, { major }).map(({ way }) => way)).not.toContain('url');
  });

  it('refuse a URL that leads to another major, or that logs in as somebody else', async () => {
    await using server = await freshPostgres();
    const other = majors.find((major) => major !== server.major) ?? 14;
    const wayTo = (major: typeof other, url: string) =>
      postgresWays(machine, { cache, env: { [`COTENANT_TEST_POSTGRES_${major}_URL`]: url } }, { major, external: true })[0];
    await expect(wayTo(other, server.url)?.start()).rejects.toThrow(`leads to PostgreSQL ${server.version}`);
    await query(server.url, `CREATE ROLE admin LOGIN SUPERUSER PASSWORD 'a'`);
    await expect(wayTo(server.major, at(server.url, { user: 'admin', password: 'a' }))?.start()).rejects.toThrow('must log in as postgres');
  });

  it('have no client programs where there is only the npm package', async () => {
    await using empty = await tempDir();
    const ways = postgresWays(machine, { cache: empty.path, env: {} }, { major: 18, needs: ['clients'] }).map(({ way }) => way);
    expect(ways).not.toContain('embedded');
    expect(ways).not.toContain('unpacked');
  });
});

describeEachPostgres('a server with clients and pgvector', { versions: 'each', needs: ['clients', 'pgvector'] }, (server) => {
  it('has both', async () => {
    await query(server().url, 'CREATE EXTENSION vector');
    const { host, port, password, binDir } = server();
    const args = ['-h', host, '-p', String(port), '-U', 'postgres', '-Atc', `SELECT '[1,2]'::vector`];
    const { stdout } = await execFile(join(binDir, 'psql'), args, { env: { PGPASSWORD: password } });
    expect(stdout).toBe('[1,2]\n');
  });
});
