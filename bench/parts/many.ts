import { join } from 'node:path';
import { localMachine, privateTempFolder } from '../../src/runtime/index.ts';
import { mysqlWay } from '../../test/engines/mysql/harness.ts';
import { redisWays } from '../../test/engines/redis/harness.ts';
import { checkout, type Place } from '../support/cli.ts';
import { atMost, type Bench, figure, type Part, type Row, skipped } from '../support/part.ts';
import { mysqlFleet } from './mysql.ts';
import { redisFleet } from './redis.ts';

/** Times as many apps, of which memory may grow with the apps and not with their pairs. */
const TIMES = 10;
/** What the proof of one app may cost more beside so many. */
const ONE_TARGET = 3;

export const many: Part = {
  name: 'many',
  title: 'The proof of very many apps',
  how: `The whole process \`cotenant verify\` over \`--tenants\` apps and over ten times as many, on the newest server of each product: its peak
memory as the system counts it, and what \`verify --app\` takes for one of them, which still reads who has what on the server.`,
  async run(bench) {
    return [...(await onRedis(bench)), ...(await onMysql(bench))];
  },
};

async function onRedis(bench: Bench): Promise<readonly Row[]> {
  const [way] = redisWays(localMachine(), { cache: cacheOf(), env: process.env }, { version: 'valkey91' });
  if (!way) return [skipped('valkey91', 'scripts/debian-root redis was not run', `<= ${TIMES} x`)];
  return await grown(bench, 'valkey91', async (folder, apps) => {
    const server = await way.start();
    return { place: await redisFleet(folder, server, apps), end: async () => await server.stop() };
  });
}

async function onMysql(bench: Bench): Promise<readonly Row[]> {
  const way = mysqlWay(localMachine(), { cache: cacheOf(), env: process.env }, 'mysql9');
  if (!way) return [skipped('mysql9', 'scripts/debian-root mysql was not run', `<= ${TIMES} x`)];
  return await grown(bench, 'mysql9', async (folder, apps) => {
    const server = await way.start({ 'max-connections': 8 * apps + 100 });
    return { place: await mysqlFleet(folder, server, apps), end: async () => await server.stop() };
  });
}

interface Started {
  readonly place: Place;
  end(): Promise<unknown>;
}

async function grown(bench: Bench, version: string, start: (folder: string, apps: number) => Promise<Started>): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const points: { readonly peak: number; readonly one: number }[] = [];
  for (const apps of [bench.flags.tenants, TIMES * bench.flags.tenants]) {
    bench.say(`${version}: ${apps} apps`);
    await using folder = await privateTempFolder('cotenant-bench-');
    const started = await start(folder.path, apps);
    const { place } = started;
    await bench.cli.timed(place, ['apply', '--yes', '--quiet']);
    const all = await bench.cli.watched(place, ['verify', '--seed', '1']);
    const one = await bench.cli.timed(place, ['verify', '--app', 'app_0', '--seed', '1']);
    await started.end();
    points.push({ peak: all.peak, one: one.wall });
    const figures = `${Math.round(all.wall)} ms, ${(all.wall / apps).toFixed(1)} ms each, peak memory ${Math.round(all.peak)} MB`;
    rows.push(
      figure(`${version}, ${apps} apps, verify`, figures),
      figure(`${version}, verify --app among ${apps}`, `${Math.round(one.wall)} ms`),
    );
  }
  const [few, more] = points;
  if (few && more)
    rows.push(
      atMost(`${version}, peak memory, ${TIMES} times as many apps`, more.peak / few.peak, TIMES, 'x'),
      atMost(`${version}, verify --app, among ${TIMES} times as many`, more.one / few.one, ONE_TARGET, 'x'),
    );
  return rows;
}

const cacheOf = (): string => process.env['COTENANT_CACHE'] ?? join(checkout, '.cache');
