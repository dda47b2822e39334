import { readFile } from 'node:fs/promises';
import { envOfApp, openProject } from '../../src/index.ts';
import type { PostgresServer } from '../../test/engines/postgres/runtime.ts';
import { privateTempFolder } from '../../src/runtime/index.ts';
import { plainScript } from '../support/bare.ts';
import type { Place } from '../support/cli.ts';
import { appName, fillDatabases, type Level, writeFleet } from '../support/fleet.ts';
import { atMost, type Bench, figure, type Part, type Row } from '../support/part.ts';
import { type Command, timed } from '../support/process.ts';
import { benchServer } from '../support/server.ts';
import { median, ratio, spread } from '../support/stats.ts';

/** Milliseconds for 100 apps. */
const WALL_TARGET = 10_000;
const BARE_TARGET = 1.5;
/** What an app may cost more among many than among few. */
const LINEAR_TARGET = 1.1;
const TABLES = 5;

export const verify: Part = {
  name: 'verify',
  title: 'The proof',
  how: `The whole process \`cotenant verify\`, both halves, on a system that is clean, at growing numbers of apps, beside a *bare client*
(\`bench/bare-client.ts\`) that opens the very connections which one \`verify\` opened, as the server's log tells them, eight at a
time, and asks one trivial statement on each. Ratios are the median of run by run.`,
  async run(bench) {
    return [...(await level(bench, 'database')), ...(await level(bench, 'schema'))];
  },
};

async function level(bench: Bench, isolation: Level): Promise<readonly Row[]> {
  const most = bench.flags.tenants;
  const sizes = [most / 4, most / 2, most, most * 2].map((size) => Math.max(2, Math.round(size)));
  await using folder = await privateTempFolder('cotenant-bench-');
  await using server = await benchServer({ max_connections: 2 * most + 100, log_connections: true });
  const rows: Row[] = [];
  const points: { readonly size: number; readonly wall: number }[] = [];
  let filled = 0;
  for (const size of sizes) {
    bench.say(`level ${isolation}: ${size} apps`);
    const place = await writeFleet(folder.path, server, isolation, size);
    await bench.cli.timed(place, ['apply', '--yes', '--quiet']);
    if (isolation === 'database') await fillDatabases(server, filled, size, TABLES);
    filled = size;
    const floor = await floorOf(bench, server, place, size);
    const [ours, bare]: [number[], number[]] = [[], []];
    for (let run = 0; run < bench.flags.runs; run++) {
      ours.push((await bench.cli.timed(place, ['verify', '--seed', String(run)])).wall);
      bare.push((await timed(floor.command)).wall);
    }
    points.push({ size, wall: median(ours) });
    rows.push(
      figure(`level ${isolation}, ${size} apps`, `${spread(ours)}, ${(median(ours) / size).toFixed(1)} ms each`),
      figure(`bare client, ${floor.connections} connections`, spread(bare)),
    );
    if (size !== Math.round(most)) continue;
    rows.push(
      atMost(`level ${isolation}, ${size} apps, median`, median(ours), WALL_TARGET, 'ms'),
      atMost(`level ${isolation}, ${size} apps / bare client`, ratio(ours, bare), BARE_TARGET, 'x'),
    );
  }
  const [few, many] = [points[0], points.at(-1)];
  if (few && many)
    rows.push(
      atMost(
        `level ${isolation}, time for each app, ${many.size} / ${few.size}`,
        many.wall / many.size / (few.wall / few.size),
        LINEAR_TARGET,
        'x',
      ),
    );
  return rows;
}

/** The connections of one rehearsal, as a command that opens them again. */
async function floorOf(
  bench: Bench,
  server: PostgresServer,
  place: Place,
  apps: number,
): Promise<{ readonly command: Command; readonly connections: number }> {
  const before = (await readFile(server.logFile, 'utf8')).length;
  await bench.cli.timed(place, ['verify', '--seed', '1']);
  const said = (await readFile(server.logFile, 'utf8')).slice(before);
  const passwords = await passwordsOf(place, apps);
  passwords.set(server.user, server.password);
  const logins = [...said.matchAll(/connection authorized: user=(\S+) database=(\S+)/g)].flatMap(([, user = '', database = '']) => {
    const password = passwords.get(user);
    return password === undefined ? [] : [[user, password, database] as const];
  });
  const stdin = JSON.stringify({ host: server.host, port: server.port, logins });
  return {
    command: { program: process.execPath, args: [await plainScript('bare-client')], ...place, stdin },
    connections: logins.length,
  };
}

async function passwordsOf(place: Place, apps: number): Promise<Map<string, string>> {
  const project = await openProject(place);
  const found = new Map<string, string>();
  for (let index = 0; index < apps; index++) {
    const { variables } = await envOfApp(project, appName(index));
    const value = (name: string): string => variables.find((one) => one.name === name)?.value ?? '';
    found.set(value('POSTGRES_USER'), value('POSTGRES_PASSWORD'));
  }
  return found;
}
