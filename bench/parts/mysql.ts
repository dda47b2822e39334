import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { mysqlWay } from '../../test/engines/mysql/harness.ts';
import type { MysqlServer } from '../../test/engines/mysql/runtime.ts';
import { type Version, versions } from '../../src/engines/mysql/local/find.ts';
import { localMachine, privateTempFolder } from '../../src/runtime/index.ts';
import { checkout, type Place } from '../support/cli.ts';
import { atMost, type Bench, figure, type Part, type Row, skipped } from '../support/part.ts';
import { timed } from '../support/process.ts';
import { median, ratio, spread } from '../support/stats.ts';

/** Milliseconds for 100 apps. */
const WALL_TARGET = 10_000;
/** What stands for the hash of a password, which only the server of one run has. */
const HASHES: Readonly<Record<string, string>> = {
  caching_sha2_password: "'$A$005$THISISACOMBINATIONOFINVALIDSALTANDPASSWORDTHATMUSTNEVERBRBEUSED'",
  mysql_native_password: "'*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'",
};

export const mysql: Part = {
  name: 'mysql',
  title: 'MySQL and MariaDB',
  how: `The whole process, on a fresh server of its own for each run. The *bare client* is the one that comes with the server: it
reads the statements of the same plan. Ratios are the median of run by run.`,
  async run(bench) {
    const rows: Row[] = [];
    for (const version of versions) rows.push(...(await onVersion(bench, version)));
    return rows;
  },
};

async function onVersion(bench: Bench, version: Version): Promise<readonly Row[]> {
  const apps = bench.flags.tenants;
  const cache = process.env['COTENANT_CACHE'] ?? join(checkout, '.cache');
  const way = mysqlWay(localMachine(), { cache, env: process.env }, version);
  if (!way) return [skipped(version, 'scripts/debian-root mysql was not run', `<= ${WALL_TARGET} ms`)];
  const walls: Record<'plan' | 'apply' | 'bare' | 'again' | 'verify', number[]> = { plan: [], apply: [], bare: [], again: [], verify: [] };
  for (let run = 0; run < bench.flags.runs; run++) {
    bench.say(`${version}: ${apps} apps, run ${run + 1}`);
    await using folder = await privateTempFolder('cotenant-bench-');
    await using server = await way.start({ 'max-connections': 8 * apps + 100 });
    const place = await mysqlFleet(folder.path, server, apps);
    const plan = await bench.cli.timed(place, ['plan', '--json'], [0, 2]);
    walls.plan.push(plan.wall);
    walls.apply.push((await bench.cli.timed(place, ['apply', '--yes', '--quiet'])).wall);
    walls.again.push((await bench.cli.timed(place, ['apply', '--yes', '--quiet'])).wall);
    walls.verify.push((await bench.cli.timed(place, ['verify', '--seed', String(run)])).wall);
    await using other = await way.start({ 'max-connections': 8 * apps + 100 });
    walls.bare.push(await bareClient(cache, version, other, join(folder.path, 'client.cnf'), plan.stdout));
  }
  return [
    figure(`${version}, ${apps} apps, plan`, spread(walls.plan)),
    figure(`${version}, ${apps} apps, first apply`, spread(walls.apply)),
    figure(`${version}, the same statements from the server's own client`, spread(walls.bare)),
    figure(`${version}, ${apps} apps, apply with nothing to do`, spread(walls.again)),
    figure(`${version}, ${apps} apps, verify`, spread(walls.verify)),
    figure(`${version}, first apply / that client`, `${ratio(walls.apply, walls.bare).toFixed(2)}x`),
    atMost(`${version}, ${apps} apps, verify, median`, median(walls.verify), WALL_TARGET, 'ms'),
  ];
}

export async function mysqlFleet(cwd: string, server: MysqlServer, apps: number): Promise<Place> {
  const lines = Array.from({ length: apps }, (_, at) => `  app_${at}: { uses: { main: { connections: 4 } } }`).join('\n');
  const instance = `{ engine: mysql, url: "mysql://root@${server.host}:${server.port}", password: { env: ADMIN_PASSWORD } }`;
  await writeFile(join(cwd, 'cotenant.yaml'), `cotenant: 1\nproject: bench\ninstances:\n  main: ${instance}\napps:\n${lines}\n`);
  return { cwd, env: { PATH: process.env['PATH'], HOME: cwd, ADMIN_PASSWORD: server.password } };
}

const steps = z.array(z.object({ commands: z.array(z.object({ text: z.string() })) }));
const planned = z.union([z.object({ steps }), z.object({ plan: z.object({ steps }) }).transform(({ plan }) => plan)]);

/** The statements of a plan, one after the other. Milliseconds. */
async function bareClient(cache: string, version: Version, server: MysqlServer, options: string, json: string): Promise<number> {
  const texts = planned.parse(JSON.parse(json)).steps.flatMap((step) => step.commands.map(({ text }) => text));
  const sql = texts.map((text) => text.replace(/:(\w+_password)\b/, (all, name: string) => HASHES[name] ?? all));
  const login = `host=${server.host}\nport=${server.port}\nuser=root\npassword="${server.password}"\n`;
  await writeFile(options, `[client]\n${login}${server.flavor === 'mysql' ? 'get-server-public-key\n' : ''}`, { mode: 0o600 });
  const program = join(cache, 'debian', version, 'usr/bin', server.flavor === 'mysql' ? 'mysql' : 'mariadb');
  const { wall } = await timed({ program, args: [`--defaults-file=${options}`], cwd: cache, env: {}, stdin: `${sql.join(';\n')};\n` });
  return wall;
}
