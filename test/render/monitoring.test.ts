import { globSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { SERVE_HEALTH } from '../../src/render/compose/compose.ts';
import { execFile } from '../support/children.ts';
import { deployTool } from '../support/deploy-tools.ts';
import { cache, checkout } from '../support/places.ts';
import { ended } from '../support/rendered.ts';
import { everyEngine, renderPlace, runTool } from './kit.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
}
const promtool = deployTool(cache, 'promtool');

const main = 'engine="postgres",instance="main"';
const shop = `${main},app="shop"`;
const day = 86_400;

/** For each alert: series that make it fire, and labels that it has then. `-`: the value at all times; days are counted back from the start. */
const firing: Readonly<Record<string, readonly [Readonly<Record<string, string>>, Readonly<Record<string, string>>]>> = {
  InstanceDown: [{ [`cotenant_instance_up{${main}}`]: '0x400' }, { engine: 'postgres', instance: 'main' }],
  AppNearConnectionLimit: [
    {
      [`cotenant_app_connections{${shop},state="active"}`]: '5x400',
      [`cotenant_app_connections{${shop},state="idle"}`]: '4x400',
      [`cotenant_app_connection_limit{${shop}}`]: '10x400',
    },
    { engine: 'postgres', instance: 'main', app: 'shop' },
  ],
  InstanceConnectionBudget: [
    {
      [`cotenant_instance_connections{${main}}`]: '80x400',
      [`cotenant_instance_connections_max{${main}}`]: '100x400',
      [`cotenant_instance_connections_reserved{${main}}`]: '10x400',
    },
    { engine: 'postgres', instance: 'main' },
  ],
  AppIdleInTransaction: [
    { [`cotenant_app_oldest_transaction_seconds{${shop}}`]: '1000x400' },
    { engine: 'postgres', instance: 'main', app: 'shop' },
  ],
  AppBlocked: [{ [`cotenant_app_blocked_sessions{${shop}}`]: '1x400' }, { engine: 'postgres', instance: 'main', app: 'shop' }],
  NoisyNeighbour: [
    {
      [`cotenant_app_exec_seconds_total{${shop}}`]: '0+55x400',
      [`cotenant_app_exec_seconds_total{${main},app="blog"}`]: '0+1x400',
    },
    { engine: 'postgres', instance: 'main', app: 'shop' },
  ],
  AppDenied: [{ [`cotenant_app_denied_total{${shop}}`]: '0+5x400' }, { engine: 'postgres', instance: 'main', app: 'shop' }],
  IsolationViolation: [{ [`cotenant_isolation_violations{${main}}`]: '1x400' }, { engine: 'postgres', instance: 'main' }],
  IsolationUnproven: [{ cotenant_isolation_last_proof_timestamp_seconds: `${-3 * day}x400` }, {}],
  BackupStale: [{ 'cotenant_backup_last_success_timestamp_seconds{app="shop"}': `${-2 * day}x400` }, { app: 'shop' }],
  RestoreTestStale: [{ 'cotenant_restore_test_last_success_timestamp_seconds{app="shop"}': `${-9 * day}x400` }, { app: 'shop' }],
  CredentialOld: [
    { [`cotenant_credential_age_seconds{${shop}}`]: `${91 * day}x400` },
    { engine: 'postgres', instance: 'main', app: 'shop' },
  ],
  Drift: [{ [`cotenant_drift_resources{${shop}}`]: '2x400' }, { engine: 'postgres', instance: 'main', app: 'shop' }],
  MonitorBlind: [
    { [`cotenant_collector_errors_total{${main},query="usage"}`]: '0+1x400' },
    { engine: 'postgres', instance: 'main', query: 'usage' },
  ],
  ManifestBroken: [{ cotenant_manifest_valid: '0x400' }, {}],
  ServiceGone: [{ 'cotenant_build_info{version="1"}': 'stale' }, {}],
  XidWraparoundNear: [{ [`cotenant_postgres_xid_age{${main}}`]: '6e8x400' }, { engine: 'postgres', instance: 'main' }],
  XidWraparound: [{ [`cotenant_postgres_xid_age{${main}}`]: '1.6e9x400' }, { engine: 'postgres', instance: 'main' }],
  ArchiveFails: [{ [`cotenant_postgres_archive_failures{${main}}`]: '0+1x400' }, { engine: 'postgres', instance: 'main' }],
  KeysEvicted: [{ 'cotenant_redis_evicted_keys{engine="redis",instance="cache"}': '0+9x400' }, { engine: 'redis', instance: 'cache' }],
  ConnectionsRejected: [
    { 'cotenant_redis_rejected_connections{engine="redis",instance="cache"}': '0+1x400' },
    { engine: 'redis', instance: 'cache' },
  ],
};

