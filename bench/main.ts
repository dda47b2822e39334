// Measures cotenant against floors and peers that run in the same minute. `npm run bench -- --help` for the flags.
import { cpus, totalmem } from 'node:os';
import { firstApply } from './parts/first-apply.ts';
import { fuzz } from './parts/fuzz.ts';
import { linear } from './parts/linear.ts';
import { many } from './parts/many.ts';
import { memory } from './parts/memory.ts';
import { migrateStatus, migrateUp } from './parts/migrations.ts';
import { mysql } from './parts/mysql.ts';
import { noop } from './parts/noop.ts';
import { redis } from './parts/redis.ts';
import { start } from './parts/start.ts';
import { verify } from './parts/verify.ts';
import { Cli } from './support/cli.ts';
import { parseFlags, usage } from './support/flags.ts';
import type { Part } from './support/part.ts';
import { tableText, type Measured, verdict } from './support/table.ts';
import { writeDocs } from './support/docs.ts';

const parts: readonly Part[] = [start, noop, linear, firstApply, memory, verify];
/** Only where they are asked for by name. */
const onRequest: readonly Part[] = [fuzz, mysql, redis, many, migrateStatus, migrateUp];

async function main(): Promise<void> {
  const flags = parseFlags(process.argv.slice(2));
  if (flags === null) {
    console.log(
      `${usage}\n\nParts: ${parts.map(({ name }) => name).join(', ')}; on request: ${onRequest.map(({ name }) => name).join(', ')}`,
    );
    return;
  }
  const chosen = flags.parts.length === 0 ? parts : flags.parts.map(partNamed);
  const cli = Cli.build(flags.cli);
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
  const measured: Measured[] = [];
  for (const part of chosen) {
    const say = (text: string): void => console.error(`[${part.name}] ${text}`);
    measured.push({ part, rows: await part.run({ cli, flags, say }) });
  }
  console.log(`${machine}\n\n${tableText(measured)}`);
  if (flags.write) await writeDocs(measured, machine);
  const missed = measured.flatMap(({ rows }) => rows.filter((row) => verdict(row) === 'MISS'));
  if (flags.strict && missed.length > 0) process.exitCode = 1;
}

function partNamed(name: string): Part {
  const part = [...parts, ...onRequest].find((one) => one.name === name);
  if (!part) throw new Error(`there is no part "${name}": ${[...parts, ...onRequest].map((one) => one.name).join(', ')}`);
  return part;
}

await main();
