import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { describeEachPostgres } from '../../support/engines.ts';
import { DiagnosticError } from '../../../src/model/index.ts';
import { testProject } from '../../support/project.ts';
import { query } from '../../support/query.ts';

describeEachPostgres('the admin’s password', { versions: 'newest' }, (server) => {
  const manifest = (host: string, more: string): string =>
    `cotenant: 1\nproject: clear\ninstances: { main: { engine: postgres, url: 'postgres://postgres@${host}:${server().port}/postgres'${more} } }\napps: { shop: { uses: { main: { connections: 2 } } } }\n`;
  const plan = async (host: string, more = ', password: { env: ADMIN }'): Promise<readonly string[]> => {
    await using project = await testProject(manifest(host, more), { ADMIN: server().password });
    const told = await project.plan().then(
      ({ plan: made }) => made.diagnostics,
      (error: unknown) => (error instanceof DiagnosticError ? error.diagnostics : []),
    );
    return told.map(({ code, severity }) => `${severity} ${code}`);
  };

  it('is what the manifest points at, and nothing that the environment has', async () => {
    vi.stubEnv('PGPASSWORD', server().password);
    try {
      expect(await plan('127.0.0.1', '')).toEqual(['error CT3021']);
    } finally {
      vi.unstubAllEnvs();
    }
    expect(await plan('127.0.0.1')).toEqual([]);
  });

  // The way to 0.0.0.0 ends on this machine, and nothing tells so from the address.
  it('crosses no network in clear unsaid', async () => {
    expect(await plan('0.0.0.0')).toEqual(['error CT3011']);
    expect(await plan('0.0.0.0', ', sslmode: disable, password: { env: ADMIN }')).toEqual([]);
    expect(await plan('0.0.0.0', ', tls: { mode: disable }, password: { env: ADMIN }')).toEqual([]);
  });

  it('needs the word too where the host stands among the parameters', async () => {
    const url = 'postgres://admin@/postgres?host=db.example.com';
    await using project = await testProject(
      `cotenant: 1\nproject: clear\ninstances: { main: { engine: postgres, url: '${url}' } }\napps: {}\n`,
      {},
    );
    await expect(project.open()).rejects.toThrow(/^CT3011: /);
  });

  it('is not sent to a server of another machine that asks for the password itself', async () => {
    const rules = join(server().dataDir, 'pg_hba.conf');
    const before = await readFile(rules, 'utf8');
    await writeFile(rules, `host all all all password\n${before}`);
    await query(server().url, 'SELECT pg_reload_conf()');
    try {
      await vi.waitFor(
        async () => expect(await plan('0.0.0.0', ', sslmode: disable, password: { env: ADMIN }')).toEqual(['error CT3011']),
        { timeout: 20_000 },
      );
      expect(await plan('127.0.0.1')).toEqual([]);
    } finally {
      await writeFile(rules, before);
      await query(server().url, 'SELECT pg_reload_conf()');
    }
  });
});
