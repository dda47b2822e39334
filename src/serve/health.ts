import { isReached } from '../app/survey.ts';
import type { AppBackups, MigrationRow, PlacementStatus } from '../model/index.ts';
import type { Collector } from './collector.ts';

export type Verdict = 'pass' | 'warn' | 'fail';

/** One app on one engine, or one thing of an app. Holds no address of a server and nothing that it said. */
export interface Check {
  readonly app: string;
  /** '' where it is of no server in particular. */
  readonly instance: string;
  readonly engine: string;
  readonly status: Verdict;
  /** What is wrong, in words; left out: nothing. */
  readonly output?: string;
  /** ISO time of the answer; null: there was none. */
  readonly time: string | null;
}

export interface Health {
  readonly status: Verdict;
  readonly checks: readonly Check[];
}

const words = { pass: 'healthy', warn: 'degraded', fail: 'unhealthy' } as const;

function verdictOf(checks: readonly Pick<Check, 'status'>[]): Verdict {
  if (checks.some(({ status }) => status === 'fail')) return 'fail';
  return checks.some(({ status }) => status === 'warn') ? 'warn' : 'pass';
}

/** `app` null: of all. */
export function databases(collector: Collector, app: string | null): Health {
  const checks = collector.project.manifest.instances.flatMap(({ name, engine, input }) => {
    const survey = collector.surveyOf(name);
    const rows = new Map(survey?.usage.map((row) => [row.app, row]));
    const everybody = [...input.placements.map((one) => one.app), ...input.readers.map((one) => one.name)];
    return everybody
      .filter((one) => app === null || one === app)
      .map((one): Check => {
        const base = { app: one, instance: name, engine: engine.id, time: survey?.at ?? null };
        if (survey === null) return { ...base, status: 'warn', output: 'not looked at yet' };
        if (!isReached(survey) || collector.isUp(name) === false)
          return { ...base, status: 'fail', output: 'the server does not answer, or cannot be read' };
        const silent = collector.heard.silence(name);
        if (silent > 0) {
          const output = `nothing was heard of the server for ${Math.round(silent / 1000)} s`;
          return { ...base, status: collector.heard.isLost(name) ? 'fail' : 'warn', output };
        }
        return { ...base, ...standing(rows.get(one)?.state ?? 'absent') };
      });
  });
  return { status: verdictOf(checks), checks };
}

function standing(state: PlacementStatus['state']): Pick<Check, 'status' | 'output'> {
  if (state === 'ready') return { status: 'pass' };
  if (state === 'unknown') return { status: 'fail', output: 'it could not be read' };
  const output = { absent: 'it is not there yet', incomplete: 'some of it is missing', retired: 'it was retired' }[state];
  return { status: 'warn', output };
}

export function migrations({ migrations: slot }: Pick<Collector, 'migrations'>, app: string | null): Health {
  const { kept, trouble } = slot;
  if (kept === null) return unread(trouble !== null);
  const checks = kept.value.rows
    .filter((row) => app === null || row.app === app)
    .map((row): Check => ({ app: row.app, instance: row.instance, engine: row.engine, time: kept.at, ...progress(row) }));
  return { status: verdictOf(checks), checks };
}

function progress({ state, pending, last }: MigrationRow): Pick<Check, 'status' | 'output'> {
  if (state === 'unknown') return { status: 'fail', output: 'its files or its ledger could not be read' };
  if (state === 'drifted') return { status: 'fail', output: 'files and ledger contradict each other' };
  if (last?.ending === 'failed') return { status: 'fail', output: 'the last run failed' };
  if (state === 'running') return { status: 'warn', output: 'a tool is at work' };
  return state === 'behind' ? { status: 'warn', output: `${pending.length} pending` } : { status: 'pass' };
}

const DAY = 86_400_000;
/** Days after which a backup is old; after which one that was never brought back is no proof. */
const OLD = 2;

export function backups({ backups: slot }: Pick<Collector, 'backups'>, app: string | null, now = Date.now()): Health {
  const { kept, trouble } = slot;
  if (kept === null) return unread(trouble !== null);
  const { backups: saved, diagnostics } = kept.value;
  if (saved === null) return unread(diagnostics.length > 0, 'nothing says where backups are kept');
  const checks = saved
    .filter((one) => app === null || one.app === app)
    .map((one): Check => ({ app: one.app, instance: '', engine: '', time: kept.at, ...saving(one, now) }));
  return { status: verdictOf(checks), checks };
}

function saving({ last, proved }: AppBackups, now: number): Pick<Check, 'status' | 'output'> {
  if (last === null) return { status: 'fail', output: 'it was never saved' };
  const days = (now - Date.parse(last.at)) / DAY;
  if (days > OLD) return { status: 'warn', output: `the newest backup is ${Math.floor(days)} days old` };
  return proved === null ? { status: 'warn', output: 'no backup was ever brought back by a drill' } : { status: 'pass' };
}

function unread(failed: boolean, why = 'not looked at yet'): Health {
  const base = { app: '', instance: '', engine: '', time: null };
  const check: Check = failed ? { ...base, status: 'fail', output: 'it could not be read' } : { ...base, status: 'warn', output: why };
  return { status: check.status, checks: [check] };
}

/** As it is sent. `told`: of whom it speaks, and not only how all stand. */
export function healthBody({ status, checks }: Health, told: boolean, now = Date.now()): string {
  const rows = told
    ? {
        checks: Object.fromEntries(
          [
            ...Map.groupBy(checks, ({ engine, instance, app }) => [engine, instance, app].filter((one) => one !== '').join('/') || 'all'),
          ].map(([key, some]) => [key, some.map((one) => checkBody(one, now))]),
        ),
      }
    : {};
  const of = (verdict: Verdict): number => checks.filter((one) => one.status === verdict).length;
  return `${JSON.stringify({ status, state: words[status], counts: { pass: of('pass'), warn: of('warn'), fail: of('fail') }, ...rows })}\n`;
}

function checkBody({ app, instance, engine, status, output, time }: Check, now: number): object {
  return {
    ...(app === '' ? {} : { app }),
    ...(instance === '' ? {} : { instance, engine }),
    status,
    state: words[status],
    ...(output === undefined ? {} : { output }),
    ...(time === null ? {} : { time, ageSeconds: Math.max(0, Math.round((now - Date.parse(time)) / 1000)) }),
  };
}
