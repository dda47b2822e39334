export * from './model/index.ts';
export type * from './app/types.ts';
export type { EnvVar, LocalWay, LockHolder, ProbeInfo, ServerFacts, Unit } from './engine/index.ts';
export type { AppDecl, EnvDecl, InstanceDecl, Manifest, MigrationsDecl, ReaderDecl, RequiresDecl } from './manifest/types.ts';
export { applyProject } from './app/apply.ts';
export { checkProject } from './app/check.ts';
export { envOfApp, type EnvRequest } from './app/env.ts';
export { historyOf, type HistoryOutcome, type HistoryRequest } from './app/history.ts';
export { importServer, type ImportOptions, type ImportOutcome } from './app/import.ts';
export { initManifest, type InitOptions, type InitOutcome } from './app/init.ts';
export { type AdoptReport, adoptMigrations } from './app/migrate/adopt.ts';
export { type DownRequest, migrateDown } from './app/migrate/down.ts';
export type { WantsBackup } from './app/migrate/first-backup.ts';
export { assertReady, type NotThere, ready, type ReadyReport, type ReadyRequest } from './app/migrate/ready.ts';
export { renderMigrations, type RenderOutcome } from './app/migrate/render.ts';
export { migrateUp, type UpRequest } from './app/migrate/up.ts';
export type { RunOrder } from './app/migrate/world.ts';
export { migrationStatus } from './app/migrate/status.ts';
export { operate } from './app/operate.ts';
export { planProject } from './app/plan.ts';
export { openProject } from './app/project.ts';
export { restoreApp } from './app/restore.ts';
export { manifestSchema } from './app/schema.ts';
export {
  type DownOptions,
  downProject,
  type LogLine,
  type LogOptions,
  logsProject,
  type Skipped,
  type StopChoice,
  type ServerChoice,
  type ServerEvent,
  type ServerUp,
  type UpOptions,
  upProject,
  type Way,
} from './app/servers.ts';
export { statusProject } from './app/status.ts';
export { superviseServer } from './app/supervise.ts';
export { applyFixes, fixPlan } from './app/fix.ts';
export { InstanceWatch, ProjectWatch } from './app/usage/watch.ts';
export {
  type VerifyOptions,
  type VerifyOutcome,
  verifyProject,
  type VerifyRequest,
  watchProject,
  type WatchRequest,
  type WatchRound,
} from './app/verify.ts';
