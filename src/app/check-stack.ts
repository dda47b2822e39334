import {
  type AppBackups,
  type Diagnostic,
  DiagnosticError,
  type DoctorReport,
  type MigrationReport,
  type StackAnswer,
  type StackReport,
  stateOfSeverity,
  type StatusReport,
  type VerifyReport,
} from '../model/index.ts';
import { lasting } from '../util/duration.ts';
import { unlessAborted } from '../util/abort.ts';
import { doctorProject } from './doctor/doctor.ts';
import { migrationStatus } from './migrate/status.ts';
import { statusProject } from './status.ts';
import type { Project } from './types.ts';
import { verifyProject } from './verify.ts';

/** Details that stand under an answer. */
const MOST = 5;

export interface StackRequest {
  /** Seconds after which the newest backup of an app is too old. */
  readonly backupAge: number;
  readonly deadline?: number;
  /** Proves the walls as well. */
  readonly prove?: boolean;
  readonly now?: Date;
}

/** Everything that a morning look asks, from the same sources as the commands that say more, one after the other. Changes nothing. */
export async function checkStack(project: Project, request: StackRequest): Promise<StackReport> {
  const { backupAge, deadline, prove = false, now = new Date() } = request;
  const options = deadline === undefined ? {} : { deadline };
  const status = await unlessAborted(orTrouble(statusProject(project, options)), project.signal);
  const doctor = await orTrouble(doctorProject(project, { ...options, now }));
  const migrations = await unlessAborted(orTrouble(migrationStatus(project)), project.signal);
  const proof = prove ? await orTrouble(verifyProject(project, options)) : null;
  const trouble = [status, doctor, migrations, proof].flatMap((one) => (isTrouble(one) ? one : []));
  const told = [...trouble, ...(isTrouble(status) ? [] : status.diagnostics)];
  return {
    format: 1,
    at: now.toISOString(),
    answers: [
      isTrouble(status) ? lost('reached', status, 'cotenant status') : reached(status),
      isTrouble(status) ? lost('drift', status, 'cotenant plan') : drift(status),
      isTrouble(doctor) ? lost('health', doctor, 'cotenant doctor') : health(doctor.report),
      isTrouble(status) ? lost('backups', status, 'cotenant backup list') : backups(status.backups ?? null, { backupAge, now }),
      isTrouble(migrations) ? lost('migrations', migrations, 'cotenant migrate status') : pending(migrations),
      proof === null ? unproved : isTrouble(proof) ? lost('walls', proof, 'cotenant verify') : walls(proof.report),
    ],
    diagnostics: [...new Map(told.map((one) => [`${one.code} ${one.message}`, one])).values()],
  };
}

type Troubled<T> = T | readonly Diagnostic[];

async function orTrouble<T>(work: Promise<T>): Promise<Troubled<T>> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
}

function isTrouble<T>(value: Troubled<T>): value is readonly Diagnostic[] {
  return Array.isArray(value);
}

function lost(question: StackAnswer['question'], why: readonly Diagnostic[], next: string): StackAnswer {
  return { question, state: 'unknown', what: 'it could not be asked', details: some(why.map(({ message }) => message)), next };
}

function some(details: readonly string[]): readonly string[] {
  return details.length <= MOST ? details : [...details.slice(0, MOST), `and ${details.length - MOST} more`];
}

function reached({ instances, diagnostics }: StatusReport): StackAnswer {
  const missing = instances.filter((one) => !one.reached);
  const why = (name: string): string => diagnostics.find(({ instance }) => instance === name)?.message ?? `"${name}" did not answer`;
  return {
    question: 'reached',
    state: missing.length > 0 ? 'fail' : 'pass',
    what:
      missing.length === 0
        ? `${instances.length} of ${instances.length} instances answer`
        : `no answer from ${missing.length} of ${instances.length} instances`,
    details: some(missing.map(({ name }) => why(name))),
    next: missing.length > 0 ? 'cotenant doctor' : null,
  };
}

