import {
  type AppUsage,
  isDown,
  type TopInstance,
  type TopReport,
  type TopRow,
  type Usage,
  type UsageDown,
  type Work,
  workKinds,
} from '../../model/index.ts';
import { byText } from '../../util/text-order.ts';

export type UsageRound = readonly (Usage | UsageDown)[];

/** What weighs most in the work of an app, as far as a server tells it: time before the number of calls, and those before bytes. */
const weights = ['seconds', 'calls', 'bytesIn'] as const;

/** Compares two rounds. What was not there in the first has done nothing that is known of. */
export function topOf(before: UsageRound, now: UsageRound): TopReport {
  const earlier = new Map(before.flatMap((one) => (isDown(one) ? [] : [[one.instance, one] as const])));
  const up = now.filter((one): one is Usage => !isDown(one));
  const rows = up.flatMap((one) => rowsOf(earlier.get(one.instance), one));
  const at = now.reduce((last, one) => (one.at > last ? one.at : last), '');
  const first = before.reduce((last, one) => (one.at > last ? one.at : last), '');
  return {
    format: 1,
    at,
    seconds: secondsBetween(first, at),
    instances: now.map(instanceOf),
    rows: rows.toSorted((a, b) => (b.share ?? -1) - (a.share ?? -1) || byText(a.app, b.app) || byText(a.instance, b.instance)),
    waits: up.flatMap(({ instance, waits }) => waits.map((wait) => ({ ...wait, instance }))),
    diagnostics: now.flatMap((one) => (isDown(one) ? one.diagnostics : [])),
  };
}

function secondsBetween(first: string, last: string): number {
  return Math.max(0, Date.parse(last) - Date.parse(first)) / 1000;
}

function instanceOf(one: Usage | UsageDown): TopInstance {
  const { instance: name, engine } = one;
  if (isDown(one))
    return { name, engine, up: false, version: '', open: null, max: null, reserved: 0, others: null, pressures: [], lost: [], untold: [] };
  const { version, connections, others, pressures, lost, untold } = one;
  return {
    name,
    engine,
    up: true,
    version,
    ...connections,
    others,
    pressures,
    lost: lost.map(({ statement, why }) => `${statement}: ${why}`),
    untold,
  };
}

function rowsOf(before: Usage | undefined, now: Usage): readonly TopRow[] {
  const seconds = before === undefined ? 0 : secondsBetween(before.at, now.at);
  const earlier = new Map((before?.apps ?? []).map((one) => [one.app, one]));
  const rates = new Map(now.apps.map((one) => [one.app, ratesOf(earlier.get(one.app), one, seconds)]));
  const kind = weights.find((one) => [...rates.values()].some((rate) => (rate[one] ?? 0) > 0));
  const all = kind === undefined ? 0 : [...rates.values()].reduce((sum, rate) => sum + (rate[kind] ?? 0), 0);
  return now.apps.map((one): TopRow => {
    const mine = rates.get(one.app) ?? {};
    return {
      app: one.app,
      kind: one.kind,
      instance: now.instance,
      engine: now.engine,
      connections: one.connections,
      connectionLimit: one.connectionLimit,
      share: kind === undefined || all === 0 ? null : (mine[kind] ?? 0) / all,
      rates: mine,
      blocked: one.blocked,
      blocking: now.waits.reduce((sum, wait) => sum + (wait.holding === one.app && wait.waiting !== one.app ? wait.sessions : 0), 0),
      oldestTransaction: one.oldestTransaction,
      size: one.size?.bytes ?? null,
      sizeIsExact: one.size?.exact ?? true,
    };
  });
}

function ratesOf(before: AppUsage | undefined, now: AppUsage, seconds: number): Work {
  if (before === undefined || seconds === 0) return {};
  return Object.fromEntries(
    workKinds.flatMap((kind) => {
      const value = now.work[kind];
      return value === undefined ? [] : [[kind, Math.max(0, value - (before.work[kind] ?? 0)) / seconds] as const];
    }),
  );
}
