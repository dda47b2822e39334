import type { Engine } from '../../engine/index.ts';
import { compile } from './compile/compile.ts';
import { location } from './compile/places.ts';
import { type Config, defaultsSchema, instanceSchema, type Placement, placementSchema } from './config.ts';
import { diff } from './diff.ts';
import { env, envNames, logins } from './env/env.ts';
import { containers, initial } from './env/initial.ts';
import { judge } from './judge.ts';
import { operatorRights } from './operators.ts';
import { restoreSteps } from './retire/retire.ts';
import { steps } from './steps/steps.ts';
import { passwordState } from './observe/password-state.ts';

/** Redis 7 and newer, Valkey 7.2 and newer, as a user with every command. */
const redis: Engine<Config, Placement> = {
  id: 'redis',
  title: 'Redis/Valkey',
  schemes: ['redis', 'rediss', 'valkey', 'valkeys'],
  instanceSchema,
  placementSchema,
  defaultsSchema,
  compile,
  diff,
  steps,
  passwordState,
  operatorRights,
  async connect(input, context) {
    const { RedisSession } = await import('./connect/session.ts');
    return await RedisSession.open(input, context);
  },
  env,
  envNames,
  logins,
  judge,
  initial,
  containers,
  async readImport(url, password, context) {
    const { readImport } = await import('./import/import.ts');
    return await readImport(url, password, context);
  },
  restore: restoreSteps,
  location,
  // One save writes what every run has done so far.
  touchesOthers: ({ app, address }) => app !== null || address.kind !== 'access-list',
  local: {
    isOwn: ({ url }) => url === undefined,
    at: (config, host, port) => ({ ...config, url: `redis://admin@${host}:${port}` }),
    async runtime() {
      return (await import('./local/own.ts')).runtime;
    },
  },
  async client() {
    return (await import('./env/terminal.ts')).client;
  },
  async backup() {
    return (await import('./backup/index.ts')).backup;
  },
  async usage() {
    return (await import('./usage/ability.ts')).usage;
  },
  async checks() {
    return (await import('./doctor/checks.ts')).checks;
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
};

// The registry holds engines of any configuration: each one gets back what its own schemas parsed.
export default redis as unknown as Engine;
