import { privateTempFolder } from '../../src/runtime/index.ts';
import { writeFleet } from '../support/fleet.ts';
import { atMost, figure, type Part, type Row } from '../support/part.ts';
import { benchServer } from '../support/server.ts';
import { median, spread } from '../support/stats.ts';

const VERSION_TARGET = 150;
const PLAN_TARGET = 400;

export const start: Part = {
  name: 'start',
  title: 'Start',
  how: `Whole processes: \`cotenant --version\`, with the number of modules that it loads, and the first \`cotenant plan\` of three
apps with a database each on an empty server.`,
  async run(bench) {
    await using folder = await privateTempFolder('cotenant-bench-');
    await using server = await benchServer();
    const place = await writeFleet(folder.path, server, 'database', 3);
    const { modules } = await bench.cli.watched(place, ['--version']);
    const engines = modules.filter((module) => module.includes('/engines/'));
    const [version, plan]: [number[], number[]] = [[], []];
    for (let run = 0; run <= bench.flags.runs; run++) {
      const walls = [(await bench.cli.timed(place, ['--version'])).wall, (await bench.cli.timed(place, ['plan'])).wall] as const;
      if (run === 0) continue;
      version.push(walls[0]);
      plan.push(walls[1]);
    }
    const loaded: Row = {
      what: 'modules that --version loads',
      value: `${modules.length}, of engines ${engines.length}`,
      target: 'of engines 0',
      met: engines.length === 0,
    };
    return [
      figure('cotenant --version', spread(version)),
      atMost('cotenant --version, median', median(version), VERSION_TARGET, 'ms'),
      loaded,
      figure('cotenant plan, three apps', spread(plan)),
      atMost('cotenant plan, three apps, median', median(plan), PLAN_TARGET, 'ms'),
    ];
  },
};
