import { checkProject, openProject } from '../../src/index.ts';
import { privateTempFolder } from '../../src/runtime/index.ts';
import type { Place } from '../support/cli.ts';
import { fillDatabases, writeFleet } from '../support/fleet.ts';
import { atMost, type Bench, figure, type Part, type Row } from '../support/part.ts';
import { benchServer } from '../support/server.ts';
import { median, spread } from '../support/stats.ts';

/** What a database may cost more among many than among few. */
const LINEAR_TARGET = 1.1;
const MEMORY_TARGET = 1.5;
const CHECK_TARGET = 100;

export const linear: Part = {
  name: 'linear',
  title: 'Cost as the number of databases grows',
  how: `The whole process \`cotenant plan\` with nothing to do, on one server that grows tenfold: time for each database among many
against time for each database among few, and the process's peak memory. Then, among many, the check that enters no database
(\`checkProject\`, its connection included), asked again and again by one process as a monitor does.`,
  async run(bench) {
    const { many, tables } = bench.flags;
    const sizes = [Math.max(1, Math.round(many / 10)), Math.round(many / 2), many];
    await using folder = await privateTempFolder('cotenant-bench-');
    await using server = await benchServer({ max_connections: many + 100 });
    const rows: Row[] = [];
    const points: { size: number; wall: number; peak: number }[] = [];
    for (const [index, size] of sizes.entries()) {
      const before = sizes[index - 1] ?? 0;
      bench.say(`growing from ${before} to ${size} databases`);
      const place = await writeFleet(folder.path, server, 'database', size);
      await bench.cli.timed(place, ['apply', '--yes', '--quiet']);
      await fillDatabases(server, before, size, tables);
      const walls: number[] = [];
      for (let run = 0; run < 3; run++) walls.push((await bench.cli.timed(place, ['plan', '--detailed-exitcode'])).wall);
      const { peak } = await bench.cli.watched(place, ['plan', '--detailed-exitcode']);
      points.push({ size, wall: median(walls), peak });
      if (size === many) rows.push(...(await timeCheck(bench, place, size)));
      rows.push(figure(`${size} databases`, `${spread(walls)}, ${(median(walls) / size).toFixed(2)} ms each, peak ${Math.round(peak)} MB`));
    }
    const [few, most] = [points[0], points.at(-1)];
    if (!few || !most) return rows;
    return [
      ...rows,
      atMost(`time for each database, ${most.size} / ${few.size}`, most.wall / most.size / (few.wall / few.size), LINEAR_TARGET, 'x'),
      atMost(`peak memory, ${most.size} / ${few.size}`, most.peak / few.peak, MEMORY_TARGET, 'x'),
    ];
  },
};

async function timeCheck(bench: Bench, place: Place, databases: number): Promise<readonly Row[]> {
  const project = await openProject(place);
  const walls: number[] = [];
  for (let run = 0; run <= bench.flags.runs; run++) {
    const began = performance.now();
    const { differences, unreached } = await checkProject(project);
    walls.push(performance.now() - began);
    if (differences.length > 0 || unreached.length > 0) throw new Error('the check finds differences where there are none');
  }
  const [first = 0, ...again] = walls;
  return [
    figure(`check of ${databases} databases`, `first ${Math.round(first)} ms, then ${spread(again)}`),
    atMost(`check of ${databases} databases, median after the first`, median(again), CHECK_TARGET, 'ms'),
  ];
}
