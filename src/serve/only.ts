import type { DoctorOutcome } from '../app/doctor/doctor.ts';
import type { BackupRow, MigrationReport, PastRun, StatusReport } from '../model/index.ts';

/** What concerns one app of each answer, and nothing that names another one. */

export function statusOf(report: StatusReport, app: string): StatusReport {
  const placements = report.placements.filter((one) => one.app === app);
  const on = new Set(placements.map(({ instance }) => instance));
  const { backups } = report;
  return {
    placements,
    instances: report.instances.flatMap(({ name, engine, reached }) => (on.has(name) ? [{ name, engine, reached, server: {} }] : [])),
    shares: [],
    relaxations: report.relaxations.filter((one) => one.app === app),
    foreign: [],
    ...(backups === undefined ? {} : { backups: backups.filter((one) => one.app === app) }),
    diagnostics: [],
  };
}

export function migrationsOf(report: MigrationReport, app: string): MigrationReport {
  const rows = report.rows.filter((row) => row.app === app);
  const on = new Set(rows.map(({ instance }) => instance));
  return { rows, diagnostics: [], unreached: report.unreached.filter((name) => on.has(name)) };
}

export function backupsOf(rows: readonly BackupRow[], app: string): readonly BackupRow[] {
  return rows.filter((row) => row.app === app);
}

/** A run for several apps says nothing of the others, and none says who works here. */
export function runsOf(runs: readonly PastRun[], app: string): readonly PastRun[] {
  return runs.map((run) => {
    const { verb, apps } = run.head.intent;
    const intent = {
      verb,
      ...(run.head.intent.app === app ? { app } : {}),
      ...(apps?.includes(app) === true ? { apps: [app] } : {}),
      args: null,
    };
    return { ...run, head: { ...run.head, by: NOBODY, intent }, planned: null, steps: run.steps.filter((step) => step.app === app) };
  });
}

const NOBODY: PastRun['head']['by'] = { user: '', host: '', pid: 0 };

export function doctorOf({ report }: DoctorOutcome, app: string): DoctorOutcome {
  const findings = report.findings.filter(({ apps }) => apps.length === 1 && apps[0] === app);
  const on = new Set(findings.map(({ instance }) => instance));
  return {
    report: { ...report, apps: [app], instances: report.instances.filter(({ name }) => on.has(name)), findings, blind: [] },
    diagnostics: [],
  };
}
