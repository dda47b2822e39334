import { localMachine } from '../../src/runtime/index.ts';
import { migrationTools } from '../migrate/install.ts';
import { harnesses } from './harnesses.ts';
import { bundledCli } from './bundled-cli.ts';
import { cache } from './places.ts';
import { type Entry, inTurn, summary, unknown, unmet } from './roster.ts';
import { seed } from './sample.ts';
import { leftOutToday } from './turn.ts';
import { removeOldTempDirs } from './temp-dir.ts';

const { SEED } = process.env;

/** Before a run: bundles the CLI, and fails where a required engine or tool is missing. After it: says which engines and tools it had. */
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
  const tools = await migrationTools(process.env);
  if (tools.unmet.length > 0)
    throw new Error(`REQUIRE_TOOLS asks for what this run does not have: ${tools.unmet.join(', ')}. ${tools.summary}`);
  await removeOldTempDirs();
  process.env['COTENANT_CLI_UNDER_TEST'] = await bundledCli();
  return () => console.error(`\n${summary(entries, process.env)}\n${tools.summary}\n${extent()}`);
}

/** How much was run, and how to run the same again. */
function extent(): string {
  const { FULL = '', VERSIONS = '' } = process.env;
  const said = [...(FULL === '' ? [] : [`FULL=${FULL}`]), ...(VERSIONS === '' ? [] : [`VERSIONS=${VERSIONS}`]), `SEED=${seed}`];
  const left = leftOutToday(process.env).length;
  const suites =
    left === 0 ? '' : `. ${left} suites of the engines and the command line have their turn on another day (VERSIONS=all: all of them)`;
  return `samples: ${said.join(' ')}${SEED === undefined || SEED === '' ? ' (the day)' : ''}${suites}`;
}

function roster(): Entry[] {
  const machine = localMachine();
  return harnesses.flatMap((harness) => [...harness(machine, { cache, env: process.env })]);
}
