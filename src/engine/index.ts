export * from './admin.ts';
export { checkBudget, type Demand } from './budget.ts';
export * from './client.ts';
export { connectFault, type ConnectionAttempt, type Fault, refusedLogin, withoutPassword, wordsOf } from './connect-fault.ts';
export * from './derived-secrets.ts';
export * from './draft.ts';
export * from './engine.ts';
export * from './first.ts';
export * from './import-names.ts';
export * from './input.ts';
export * from './kind.ts';
export type * from './lint.ts';
export * from './render.ts';
export * from './runtime.ts';
export * from './session.ts';
export * from './verify.ts';
export { accessOfApp, loginIn, type LoginVariables } from './app-login.ts';
export * from './attack-each.ts';
export type * from './backup.ts';
export * from './doctor.ts';
export * from './doctor-checks.ts';
export * from './doctor-sessions.ts';
export { type DrillOf, drillName, isDrillName } from './drill-name.ts';
export * from './secret-input.ts';
export * from './secrets.ts';
export * from './server-url.ts';
export * from './tls.ts';
export * from './lock.ts';
export * from './login-fields.ts';
export {
  addressForApps,
  adminAccess,
  atMost,
  connectionBudget,
  isVersion,
  localVersion,
  serverRules,
  sslMode,
} from './instance-fields.ts';
export * from './hashes.ts';
export { givenInClear, inClear, isLoopback } from './in-clear.ts';
export * from './findings.ts';
export * from './mark-text.ts';
export * from './migrations.ts';
export * from './operation.ts';
export * from './other-project.ts';
export * from './probe.ts';
export * from './step-draft.ts';
export * from './step-io.ts';
export * from './stripped.ts';
export * from './tending.ts';
export * from './trouble.ts';
export * from './usage.ts';
export type * from './vacuum.ts';
export * from './variables.ts';
