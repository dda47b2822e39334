import { access, constants } from 'node:fs/promises';
import { privateTempFolder } from '../../src/runtime/index.ts';
import { bareReader } from '../support/bare-reader.ts';
import { ldap2pg } from '../support/ldap2pg.ts';
import { countFleet, fillDatabases, writeFleet } from '../support/fleet.ts';
import { atMost, type Bench, figure, type Part, type Row, skipped } from '../support/part.ts';
import { type Command, timed } from '../support/process.ts';
import { benchServer } from '../support/server.ts';
import { ratio, spread } from '../support/stats.ts';

const LDAP2PG_TARGET = 0.45;
const BARE_TARGET = 0.9;

export const noop: Part = {
  name: 'noop',
  title: 'A plan that finds nothing to do',
  how: `The whole process \`cotenant plan\` on a server where every app has a database of its own and everything is as the manifest
says, beside two others that run in turn with it: *bare reader* (\`bench/bare-reader.ts\`: the same catalogs through the same
driver, eight connections at a time, one message for each database, nothing compared, nothing printed) and ldap2pg
(a dry run of an equal configuration), which reads less. Ratios are the median of run by run.`,
  async run(bench) {
    const { databases, tables, runs } = bench.flags;
    await using folder = await privateTempFolder('cotenant-bench-');
    await using server = await benchServer();
    const place = await writeFleet(folder.path, server, 'database', databases);
    bench.say(`applying ${databases} databases with ${tables} tables each`);
    await bench.cli.timed(place, ['apply', '--yes', '--quiet']);
    await fillDatabases(server, 0, databases, tables);
    const counted = await countFleet(server, databases);
    const reader = await bareReader(server, place);
    const other = await ldap2pgCommand(bench, folder.path, server, databases);
    const [plan, bare, peer]: [number[], number[], number[]] = [[], [], []];
    for (let run = 0; run <= runs; run++) {
      bench.say(run === 0 ? 'warming up' : `run ${run} of ${runs}`);
      const walls = [
        (await bench.cli.timed(place, ['plan', '--detailed-exitcode'])).wall,
        (await timed(reader)).wall,
        typeof other === 'string' ? 0 : (await timed(other)).wall,
      ] as const;
      if (run === 0) continue;
      plan.push(walls[0]);
      bare.push(walls[1]);
      if (typeof other !== 'string') peer.push(walls[2]);
    }
    return [
      figure('server', `${databases} databases, ${counted.roles} roles, ${counted.grants} grants, ${tables} tables a database`),
      figure('cotenant plan', spread(plan)),
      figure('bare reader', spread(bare)),
      atMost('cotenant plan / bare reader', ratio(plan, bare), BARE_TARGET, 'x'),
      ...peerRows(plan, peer, other),
    ];
  },
};

function peerRows(plan: readonly number[], peer: readonly number[], other: Command | string): Row[] {
  const what = 'cotenant plan / ldap2pg';
  if (typeof other === 'string') return [skipped(what, other, `<= ${LDAP2PG_TARGET.toFixed(2)}x`)];
  return [figure('ldap2pg', spread(peer)), atMost(what, ratio(plan, peer), LDAP2PG_TARGET, 'x')];
}

async function ldap2pgCommand(
  bench: Bench,
  folder: string,
  server: Parameters<typeof ldap2pg>[2],
  databases: number,
): Promise<Command | string> {
  const program = process.env['LDAP2PG'];
  if (program === undefined || program === '') return 'LDAP2PG names no program';
  await access(program, constants.X_OK);
  bench.say(`writing the configuration of ${program}`);
  return await ldap2pg(program, folder, server, databases);
}