/** Nothing of this is worth a word. */
const calm: Readonly<Record<string, string>> = {
  'cotenant_build_info{version="1"}': '1x400',
  cotenant_manifest_valid: '1x400',
  [`cotenant_instance_up{${main}}`]: '1x400',
  [`cotenant_app_connections{${shop},state="active"}`]: '5x400',
  [`cotenant_app_connection_limit{${shop}}`]: '10x400',
  [`cotenant_instance_connections{${main}}`]: '60x400',
  [`cotenant_instance_connections_max{${main}}`]: '100x400',
  [`cotenant_instance_connections_reserved{${main}}`]: '10x400',
  [`cotenant_app_exec_seconds_total{${shop}}`]: '0+55x400',
  [`cotenant_app_denied_total{${shop}}`]: '0+0.5x400',
  [`cotenant_app_blocked_sessions{${shop}}`]: '0x400',
  [`cotenant_isolation_violations{${main}}`]: '0x400',
  'cotenant_backup_last_success_timestamp_seconds{app="shop"}': '0+60x400',
  [`cotenant_credential_age_seconds{${shop}}`]: `${89 * day}x400`,
  [`cotenant_drift_resources{${shop}}`]: '0x400',
  [`cotenant_postgres_xid_age{${main}}`]: '2e8x400',
  [`cotenant_postgres_archive_failures{${main}}`]: '3x400',
  'cotenant_redis_evicted_keys{engine="redis",instance="cache"}': '7x400',
};

const seriesOf = (all: Readonly<Record<string, string>>) => Object.entries(all).map(([series, values]) => ({ series, values }));

async function rendered() {
  const place = await renderPlace(everyEngine);
  await place.render();
  const rules =
    (parse(await place.read('monitoring/alerts.yml')) as { groups: readonly { rules: readonly Rule[] }[] }).groups[0]?.rules ?? [];
  return { place, rules };
}

test.skipIf(promtool === null)(
  promtool === null ? 'promtool: MISSING, see scripts/debian-root' : 'every alert fires where it should, and none where all is well',
  async () => {
    const { place, rules } = await rendered();
    await using _ = place;
    const folder = join(place.out, 'monitoring');
    await mkdir(join(place.out, 'secrets'), { recursive: true });
    await writeFile(join(place.out, 'secrets/serve-key'), 'x');
    expect(await runTool(promtool?.program ?? '', ['check', 'config', 'prometheus.yml'], folder)).toMatchObject({ code: 0 });
    expect(rules.map(({ alert }) => alert.replace('Cotenant', '')).sort()).toEqual(Object.keys(firing).sort());
    const at = '6h';
    const fires = Object.entries(firing).map(([alert, [series, labels]]) => ({
      interval: '1m',
      name: alert,
      input_series: seriesOf({ 'cotenant_build_info{version="1"}': '1x400', ...series }).filter(({ values }) => values !== 'stale'),
      promql_expr_test: [
        {
          expr: `count(ALERTS{alertname="Cotenant${alert}",alertstate="firing"${Object.entries(labels)
            .map(([name, value]) => `,${name}="${value}"`)
            .join('')}})`,
          eval_time: at,
          exp_samples: [{ labels: '{}', value: 1 }],
        },
      ],
    }));
    const quiet = {
      interval: '1m',
      name: 'calm',
      input_series: seriesOf(calm),
      promql_expr_test: [{ expr: 'count(ALERTS)', eval_time: at, exp_samples: [] }],
    };
    const tests = { rule_files: ['alerts.yml'], evaluation_interval: '1m', tests: [...fires, quiet] };
    await writeFile(join(folder, 'tests.yml'), stringify(tests));
    const { code, stdout, stderr } = await runTool(promtool?.program ?? '', ['test', 'rules', 'tests.yml'], folder);
    expect({ code, said: stdout + stderr }).toMatchObject({ code: 0 });
  },
);

test('no alert asks for a figure that nobody gives', async () => {
  const { place, rules } = await rendered();
  await using _ = place;
  const source = (pattern: string): string =>
    globSync(pattern, { cwd: checkout })
      .map((file) => readFileSync(join(checkout, file), 'utf8'))
      .join('\n');
  const given = new Set([...source('src/serve/families*.ts').matchAll(/'(cotenant_[a-z_]+)'/g)].map(([, name = '']) => name));
  for (const file of globSync('src/engines/*/usage/*.ts', { cwd: checkout }))
    for (const [, metric = ''] of readFileSync(join(checkout, file), 'utf8').matchAll(/metric: '([a-z_]+)'/g))
      given.add(`cotenant_${file.split('/')[2] ?? ''}_${metric}`);
  const asked = new Set(rules.flatMap(({ expr }) => expr.match(/cotenant_[a-z_]+/g) ?? []));
  expect([...asked].filter((name) => !given.has(name))).toEqual([]);
  expect(asked.size).toBeGreaterThan(15);
});

test('the service is healthy where it is ready, and not where it is not or is gone', async () => {
  let status = 200;
  const server = createServer((request, response) => response.writeHead(request.url === '/readyz' ? status : 404).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const line = SERVE_HEALTH.replace('4680', String(port));
  const health = async (): Promise<number> =>
    (await ended(execFile('/bin/sh', ['-c', line], { env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` } }))).code;
  expect(await health()).toBe(0);
  status = 503;
  expect(await health()).toBe(1);
  await new Promise((resolve) => server.close(resolve));
  expect(await health()).toBe(1);
});
