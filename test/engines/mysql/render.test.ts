import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { verifyProject } from '../../../src/app/verify.ts';
import { serverProgram, unpackedInstallation } from '../../../src/engines/mysql/local/find.ts';
import { serverEnv } from '../../../src/engines/mysql/local/init.ts';
import { answers, serveArgs } from '../../../src/engines/mysql/local/serve.ts';
import { localMachine } from '../../../src/runtime/index.ts';
import { describeEachMysql } from '../../support/engines-mysql.ts';
import { cache } from '../../support/places.ts';
import { healthOf, renderedServer } from '../../support/rendered.ts';
import { twoApps, workplace } from './lifecycle/harness.ts';

describeEachMysql('a server that is started with its rendered files', { versions: 'kinds' }, (server, version) => {
  it('serves every app, proves its walls, and is healthy by a query with the right password only', async () => {
    const installation = unpackedInstallation(cache, version);
    if (installation === null) throw new Error(`no ${version}`);
    const { flavor, base } = installation;
    const manifest = twoApps.replace(/ {4}url: .*\n {4}password: .*\n/, `    product: ${flavor}\n`);
    const { files, server: rendered } = await renderedServer(manifest);
    const machine = localMachine();
    await using folder = await machine.tempFolder('cotenant-rendered-');
    const file = join(folder.path, 'cotenant.cnf');
    await writeFile(file, files.get('cotenant.cnf') ?? '');
    await machine.chownToServer(folder.path);
    const { host, port, password, dataDir } = server();
    await server().kill();
    // What the runtime always says of itself, but no setting that the file has.
    const words = serveArgs(installation, dataDir, port).filter(
      (word) => !/^--(no-defaults|skip-name|local-infile|log-bin-trust|mysqlx|symbolic)/.test(word),
    );
    const started = await machine.start(serverProgram(installation), [`--defaults-file=${file}`, ...words], {
      env: serverEnv,
      logFile: join(folder.path, 'server.log'),
      stopSignals: ['SIGTERM'],
      watchParent: { remove: [] },
    });
    try {
      await machine.untilReady(started, async () => await answers({ host, port, password }, dataDir), 60_000);
      await using place = await workplace(server(), twoApps);
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      expect(
        await place.root(
          'SELECT @@GLOBAL.skip_name_resolve AS skips, @@GLOBAL.performance_schema AS counts, @@GLOBAL.character_set_server AS letters',
        ),
      ).toEqual([{ skips: '1', counts: '1', letters: 'utf8mb4' }]);
      for (const app of ['shop', 'digi_core', 'lens'])
        expect(await place.as(app, 'SELECT 1 AS one')).toMatchObject([{ one: expect.anything() as unknown }]);
      const { report } = await verifyProject(await place.open(), { seed: 7 });
      expect(report.findings.filter(({ verdict }) => verdict !== 'RESIDUAL')).toEqual([]);
      const health = { server: rendered, instance: 'main', port, programs: [join(base, 'bin')] };
      expect(await healthOf({ ...health, password })).toBe(0);
      expect(await healthOf({ ...health, password: 'wrong' })).not.toBe(0);
      await started.stop();
      expect(await healthOf({ ...health, password })).not.toBe(0);
    } finally {
      await started.stop();
    }
  });
});
