import type { Engine } from '../../engine/index.ts';
import { compile } from './compile/compile.ts';
import { type Config, defaultsSchema, instanceSchema, type Placement, placementSchema } from './config.ts';
import { diff, passwordState } from './diff.ts';
import { env, envNames } from './env/env.ts';
import { containers, initial } from './env/initial.ts';
import { judge } from './judge.ts';
import { restoreSteps } from './retire/retire.ts';
import { steps } from './steps/steps.ts';

/** Neo4j Community 5.26 and newer: one app on each server. */
const neo4j: Engine<Config, Placement> = {
  id: 'neo4j',
  title: 'Neo4j',
  schemes: ['neo4j', 'neo4j+s', 'neo4j+ssc', 'bolt', 'bolt+s', 'bolt+ssc'],
  instanceSchema,
  placementSchema,
  defaultsSchema,
  compile,
  diff,
  steps,
  passwordState,
  async connect(input, context) {
    const { Neo4jSession } = await import('./connect/session.ts');
    return await Neo4jSession.open(input, context);
  },
  env,
  envNames,
  judge,
  initial,
  containers,
  restore: restoreSteps,
  location: () => 'the server',
  local: {
    isOwn: ({ url }) => url === undefined,
    at: (config, host, port) => ({ ...config, url: `bolt://neo4j@${host}:${port}` }),
    async runtime() {
      return (await import('./local/own.ts')).runtime;
    },
  },
  async client() {
    return (await import('./env/terminal.ts')).client;
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
export default neo4j as unknown as Engine;
