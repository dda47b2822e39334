import { localMachine } from '../../src/runtime/index.ts';
import { harnesses } from './harnesses.ts';
import { bundledCli } from './bundled-cli.ts';
import { cache } from './places.ts';
import { type Entry, summary, unknown, unmet } from './roster.ts';

/** Before a run: bundles the CLI, and fails where a required engine is missing. After it: says which engines it had. */
export default async function setup(): Promise<() => void> {
  const entries = roster();
  const strange = unknown(entries, process.env);
  if (strange.length > 0)
    throw new Error(
      `ENGINES or REQUIRE_ENGINES names no engine: ${strange.join(', ')}. Known: ${entries.map((entry) => entry.name).join(', ')}`,
    );
  const lacking = unmet(entries, process.env);
  if (lacking.length > 0)
    throw new Error(`REQUIRE_ENGINES asks for what this run does not have: ${lacking.join(', ')}. ${summary(entries, process.env)}`);
  // Workers take this environment over.
  process.env['COTENANT_CLI_UNDER_TEST'] = await bundledCli();
  return () => console.error(`\n${summary(entries, process.env)}`);
}

function roster(): Entry[] {
  const machine = localMachine();
  return harnesses.flatMap((harness) => [...harness(machine, { cache, env: process.env })]);
}
