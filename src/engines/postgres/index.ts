import type { Engine } from '../../engine/index.ts';
import type { Observed, Resource } from '../../model/index.ts';
import { compile } from './compile/compile.ts';
import { location, sharedBy } from './compile/spaces.ts';
import { type Config, defaultsSchema, instanceSchema, type Placement, placementSchema } from './config.ts';
import { env, envNames, logins } from './env/env.ts';
import { buildable } from './compile/buildable.ts';
import { containers, initial } from './env/initial.ts';
import { judge } from './judge/judge.ts';
import { kindOf } from './kinds/index.ts';
import { operatorRights } from './operators.ts';
import { own } from './local/ability.ts';
import { factsOf } from './kinds/kind.ts';
import { restoreSteps } from './retire/retire.ts';
import { shares } from './shares/status.ts';
import { steps } from './steps/steps.ts';
import { passwordState } from './observe/password-state.ts';

/** PostgreSQL 14 to 18, as a superuser or as a managed service's admin. */
const postgres: Engine<Config, Placement> = {
  id: 'postgres',
  title: 'PostgreSQL',
  schemes: ['postgres', 'postgresql'],
  instanceSchema,
  placementSchema,
  defaultsSchema,
  compile,
  diff(desired: Resource, observed: Observed, { server }) {
    const facts = factsOf(server);
    if (buildable(desired, observed, facts) !== null) return [];
    return kindOf(desired.address.kind)?.diff(desired.spec, observed.spec, facts, desired.address.name) ?? [];
  },
  steps,
  passwordState,
  async connect(input, context) {
    const { PostgresSession } = await import('./connect/session.ts');
    return PostgresSession.open(input, context);
  },
  env,
  envNames,
  logins,
  operatorRights,
  shares,
  async client() {
    return (await import('./env/terminal.ts')).client;
  },
  async lint() {
    return (await import('./lint/index.ts')).linter;
  },
  async migrations() {
    return (await import('./migrations/ability.ts')).migrations;
  },
  async backup() {
    return (await import('./backup/index.ts')).backup;
  },
  async vacuum() {
    return (await import('./tending/vacuum.ts')).vacuum;
  },
  async usage() {
    return (await import('./usage/ability.ts')).usage;
  },
  async render() {
    return (await import('./render/index.ts')).render;
  },
  async codes() {
    return (await import('./codes.ts')).codes;
  },
  async probes() {
    return (await import('./verify/probes/probes.ts')).probes;
  },
  async checks() {
    return (await import('./doctor/checks.ts')).checks;
  },
  judge,
  initial,
  containers,
  local: own,
  async readImport(url, password, context) {
    const { readImport } = await import('./import/import.ts');
    return await readImport(url, password, context);
  },
  restore: restoreSteps,
  sharedBy,
  location,
};

// The registry holds engines of any configuration: each one gets back what its own schemas parsed.
export default postgres as unknown as Engine;
