import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyProject } from '../../../src/app/verify.ts';
import { localMachine } from '../../../src/runtime/index.ts';
import { describeEachPostgres } from '../../support/engines.ts';
import { query } from '../../support/query.ts';
import { healthOf, renderedServer } from '../../support/rendered.ts';
import { manifestOf, urlOf, workplace } from './lifecycle/harness.ts';

const apps = `apps:
  shop: { uses: { main: { connections: 5 } } }
  blog: { uses: { main: { isolation: schema, database: shared, logins: { app: owner, reports: read } } } }
  team: { uses: { main: { isolation: rows, database: pool } } }
readers:
  lens: { reads: [shop, blog] }
shares:
  - { from: blog, to: shop, tables: [posts], via: grant }
operators:
  exporter: { may: [monitor] }
`;
const local = `cotenant: 1\nproject: life\ninstances: { main: { engine: postgres } }\n${apps}`;

describe('files for a server', () => {
  it('let each login into its own databases only, with all slots, and nobody into all', async () => {
    const { files } = await renderedServer(local);
    const lines = (files.get('pg_hba.conf') ?? '').split('\n').filter((line) => line.startsWith('host'));
    expect(lines).toEqual([
      'host all postgres samenet scram-sha-256',
      'host "shop" "shop_user","shop_user_2" samenet scram-sha-256',
      'host "shared" "blog_reports","blog_reports_2","blog_user","blog_user_2" samenet scram-sha-256',
      'host "pool" "pool_migrator","pool_migrator_2" samenet scram-sha-256',
      'host "pool" "team_user","team_user_2" samenet scram-sha-256',
      'host "shop","shared" "lens_user","lens_user_2" samenet scram-sha-256',
      'host "shared" "shop_reads_blog" samenet scram-sha-256',
      'host "postgres","template1","shop","shared","pool" "exporter" samenet scram-sha-256',
      'host sameuser "/^cotenant_drill_[0-9a-f]+$" samenet scram-sha-256',
    ]);
  });

  it('have as many connections as all may open, and pgvector where an app asks for it', async () => {
    const more = (text: string) => `cotenant: 1\nproject: p\ninstances: { main: { engine: postgres, version: '17' } }\napps:\n${text}`;
    const { files, server } = await renderedServer(
      more('  a: { uses: { main: { connections: 300, extensions: [vector] } } }\n  b: { uses: { main: { connections: 20 } } }\n'),
    );
    expect(files.get('postgresql.conf')).toContain('max_connections = 330\n');
    expect(server).toMatchObject({ image: 'pgvector/pgvector:0.8.1-pg17', data: '/var/lib/postgresql/data' });
    expect((await renderedServer(local)).server).toMatchObject({ image: 'postgres:18.6', data: '/var/lib/postgresql' });
  });

  it('a name that would be an expression in pg_hba.conf is refused', async () => {
    const odd = `cotenant: 1\nproject: p\ninstances: { main: { engine: postgres } }\napps: { a: { uses: { main: { names: { login: "/x" } } } } }\n`;
    await expect(renderedServer(odd)).rejects.toMatchObject({ diagnostics: [{ code: 'CT4705' }] });
  });
});

describeEachPostgres('a server that is started with its rendered files', { versions: 'ends', needs: ['clients'] }, (server, major) => {
  it('serves every app, proves its walls, and is healthy by a query with the right password only', async () => {
    const { files, server: rendered } = await renderedServer(local.replace('engine: postgres', `engine: postgres, version: '${major}'`));
    const machine = localMachine();
    await using folder = await machine.tempFolder('cotenant-rendered-');
    for (const [name, text] of files) await writeFile(join(folder.path, name), text.replaceAll('/etc/postgresql', folder.path));
    const own = `port = ${server().port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nshared_buffers = 16MB\nfsync = off\n`;
    await writeFile(join(folder.path, 'own.conf'), own);
    await machine.chownToServer(folder.path);
    await using place = await workplace(server(), manifestOf(apps));
    await query(server().url, "CREATE ROLE exporter LOGIN PASSWORD 'x'");
    await server().restart({ '-c config_file': join(folder.path, 'postgresql.conf') });
    expect(await query(server().url, 'SHOW shared_preload_libraries')).toEqual([{ shared_preload_libraries: 'pg_stat_statements' }]);
    expect(await query(server().url, 'SELECT line_number FROM pg_hba_file_rules WHERE error IS NOT NULL')).toEqual([]);
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    for (const app of ['shop', 'blog', 'team', 'lens'])
      expect(await query(await urlOf(place, app), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const { report } = await verifyProject(await place.open(), { seed: 7 });
    expect(report.findings.filter(({ verdict }) => verdict !== 'RESIDUAL')).toEqual([]);
    const health = { server: rendered, instance: 'main', port: server().port, programs: [server().binDir] };
    expect(await healthOf({ ...health, password: server().password })).toBe(0);
    expect(await healthOf({ ...health, password: 'wrong' })).not.toBe(0);
    await server().kill();
    expect(await healthOf({ ...health, password: server().password })).not.toBe(0);
  });
});
