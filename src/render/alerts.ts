import type { Alert } from '../engine/index.ts';
import type { MadeFile } from './file.ts';
import { type Value, yaml } from './compose/yaml.ts';

const OPEN = 'sum by (engine, instance, app) (cotenant_app_connections)';
const WORK = 'rate(cotenant_app_exec_seconds_total[10m])';
const ALL_WORK = `sum by (engine, instance) (${WORK})`;

/** What hurts on a shared server. Every name is one that `cotenant serve` gives. */
const ALERTS: readonly Alert[] = [
  { name: 'InstanceDown', expr: 'cotenant_instance_up == 0', for: '2m', severity: 'page', says: 'does not answer', run: 'cotenant status' },
  {
    name: 'AppNearConnectionLimit',
    expr: `${OPEN} / on (engine, instance, app) cotenant_app_connection_limit > 0.8`,
    for: '5m',
    severity: 'warning',
    says: 'has more than 80 % of its connections open',
    run: 'cotenant status',
  },
  {
    name: 'InstanceConnectionBudget',
    expr: 'cotenant_instance_connections / (cotenant_instance_connections_max - cotenant_instance_connections_reserved) > 0.85',
    for: '2m',
    severity: 'page',
    says: 'has more than 85 % of its connections open',
    run: 'cotenant status',
  },
  {
    name: 'AppIdleInTransaction',
    expr: 'cotenant_app_oldest_transaction_seconds > 900',
    for: '1m',
    severity: 'warning',
    says: 'has a transaction that is open for more than 15 minutes',
    run: 'cotenant doctor',
  },
  {
    name: 'AppBlocked',
    expr: 'cotenant_app_blocked_sessions > 0',
    for: '5m',
    severity: 'warning',
    says: 'waits for locks',
    run: 'cotenant doctor',
  },
  {
    name: 'NoisyNeighbour',
    expr: `${WORK} / on (engine, instance) group_left () ${ALL_WORK} > 0.7 and on (engine, instance) ${ALL_WORK} > 0.5 and on (engine, instance) count by (engine, instance) (cotenant_app_exec_seconds_total) > 1`,
    for: '15m',
    severity: 'warning',
    says: 'takes more than 70 % of the time of a busy server',
    run: 'cotenant status',
  },
  {
    name: 'AppDenied',
    expr: 'increase(cotenant_app_denied_total[10m]) > 20',
    for: '0m',
    severity: 'warning',
    says: 'was refused more than 20 times in 10 minutes',
    run: 'cotenant verify',
  },
  {
    name: 'IsolationViolation',
    expr: 'cotenant_isolation_violations > 0',
    for: '0m',
    severity: 'page',
    says: 'has a wall that does not hold, or was not proved',
    run: 'cotenant verify',
  },
  {
    name: 'IsolationUnproven',
    expr: 'time() - cotenant_isolation_last_proof_timestamp_seconds > 2 * 86400',
    for: '1h',
    severity: 'warning',
    says: 'Nobody has proved the walls for two days',
    run: 'cotenant verify',
  },
  {
    name: 'BackupStale',
    expr: 'time() - cotenant_backup_last_success_timestamp_seconds > 1.5 * 86400',
    for: '10m',
    severity: 'page',
    says: 'was not saved for a day and a half',
    run: 'cotenant backup list',
  },
  {
    name: 'RestoreTestStale',
    expr: 'time() - cotenant_restore_test_last_success_timestamp_seconds > 8 * 86400',
    for: '1h',
    severity: 'warning',
    says: 'has no backup that was brought back within eight days',
    run: 'cotenant drill',
  },
  {
    name: 'CredentialOld',
    expr: 'cotenant_credential_age_seconds > 90 * 86400',
    for: '1h',
    severity: 'warning',
    says: 'has a password that is older than 90 days',
    run: 'cotenant credentials',
  },
  {
    name: 'Drift',
    expr: 'cotenant_drift_resources > 0',
    for: '1h',
    severity: 'warning',
    says: 'was changed on the server, besides the manifest',
    run: 'cotenant plan',
  },
  {
    name: 'MonitorBlind',
    expr: 'increase(cotenant_collector_errors_total[15m]) > 5',
    for: '15m',
    severity: 'warning',
    says: 'cannot be asked by the collector',
    run: 'cotenant status',
  },
  {
    name: 'ManifestBroken',
    expr: 'cotenant_manifest_valid == 0',
    for: '5m',
    severity: 'warning',
    says: 'The manifest cannot be read; the last good one goes on',
    run: 'cotenant validate',
  },
  {
    name: 'ServiceGone',
    expr: 'absent(cotenant_build_info)',
    for: '5m',
    severity: 'page',
    says: 'cotenant serve gives no figures',
    run: 'docker compose --profile monitoring ps serve',
  },
];

/** Prometheus scrapes the service with a key that lies in a file, and knows what hurts. */
export function monitoringFiles(engines: readonly Alert[]): readonly MadeFile[] {
  const scrape: Value = {
    global: { scrape_interval: '15s', evaluation_interval: '15s' },
    rule_files: ['alerts.yml'],
    scrape_configs: [
      {
        job_name: 'cotenant',
        authorization: { type: 'Bearer', credentials_file: '../secrets/serve-key' },
        static_configs: [{ targets: ['serve:4680'] }],
      },
    ],
  };
  const rules: Value = { groups: [{ name: 'cotenant', rules: [...ALERTS, ...engines].map(ruleOf) }] };
  return [
    { path: 'monitoring/prometheus.yml', target: 'monitoring', body: yaml(scrape) },
    { path: 'monitoring/alerts.yml', target: 'monitoring', body: yaml(rules) },
  ];
}

function ruleOf({ name, expr, for: wait, severity, says, run }: Alert): Value {
  const whose = /^[A-Z]|^cotenant/.test(says) ? says : `{{ if $labels.app }}{{ $labels.app }} on {{ end }}{{ $labels.instance }} ${says}`;
  return { alert: `Cotenant${name}`, expr, for: wait, labels: { severity }, annotations: { summary: whose, runbook: run } };
}
