import { localMachine } from '../../src/runtime/index.ts';
import { harnesses } from './harnesses.ts';
import { bundledCli } from './bundled-cli.ts';
import { cache } from './places.ts';
import { type Entry, inTurn, summary, unknown, unmet } from './roster.ts';
import { seed } from './sample.ts';
import { removeOldTempDirs } from './temp-dir.ts';

const { SEED } = process.env;

/** Before a run: bundles the CLI, and fails where a required engine is missing. After it: says which engines it had. */
export default async function setup(): Promise<() => void> {
  const entries = roster();
  // Workers take this environment over.
  process.env['COTENANT_SAMPLE_SEED'] = String(seed);
  if (process.env['FULL'] === 'turn') process.env['FULL'] = inTurn(entries, seed);
  const strange = unknown(entries, process.env);
  if (strange.length > 0)
    throw new Error(
      `ENGINES, REQUIRE_ENGINES or FULL names no engine: ${strange.join(', ')}. Known: ${entries.map((entry) => entry.name).join(', ')}`,
    );
  const lacking = unmet(entries, process.env);
  if (lacking.length > 0)
    throw new Error(`REQUIRE_ENGINES asks for what this run does not have: ${lacking.join(', ')}. ${summary(entries, process.env)}`);
  await removeOldTempDirs();
  process.env['COTENANT_CLI_UNDER_TEST'] = await bundledCli();
  return () => console.error(`\n${summary(entries, process.env)}\n${extent()}`);
}

/** How much was run, and how to run the same again. */
function extent(): string {
  const { FULL = '', VERSIONS = '' } = process.env;
  const said = [...(FULL === '' ? [] : [`FULL=${FULL}`]), ...(VERSIONS === '' ? [] : [`VERSIONS=${VERSIONS}`]), `SEED=${seed}`];
  return `samples: ${said.join(' ')}${SEED === undefined || SEED === '' ? ' (the day)' : ''}`;
}

function roster(): Entry[] {
  const machine = localMachine();
  return harnesses.flatMap((harness) => [...harness(machine, { cache, env: process.env })]);
}
