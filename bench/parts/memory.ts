import { privateTempFolder } from '../../src/runtime/index.ts';
import { writeFleet } from '../support/fleet.ts';
import { atMost, figure, type Part, type Row } from '../support/part.ts';
import { benchServer } from '../support/server.ts';

const TARGET = 300;

export const memory: Part = {
  name: 'memory',
  title: 'Memory of a plan with many apps',
  how: `Peak resident memory of the process \`cotenant plan\`, as the system counts it, for apps with a schema each in one database:
first on an empty server, where everything is still to be made, and with \`--applied\` also after an apply, where there is nothing
to do.`,
  async run(bench) {
    const { apps, applied } = bench.flags;
    await using folder = await privateTempFolder('cotenant-bench-');
    await using server = await benchServer({ max_connections: apps + 100, max_locks_per_transaction: 10 });
    const place = await writeFleet(folder.path, server, 'schema', apps);
    const first = await bench.cli.watched(place, ['plan']);
    const rows: Row[] = [
      figure(`first plan, ${apps} apps`, `${Math.round(first.wall)} ms`),
      atMost(`first plan, ${apps} apps, peak memory`, first.peak, TARGET, 'MB'),
    ];
    if (!applied) return rows;
    bench.say(`applying ${apps} apps: this takes minutes`);
    const apply = await bench.cli.watched(place, ['apply', '--yes', '--quiet']);
    const noop = await bench.cli.watched(place, ['plan', '--detailed-exitcode']);
    return [
      ...rows,
      figure(`apply, ${apps} apps`, `${Math.round(apply.wall / 1000)} s, peak memory ${Math.round(apply.peak)} MB`),
      figure(`plan that finds nothing to do, ${apps} apps`, `${Math.round(noop.wall)} ms`),
      atMost(`plan that finds nothing to do, ${apps} apps, peak memory`, noop.peak, TARGET, 'MB'),
    ];
  },
};