function drift({ placements, shared = { pending: 0, drift: 0 } }: StatusReport): StackAnswer {
  const [pending, drifted] = placements.reduce((sum, one) => [sum[0] + one.pending, sum[1] + one.drift] as const, [
    shared.pending,
    shared.drift,
  ] as const);
  const rows = placements.filter((one) => one.pending > 0);
  return {
    question: 'drift',
    state: pending > 0 ? 'warn' : 'pass',
    what:
      pending === 0
        ? 'the servers are as the manifest says'
        : `${pending} steps are pending, ${drifted} of them since somebody changed a server`,
    details: some(rows.map((one) => `${one.app} on ${one.instance}: ${one.pending} pending, ${one.drift} drift`)),
    next: pending > 0 ? 'cotenant plan' : null,
  };
}

function health({ findings, blind }: DoctorReport): StackAnswer {
  const [worst] = findings;
  const bad = findings.filter(({ severity }) => severity !== 'info');
  const state = worst === undefined ? (blind.length > 0 ? 'unknown' : 'pass') : stateOfSeverity(worst.severity);
  return {
    question: 'health',
    state,
    what: bad.length === 0 ? 'nothing ails the servers' : `${bad.length} ${bad.length === 1 ? 'finding' : 'findings'}`,
    details: some(bad.map(({ id, instance, what }) => `${id} on ${instance}: ${what}`)),
    next: bad.length > 0 ? 'cotenant doctor' : null,
  };
}

function backups(all: readonly AppBackups[] | null, { backupAge, now }: { readonly backupAge: number; readonly now: Date }): StackAnswer {
  if (all === null)
    return {
      question: 'backups',
      state: 'unknown',
      what: 'nothing says where backups are, or they cannot be read',
      details: [],
      next: 'cotenant backup list',
    };
  const age = (at: string): number => (now.getTime() - Date.parse(at)) / 1000;
  const none = all.filter(({ last }) => last === null).map(({ app }) => `${app} has no backup`);
  const old = all.flatMap(({ app, last }) =>
    last !== null && age(last.at) > backupAge ? [`${app}: the newest is ${lasting(age(last.at))} old`] : [],
  );
  const unproved = all.flatMap(({ app, last, proved }) => (last !== null && proved === null ? [`${app}: none was ever brought back`] : []));
  return {
    question: 'backups',
    state: none.length + old.length > 0 ? 'fail' : unproved.length > 0 ? 'warn' : 'pass',
    what:
      none.length + old.length === 0
        ? `${all.length} apps have a backup that is new enough`
        : `${none.length} apps without a backup, ${old.length} with an old one`,
    details: some([...none, ...old, ...unproved]),
    next: none.length + old.length > 0 ? 'cotenant backup run' : unproved.length > 0 ? 'cotenant drill' : null,
  };
}

function pending({ rows, unreached }: MigrationReport): StackAnswer {
  const bad = rows.filter(({ state }) => state === 'drifted' || state === 'unknown');
  const behind = rows.filter(({ state }) => state === 'behind' || state === 'running');
  const state = bad.some((one) => one.state === 'drifted')
    ? 'fail'
    : bad.length + unreached.length > 0
      ? 'unknown'
      : behind.length > 0
        ? 'warn'
        : 'pass';
  return {
    question: 'migrations',
    state,
    what:
      rows.length === 0
        ? 'no app has migrations'
        : state === 'pass'
          ? `${rows.length} apps are at their head`
          : `${behind.length} apps have something pending, ${bad.length} are drifted or unknown`,
    details: some(
      [...bad, ...behind].map(
        (one) => `${one.app} on ${one.instance}: ${one.state}${one.pending.length > 0 ? `, ${one.pending.length} pending` : ''}`,
      ),
    ),
    next: state === 'pass' ? null : 'cotenant migrate status',
  };
}

const unproved: StackAnswer = {
  question: 'walls',
  state: 'skipped',
  what: 'not asked: --verify proves them',
  details: [],
  next: 'cotenant verify',
};

function walls({ findings, counts }: VerifyReport): StackAnswer {
  return {
    question: 'walls',
    state: findings.length > 0 ? 'fail' : 'pass',
    what:
      findings.length === 0
        ? `every wall holds: ${counts.blocked} attacks were blocked`
        : `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`,
    details: some(findings.map(({ probe, instance }) => `${probe} on ${instance}`)),
    next: findings.length > 0 ? 'cotenant verify' : null,
  };
}
