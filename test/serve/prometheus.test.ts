import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { localMachine } from '../../src/runtime/index.ts';
import { session, urlOf, workplace } from '../engines/postgres/lifecycle/harness.ts';
import { spawn, spawnSync } from '../support/children.ts';
import { deployTool } from '../support/deploy-tools.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { cache, checkout } from '../support/places.ts';
import { query } from '../support/query.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { started } from './started.ts';

const prometheus = deployTool(cache, 'prometheus')?.program ?? null;
const promtool = deployTool(cache, 'promtool')?.program ?? null;
const alerts = join(checkout, 'docs/serve-alerts.yml');

test.skipIf(promtool === null)('the alerts of the docs can be read', () => {
  const { status, stdout } = spawnSync(promtool ?? '', ['check', 'rules', '--lint=all', '--lint-fatal', alerts], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect([status, stdout]).toEqual([0, expect.stringMatching(/SUCCESS: \d\d rules found/)]);
});

test('the alerts of the docs speak of metrics that there are', async () => {
  const sources = ['families.ts', 'families-usage.ts'].map((name) => readFile(join(checkout, 'src/serve', name), 'utf8'));
  const known = (await Promise.all(sources)).join('\n');
  const named = new Set((await readFile(alerts, 'utf8')).match(/\bcotenant_\w+/g));
  const ofEngines = [...named].filter((name) => /^cotenant_(?:postgres|redis)_/.test(name));
  expect([...named].filter((name) => !known.includes(`'${name}'`) && !ofEngines.includes(name))).toEqual([]);
  expect(ofEngines).toEqual(['cotenant_postgres_xid_age', 'cotenant_postgres_slot_retained_bytes', 'cotenant_redis_evicted_keys']);
});

interface Scraping extends AsyncDisposable {
  /** Alerts that fire, as `NAME app`. */
  firing(): Promise<readonly string[]>;
}

/** A real Prometheus that scrapes every second, with the alerts of the docs, which wait for nothing. */
async function scraping(folder: TempDir, target: string): Promise<Scraping> {
  if (prometheus === null) throw new Error('this machine has no prometheus');
  const rules = (await readFile(alerts, 'utf8')).replaceAll(/^ +for: .*\n/gm, '').replace('> 900', '> 0');
  await writeFile(join(folder.path, 'rules.yml'), rules);
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yml'],
    scrape_configs: [{ job_name: 'cotenant', static_configs: [{ targets: [target] }] }],
  };
  await writeFile(join(folder.path, 'prometheus.yml'), JSON.stringify(config));
  const port = await localMachine().freePort();
  const args = [
    `--config.file=${join(folder.path, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder.path, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn(prometheus, args, { cwd: folder.path, stdio: 'ignore', timeout: 280_000 });
  return {
    firing: async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/alerts`).catch(() => null);
      if (!answer?.ok) return [];
      const { data } = (await answer.json()) as {
        data: { alerts: readonly { state: string; labels: Readonly<Record<string, string>> }[] };
      };
      return data.alerts.flatMap(({ state, labels }) =>
        state === 'firing' ? [`${labels['alertname'] ?? ''} ${labels['app'] ?? ''}`.trim()] : [],
      );
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

describeEachPostgres('a real Prometheus', { versions: 'newest' }, (server) => {
  test.skipIf(prometheus === null)(
    'tells who blocks, who uses up its connections, and a server that is gone',
    { timeout: 300_000 },
    async () => {
      const manifest = `cotenant: 1
project: digi
instances:
  main: { engine: postgres, url: "postgres://postgres@127.0.0.1:${server().port}/postgres", password: { env: ADMIN_PASSWORD } }
apps:
  shop: { uses: { main: { connections: 3 } } }
  blog: { uses: { main: {} } }
`;
      await using place = await workplace(server(), manifest);
      expect((await place.apply()).ending).toBe('done');
      const shop = await urlOf(place, 'shop');
      await query(shop, 'CREATE TABLE t (x int); INSERT INTO t VALUES (1)');
      await using service = await started(manifest, { ADMIN_PASSWORD: server().password }, { interval: 1000 });
      await service.until('/metrics', ({ text }) => text.includes('cotenant_app_connections'));
      await using folder = await tempDir();
      await using prom = await scraping(folder, new URL(service.url).host);
      const until = async (...wanted: readonly string[]): Promise<void> => {
        const late = Date.now() + 90_000;
        for (;;) {
          const firing = await prom.firing();
          if (wanted.every((one) => firing.includes(one))) return;
          if (Date.now() > late) throw new Error(`${wanted.join(', ')} do not all fire: ${firing.join(', ')}`);
          await sleep(100);
        }
      };
      const holder = await session(shop, 'BEGIN; UPDATE t SET x = 2');
      const other = await session(shop);
      const waiting = query(shop, 'UPDATE t SET x = 3').catch(() => undefined);
      await until('CotenantAppBlocked shop', 'CotenantAppHoldsTransaction shop', 'CotenantAppNearConnectionLimit shop');
      // The service has another secret store than whoever applied, so it sees drift of both.
      expect((await prom.firing()).filter((one) => /^CotenantApp.* blog$/.test(one))).toEqual([]);
      await holder.end();
      await other.end();
      await waiting;
      await server().kill();
      await until('CotenantInstanceDown');
      await server().restart();
      for (;;) {
        if (!(await prom.firing()).includes('CotenantInstanceDown')) break;
        await sleep(100);
      }
    },
  );
});
