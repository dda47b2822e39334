import type { Engine } from '../../engine/index.ts';
import type { Observed, Resource } from '../../model/index.ts';
import { compile } from './compile/compile.ts';
import { type Config, defaultsSchema, instanceSchema, type Placement, placementSchema } from './config.ts';
import { env, envNames, logins } from './env/env.ts';
import { factsOf } from './observe/facts.ts';
import { containers, initial } from './env/initial.ts';
import { judge } from './judge/judge.ts';
import { kindOf } from './kinds/index.ts';
import { operatorRights } from './judge/people.ts';
import { restoreSteps } from './retire/retire.ts';
import { shares } from './shares.ts';
import { steps } from './steps/steps.ts';
import { namesOf } from './names.ts';
import { passwordState } from './observe/password-state.ts';

/** MariaDB 10.11 and later, MySQL 8.4 and later. */
const mysql: Engine<Config, Placement> = {
  id: 'mysql',
  title: 'MySQL and MariaDB',
  schemes: ['mysql', 'mariadb'],
  instanceSchema,
  placementSchema,
  defaultsSchema,
  compile,
  diff(desired: Resource, observed: Observed, { server }) {
    return kindOf(desired.address.kind)?.diff(desired.spec, observed.spec, factsOf(server)) ?? [];
  },
  steps,
  passwordState,
  async connect(input, context) {
    const { MysqlSession } = await import('./connect/session.ts');
    return MysqlSession.open(input, context);
  },
  env,
  envNames,
  logins,
  async client() {
    return (await import('./env/terminal.ts')).client;
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
    return (await import('./verify/probes.ts')).probes;
  },
  async checks() {
    return (await import('./doctor/checks.ts')).checks;
  },
  judge,
  shares,
  initial,
  containers,
  async readImport(url, password, context) {
    const { readImport } = await import('./import/import.ts');
    return await readImport(url, password, context);
  },
  location: ({ app, placement }) => `database ${namesOf(app, placement).database}`,
  restore: restoreSteps,
  operatorRights,
  local: {
    isOwn: ({ url }) => url === undefined,
    at: (config, host, port) => ({ ...config, url: `mysql://root@${host}:${port}` }),
    async runtime() {
      return (await import('./local/own.ts')).runtime;
    },
  },
};

// The registry holds engines of any configuration: each one gets back what its own schemas parsed.
export default mysql as unknown as Engine;
