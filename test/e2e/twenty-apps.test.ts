import { expect, it } from 'vitest';
import type { Diagnostic } from '../../src/model/index.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { describeEachMysql } from '../support/engines-mysql.ts';
import { query } from '../support/query.ts';
import { testProject } from '../support/project.ts';

const apps = (n: number): string => Array.from({ length: n }, (_, at) => `  app${at + 1}: { uses: { main: {} } }\n`).join('');
const errors = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.filter(({ severity, code }) => severity === 'error' || code === 'CT2004').map(({ code, message }) => `${code} ${message}`);

describeEachPostgres(
  'twenty apps with nothing said about connections',
  { versions: 'ends', settings: { max_connections: '100' } },
  (server) => {
    it('fit into a server as it comes; one that does not is named itself', { timeout: 300_000 }, async () => {
      const manifest = (n: number): string =>
        `cotenant: 1\nproject: many\ninstances:\n  main: { engine: postgres, url: "postgres://postgres@127.0.0.1:${server().port}/postgres", password: { env: ADMIN } }\napps:\n${apps(n)}`;
      expect(await query(server().url, 'SHOW max_connections')).toEqual([{ max_connections: '100' }]);
      await using project = await testProject(manifest(20), { ADMIN: server().password });
      expect(errors((await project.plan()).plan.diagnostics)).toEqual([]);
      expect((await project.apply()).ending).toBe('done');
      expect((await project.plan()).plan.steps).toEqual([]);
      await project.write(manifest(25));
      const { plan } = await project.plan();
      const over = plan.diagnostics.find(({ code }) => code === 'CT2004');
      expect(over?.location?.line).toBe(
        manifest(25)
          .split('\n')
          .findIndex((line) => line.includes('app25:')) + 1,
      );
    });
  },
);

describeEachMysql('twenty apps with nothing said about connections', { versions: 'all' }, (server) => {
  it('fit into a server as it comes', { timeout: 300_000 }, async () => {
    const { port, password } = server();
    const manifest = `cotenant: 1\nproject: many\ninstances:\n  main: { engine: mysql, url: "mysql://root@127.0.0.1:${port}", password: { env: ADMIN }, connections: { max: 151 } }\napps:\n${apps(20)}`;
    await using project = await testProject(manifest, { ADMIN: password });
    expect(errors((await project.plan()).plan.diagnostics)).toEqual([]);
  });
});
