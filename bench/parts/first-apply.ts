import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openProject, planProject } from '../../src/index.ts';
import { privateTempFolder } from '../../src/runtime/index.ts';
import { type Level, writeFleet } from '../support/fleet.ts';
import { atMost, type Bench, figure, type Part, type Row, skipped } from '../support/part.ts';
import { timed } from '../support/process.ts';
import { findPsql, scriptOf } from '../support/psql.ts';
import { benchServer } from '../support/server.ts';
import { ratio, spread } from '../support/stats.ts';

const TARGET = 1.15;

export const firstApply: Part = {
  name: 'first-apply',
  title: 'The first apply',
  how: `The whole process \`cotenant apply --yes\` on a fresh server (reading, planning, making passwords, hashing them, sending) beside
one \`psql\` that runs the same statements in the same transactions on another fresh server, with password verifiers that were
made before. Servers run without fsync, so that the disk does not blur the ratio.`,
  async run(bench) {
    const psql = findPsql();
    if (psql === null) return [skipped('cotenant apply / psql', 'no psql on this machine', `<= ${TARGET.toFixed(2)}x`)];
    const { databases, schemas } = bench.flags;
    return [...(await compare(bench, psql, 'database', databases)), ...(await compare(bench, psql, 'schema', schemas))];
  },
};

async function compare(bench: Bench, psql: string, level: Level, apps: number): Promise<readonly Row[]> {
  const [apply, floor]: [number[], number[]] = [[], []];
  for (let run = 1; run <= bench.flags.runs; run++) {
    bench.say(`${apps} at level ${level}: run ${run} of ${bench.flags.runs}`);
    apply.push(await timeApply(bench, level, apps));
    floor.push(await timePsql(psql, level, apps));
  }
  const what = level === 'database' ? `${apps} databases` : `${apps} schemas in one database`;
  return [
    figure(`cotenant apply, ${what}`, spread(apply)),
    figure(`psql, ${what}`, spread(floor)),
    atMost(`cotenant apply / psql, ${what}`, ratio(apply, floor), TARGET, 'x'),
  ];
}

async function timeApply(bench: Bench, level: Level, apps: number): Promise<number> {
  await using folder = await privateTempFolder('cotenant-bench-');
  await using server = await benchServer({ max_connections: apps + 100 });
  const place = await writeFleet(folder.path, server, level, apps);
  return (await bench.cli.timed(place, ['apply', '--yes', '--quiet'])).wall;
}

async function timePsql(psql: string, level: Level, apps: number): Promise<number> {
  await using folder = await privateTempFolder('cotenant-bench-');
  await using server = await benchServer({ max_connections: apps + 100 });
  const place = await writeFleet(folder.path, server, level, apps);
  const { plan } = await planProject(await openProject(place));
  const file = join(folder.path, 'plan.sql');
  await writeFile(file, await scriptOf(plan), { mode: 0o600 });
  const env = {
    ...place.env,
    PGHOST: server.host,
    PGPORT: String(server.port),
    PGUSER: server.user,
    PGPASSWORD: server.password,
    PGDATABASE: 'postgres',
  };
  const { wall } = await timed({
    program: psql,
    args: ['--no-psqlrc', '--quiet', '--output=/dev/null', '--file', file],
    cwd: folder.path,
    env,
  });
  await rm(file);
  return wall;
}
