import { credentialCodes, isDown, type StatusReport, unreachableCodes } from '../model/index.ts';
import { familiesOfUsage } from './families-usage.ts';
import type { Family, Sample } from './metrics.ts';
import type { Service } from './route.ts';

const DAY = 86_400;

/** What is measured. Bounded: apps × instances × a dozen, whatever apps do. Asks nobody. */
export function familiesOf(service: Service, status: StatusReport): readonly Family[] {
  const { collector } = service;
  const usage = collector.project.manifest.instances.flatMap(({ name }) => collector.watches.of(name) ?? []);
  const told = new Set(usage.flatMap((one) => (isDown(one) ? [] : [one.instance])));
  const all = [
    ...ofService(service),
    ...familiesOfUsage(usage),
    ...ofUntold(status, told),
    ...ofApps(status),
    ...ofProof(service),
    ...ofMigrations(service),
    ...ofBackups(status),
  ];
  // Engines that tell less are in the same families.
  return [...Map.groupBy(all, ({ name }) => name).values()].flatMap(([first, ...more]) =>
    first ? [{ ...first, samples: [first, ...more].flatMap(({ samples }) => samples) }] : [],
  );
}

function ofService({ collector, version }: Service): readonly Family[] {
  const instances = collector.project.manifest.instances.flatMap(({ name, engine }): Sample[] => {
    const isUp = collector.isUp(name);
    return isUp === null ? [] : [{ labels: { engine: engine.id, instance: name }, value: isUp && !collector.heard.isLost(name) ? 1 : 0 }];
  });
  const counted = collector.tally
    .all()
    .map(({ engine, instance, query, ...figures }) => ({ labels: { engine, instance, query }, ...figures }));
  const of = (pick: (one: (typeof counted)[number]) => number | null): readonly Sample[] =>
    counted.flatMap((one) => {
      const value = pick(one);
      return value === null ? [] : [{ labels: one.labels, value }];
    });
  return [
    info('cotenant_build_info', 'The version that answers.', [{ labels: { version }, value: 1 }]),
    gauge('cotenant_manifest_valid', '1: the manifest can be read; 0: it is broken, and the last good one goes on.', [
      { labels: {}, value: collector.world.broken === null ? 1 : 0 },
    ]),
    gauge('cotenant_instance_up', '1: the instance answered the last time; 0: it did not, or was not heard of for long.', instances),
    gauge(
      'cotenant_collector_duration_seconds',
      'How long the last round of a query took.',
      of(({ seconds }) => seconds),
    ),
    gauge(
      'cotenant_collector_last_success_timestamp_seconds',
      'When a query last went well.',
      of(({ lastSuccess: at }) => at && at / 1000),
    ),
    counter(
      'cotenant_collector_errors_total',
      'Rounds of a query that failed.',
      of(({ errors }) => errors),
    ),
  ];
}

type Row = StatusReport['placements'][number];

function samplesOf(rows: readonly Row[], pick: (row: Row) => number | null, more: Sample['labels'] = {}): readonly Sample[] {
  return rows
    .filter(({ state }) => state !== 'unknown' && state !== 'retired')
    .flatMap((row) => {
      const value = pick(row);
      const { app, instance, engine } = row;
      return value === null ? [] : [{ labels: { engine, instance, app, ...more }, value }];
    });
}

/** Of instances that do not tell what apps use: what a look has seen. */
function ofUntold({ placements }: StatusReport, told: ReadonlySet<string>): readonly Family[] {
  const rows = placements.filter(({ instance }) => !told.has(instance));
  const connections = samplesOf(rows, (row) => row.connections, { state: 'any' });
  return [
    gauge('cotenant_app_connections', 'Open connections of an app.', connections),
    gauge(
      'cotenant_app_connection_limit',
      'How many connections an app may have.',
      samplesOf(rows, (row) => row.connectionLimit),
    ),
    gauge(
      'cotenant_app_size_bytes',
      'Size of the data of an app.',
      samplesOf(rows, ({ size }) => size),
    ),
  ];
}

function ofApps({ placements }: StatusReport): readonly Family[] {
  const age = samplesOf(placements, ({ credentialAge: days }) => days && days * DAY);
  return [
    gauge('cotenant_credential_age_seconds', 'Age of the newest credential of an app, in whole days.', age),
    gauge(
      'cotenant_drift_resources',
      'Steps that would undo what somebody changed on the server.',
      samplesOf(placements, ({ drift }) => drift),
    ),
    gauge(
      'cotenant_pending_steps',
      'Steps that an apply would take, drift among them.',
      samplesOf(placements, ({ pending }) => pending),
    ),
  ];
}

/** Nothing until a proof was made. */
function ofProof({ collector }: Service): readonly Family[] {
  const { last } = collector.proofs;
  if (last === null) return [];
  const found = last.findings.filter(({ probe }) => !unreachableCodes.has(probe) && !credentialCodes.has(probe));
  const proved = collector.project.manifest.instances.filter(({ name }) => !last.unreached.includes(name));
  const violations = proved.map(({ name, engine }) => ({
    labels: { engine: engine.id, instance: name },
    value: found.filter((one) => one.instance === name).length,
  }));
  return [
    gauge('cotenant_isolation_violations', 'Findings of the last proof: walls that do not hold, or were not proved.', violations),
    gauge('cotenant_isolation_last_proof_timestamp_seconds', 'When the walls were last proved.', [
      { labels: {}, value: Date.parse(last.at) / 1000 },
    ]),
  ];
}

function ofMigrations({ collector }: Service): readonly Family[] {
  const rows = collector.migrations.kept?.value.rows ?? [];
  const samples = rows
    .filter(({ state }) => state !== 'unknown')
    .map(({ engine, instance, app, pending }) => ({ labels: { engine, instance, app }, value: pending.length }));
  return [gauge('cotenant_migrations_pending', 'Migrations of an app that were not run yet.', samples)];
}

function ofBackups({ backups = [] }: StatusReport): readonly Family[] {
  const at = (pick: (one: (typeof backups)[number]) => string | undefined): readonly Sample[] =>
    backups.flatMap((one) => {
      const time = pick(one);
      return time === undefined ? [] : [{ labels: { app: one.app }, value: Date.parse(time) / 1000 }];
    });
  return [
    gauge(
      'cotenant_backup_last_success_timestamp_seconds',
      'When an app was last saved.',
      at(({ last }) => last?.at),
    ),
    gauge(
      'cotenant_restore_test_last_success_timestamp_seconds',
      'When a drill last brought a backup of an app back.',
      at(({ proved }) => proved?.at),
    ),
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'gauge', help, samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'counter', help, samples };
}

function info(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'info', help, samples };
}
