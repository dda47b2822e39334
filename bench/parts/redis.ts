import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { redisWays } from '../../test/engines/redis/harness.ts';
import type { RedisServer } from '../../test/engines/redis/runtime.ts';
import { type Version, versions } from '../../src/engines/redis/local/find.ts';
import { localMachine, privateTempFolder } from '../../src/runtime/index.ts';
import { checkout, type Place } from '../support/cli.ts';
import { atMost, type Bench, figure, type Part, type Row, skipped } from '../support/part.ts';
import { timed } from '../support/process.ts';
import { median, spread } from '../support/stats.ts';

/** Milliseconds for 100 apps. */
const VERIFY_TARGET = 10_000;
const PLAN_TARGET = 500;
/** What stands for the hash of a password, which only the server of one run has. */
const HASH = `#${'a'.repeat(64)}`;

export const redis: Part = {
  name: 'redis',
  title: 'Redis and Valkey',
  how: `The whole process, on a fresh server of its own for each run, apps at level prefix. The *bare client* is the one that comes
with the server: it reads the commands of the same plan.`,
  async run(bench) {
    const rows: Row[] = [];
    for (const version of versions) rows.push(...(await onVersion(bench, version)));
    return rows;
  },
};

async function onVersion(bench: Bench, version: Version): Promise<readonly Row[]> {
  const apps = bench.flags.tenants;
  const cache = process.env['COTENANT_CACHE'] ?? join(checkout, '.cache');
  const [way] = redisWays(localMachine(), { cache, env: process.env }, { version });
  if (!way) return [skipped(version, 'scripts/debian-root redis was not run', `<= ${VERIFY_TARGET} ms`)];
  const walls: Record<'plan' | 'apply' | 'bare' | 'again' | 'verify', number[]> = { plan: [], apply: [], bare: [], again: [], verify: [] };
  for (let run = 0; run < bench.flags.runs; run++) {
    bench.say(`${version}: ${apps} apps, run ${run + 1}`);
    await using folder = await privateTempFolder('cotenant-bench-');
    await using server = await way.start();
    const place = await redisFleet(folder.path, server, apps);
    const planned = await bench.cli.timed(place, ['plan', '--json'], [0, 2]);
    walls.apply.push((await bench.cli.timed(place, ['apply', '--yes', '--quiet'])).wall);
    walls.plan.push((await bench.cli.timed(place, ['plan', '--detailed-exitcode'])).wall);
    walls.again.push((await bench.cli.timed(place, ['apply', '--yes', '--quiet'])).wall);
    walls.verify.push((await bench.cli.timed(place, ['verify', '--seed', String(run)])).wall);
    await using other = await way.start();
    walls.bare.push(await bareClient(cache, version, other, planned.stdout));
  }
  return [
    figure(`${version}, ${apps} apps, first apply`, spread(walls.apply)),
    figure(`${version}, the same commands from the server's own client`, spread(walls.bare)),
    figure(`${version}, ${apps} apps, plan with nothing to do`, spread(walls.plan)),
    figure(`${version}, ${apps} apps, apply with nothing to do`, spread(walls.again)),
    figure(`${version}, ${apps} apps, verify`, spread(walls.verify)),
    atMost(`${version}, ${apps} apps, plan with nothing to do, median`, median(walls.plan), PLAN_TARGET, 'ms'),
    atMost(`${version}, ${apps} apps, verify, median`, median(walls.verify), VERIFY_TARGET, 'ms'),
  ];
}

export async function redisFleet(cwd: string, server: RedisServer, apps: number): Promise<Place> {
  const lines = Array.from({ length: apps }, (_, at) => `  app_${at}: { uses: { main: {} } }`).join('\n');
  const instance = `{ engine: redis, url: "redis://admin@${server.host}:${server.port}", password: { env: ADMIN_PASSWORD } }`;
  await writeFile(join(cwd, 'cotenant.yaml'), `cotenant: 1\nproject: bench\ninstances:\n  main: ${instance}\napps:\n${lines}\n`);
  return { cwd, env: { PATH: process.env['PATH'], HOME: cwd, ADMIN_PASSWORD: server.password } };
}

const planSchema = z.object({ steps: z.array(z.object({ commands: z.array(z.object({ text: z.string() })) })) });

/** The commands of a plan, one after the other. Milliseconds. */
async function bareClient(cache: string, version: Version, server: RedisServer, json: string): Promise<number> {
  const read: unknown = JSON.parse(json);
  const { steps } = z.union([z.object({ plan: planSchema }).transform(({ plan }) => plan), planSchema]).parse(read);
  const texts = steps.flatMap((step) => step.commands.map(({ text }) => text.replace(' #:password ', ` ${HASH} `)));
  const name = server.product === 'valkey' ? 'valkey-cli' : 'redis-cli';
  const program = join(cache, 'debian', version, 'usr/bin', name);
  const env = { REDISCLI_AUTH: server.password, VALKEYCLI_AUTH: server.password };
  const args = ['-h', server.host, '-p', String(server.port), '--user', server.user, '--no-auth-warning'];
  const { wall } = await timed({ program, args, cwd: cache, env, stdin: `${texts.join('\n')}\n` });
  return wall;
}
