import { type AppUsage, isDown, type Pressure, type Usage, type UsageDown, type WorkKind } from '../model/index.ts';
import type { Family, Sample } from './metrics.ts';

const COUNTED: readonly (readonly [WorkKind, string, string])[] = [
  ['seconds', 'cotenant_app_exec_seconds_total', 'Time that statements of an app took.'],
  ['calls', 'cotenant_app_calls_total', 'Statements or commands of an app.'],
  ['rows', 'cotenant_app_rows_total', 'Rows that statements of an app read or wrote.'],
  ['blocksRead', 'cotenant_app_blocks_read_total', 'Blocks that were read from the disk for an app.'],
  ['walBytes', 'cotenant_app_wal_bytes_total', 'Log that changes of an app made.'],
  ['tempBytes', 'cotenant_app_temp_bytes_total', 'Temporary files of an app.'],
  ['bytesIn', 'cotenant_app_received_bytes_total', 'What clients of an app sent.'],
  ['bytesOut', 'cotenant_app_sent_bytes_total', 'What was sent to clients of an app.'],
  ['denied', 'cotenant_app_denied_total', 'What the server refused to an app.'],
];

const STATES = [
  ['active', 'active'],
  ['idle', 'idle'],
  ['idleInTransaction', 'idle_in_transaction'],
  ['waiting', 'waiting'],
] as const;

type Labels = Readonly<Record<string, string>>;

/** What apps use. Counters count from the beginning of the watch, so what a server forgets takes nothing from them. */
export function familiesOfUsage(all: readonly (Usage | UsageDown)[]): readonly Family[] {
  const up = all.flatMap((one) => (isDown(one) ? [] : [one]));
  return [...ofInstances(up), ...ofApps(up), ...ofPressures(up)];
}

function ofInstances(up: readonly Usage[]): readonly Family[] {
  const of = (pick: (usage: Usage) => number | null): readonly Sample[] =>
    up.flatMap((usage) => sample({ engine: usage.engine, instance: usage.instance }, pick(usage)));
  return [
    gauge(
      'cotenant_instance_connections',
      'Open connections of an instance, also those of nobody here.',
      of(({ connections }) => connections.open),
    ),
    gauge(
      'cotenant_instance_connections_max',
      'How many connections an instance takes.',
      of(({ connections }) => connections.max),
    ),
    gauge(
      'cotenant_instance_connections_reserved',
      'How many of them are kept for the operator.',
      of(({ connections }) => connections.reserved),
    ),
    gauge(
      'cotenant_instance_uptime_seconds',
      'Since when an instance runs.',
      of(({ uptime }) => uptime),
    ),
  ];
}

function ofApps(up: readonly Usage[]): readonly Family[] {
  const of = (pick: (app: AppUsage) => number | null | undefined): readonly Sample[] =>
    up.flatMap(({ engine, instance, apps }) => apps.flatMap((one) => sample({ engine, instance, app: one.app }, pick(one) ?? null)));
  const connections = up.flatMap(({ engine, instance, apps }) =>
    apps.flatMap(({ app, connections: open }) =>
      open === null ? [] : STATES.map(([key, state]): Sample => ({ labels: { engine, instance, app, state }, value: open[key] })),
    ),
  );
  return [
    gauge('cotenant_app_connections', 'Open connections of an app, by what they do.', connections),
    gauge(
      'cotenant_app_connection_limit',
      'How many connections the server gives an app.',
      of(({ connectionLimit }) => connectionLimit),
    ),
    gauge(
      'cotenant_app_size_bytes',
      'Size of the data of an app.',
      of(({ size }) => size?.bytes),
    ),
    gauge(
      'cotenant_app_size_estimated',
      '1: the size is estimated from a sample.',
      of(({ size }) => (size === null ? null : size.exact ? 0 : 1)),
    ),
    gauge(
      'cotenant_app_blocked_sessions',
      'Sessions of an app that wait for a lock.',
      of(({ blocked }) => blocked),
    ),
    gauge(
      'cotenant_app_oldest_transaction_seconds',
      'Age of the oldest transaction of an app; absent: none is open.',
      of((app) => app.oldestTransaction),
    ),
    ...COUNTED.map(([kind, name, help]): Family => ({ name, type: 'counter', help, samples: of(({ work }) => work[kind]) })),
  ];
}

/** A family for each thing that a server dies of, under the name of its engine. */
function ofPressures(up: readonly Usage[]): readonly Family[] {
  const all = up.flatMap(({ engine, instance, pressures }) => pressures.map((pressure) => ({ engine, instance, pressure })));
  return [...Map.groupBy(all, ({ engine, pressure }) => `cotenant_${engine}_${pressure.metric}`)].flatMap(([name, some]) => {
    const title = some[0]?.pressure.title ?? '';
    const help = `${title.charAt(0).toUpperCase()}${title.slice(1)}`;
    const of = (pick: (pressure: Pressure) => number | null): readonly Sample[] =>
      some.flatMap(({ engine, instance, pressure }) => sample({ engine, instance, ...whichOf(pressure) }, pick(pressure)));
    return [
      gauge(
        name,
        `${help}.`,
        of(({ value }) => value),
      ),
      gauge(
        limitOf(name),
        `${help}: where it ends.`,
        of(({ limit }) => limit),
      ),
    ];
  });
}

/** The unit stays at the end. */
function limitOf(name: string): string {
  return name.endsWith('_bytes') ? name.replace(/_bytes$/, '_limit_bytes') : `${name}_limit`;
}

function whichOf({ of, state }: Pressure): Labels {
  return { ...(of === undefined ? {} : { of }), ...(state === undefined ? {} : { state }) };
}

function sample(labels: Labels, value: number | null): readonly Sample[] {
  return value === null ? [] : [{ labels, value }];
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'gauge', help, samples };
}
