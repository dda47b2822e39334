import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { spawn } from '../support/children.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { describeEachMysql } from '../support/engines-mysql.ts';
import { describeEachRedis } from '../support/engines-redis.ts';
import { full } from '../support/thorough.ts';
import type { Applied, Workplace } from '../support/workplace.ts';
import { manifestOf as postgresManifest, workplace as postgresPlace } from '../engines/postgres/lifecycle/harness.ts';
import { manifestOf as mysqlManifest, workplace as mysqlPlace } from '../engines/mysql/lifecycle/harness.ts';
import { manifestOf as redisManifest, workplace as redisPlace } from '../engines/redis/lifecycle/harness.ts';
import { verifyProject } from '../../src/app/verify.ts';
import { type Client, clients, type Engine } from './catalog.ts';
import { installed, type Installed } from './install.ts';
import { type Row, rowsOnPage, writeRows } from './table.ts';

/** `CLIENTS=1` runs them, `CLIENTS=write` puts what came of it on the page as well. `CLIENTS_ONLY=celery`: those of that name. */
const { CLIENTS = '', CLIENTS_ONLY = '' } = process.env;
const asked = full || CLIENTS !== '';
const shownLevels = ({ levels }: Client): readonly string[] => Object.keys(levels);

test('the page has a row for every client at every level', () => {
  const rows = new Set(rowsOnPage().map(({ client, level }) => `${client} ${level}`));
  expect(clients.flatMap((one) => shownLevels(one).map((level) => `${one.name} ${level}`)).filter((one) => !rows.has(one))).toEqual([]);
});

describe.skipIf(!asked)('real clients, with what `cotenant env` gives', () => {
  let there: Installed | null = null;
  beforeAll(() => {
    there = installed(clients.filter(({ id }) => id.includes(CLIENTS_ONLY)));
    if (there.trouble !== '') process.stderr.write(`CLIENTS ARE MISSING, and what needs them fails:\n${there.trouble}\n`);
  }, 1_800_000);

  const tried = (engine: Engine, server: string, open: (apps: string) => Promise<Place>): void => {
    test('do their ordinary work, and the walls stand afterwards', { timeout: 1_800_000 }, async () => {
      const mine = clients.filter((one) => one.engine === engine && one.id.includes(CLIENTS_ONLY));
      const some = mine.flatMap((client) => Object.entries(client.levels).map(([level, placement]) => ({ client, level, placement })));
      const nameOf = ({ client, level }: { client: Client; level: string }): string => `${client.id}_${level.slice(0, 1)}`;
      const lines = some.map((one) => `  ${nameOf(one)}: ${entryOf(one)}`);
      await using place = await open(`apps:\n${lines.join('\n')}\n`);
      const { ending, diagnostics } = await place.apply();
      if (ending !== 'done') throw new Error(JSON.stringify(diagnostics));
      const rows: Row[] = [];
      const wrong: string[] = [];
      for (const one of some) {
        const { client, level, placement } = one;
        const said = there === null ? 'not installed' : await run(there, client, await place.reveal(nameOf(one)));
        const refusal = client.refused?.[level];
        if (refusal === undefined ? said !== '' : !refusal.test(said)) wrong.push(`${client.name} at ${level}: ${said}`);
        rows.push(rowOf({ there, client, level, placement, server, refused: refusal !== undefined, said }));
      }
      expect(wrong).toEqual([]);
      expect((await place.plan()).plan.steps.map(({ title, address }) => `${title} ${address.name}`)).toEqual([]);
      const { report } = await verifyProject(await place.open(), { seed: 7 });
      expect(report.findings.map(({ probe, statement, answer }) => `${probe} ${statement}: ${answer}`)).toEqual([]);
      if (CLIENTS === 'write') writeRows(rows);
    });
  };

  describeEachPostgres('PostgreSQL', { versions: 'newest' }, (server, major) => {
    tried('postgres', `PostgreSQL ${major}`, async (apps) => await postgresPlace(server(), postgresManifest(apps)));
  });
  describeEachMysql('MySQL', { versions: 'kinds' }, (server, version) => {
    tried('mysql', CALLED[version] ?? version, async (apps) => await mysqlPlace(server(), mysqlManifest(apps)));
  });
  describeEachRedis('Redis', { versions: ['valkey91'] }, (server) => {
    tried('redis', 'Valkey 9.1', async (apps) => await redisPlace(server(), redisManifest(apps)));
  });
});

/** Of a recipe nothing is said but what it says itself. */
function entryOf({ client, placement }: Pick<Came, 'client' | 'placement'>): string {
  if (client.recipe !== undefined) return JSON.stringify({ recipe: client.recipe, uses: { main: placement } });
  const few = { postgres: { connections: 3 }, mysql: { connections: 8 }, redis: {} }[client.engine];
  return JSON.stringify({ uses: { main: { ...few, ...placement } } });
}

type Place = Omit<Workplace, 'apply'> & { apply(): Promise<Applied> };

const CALLED: Readonly<Record<string, string>> = { mysql9: 'MySQL 9.7', mariadb10: 'MariaDB 10.11', mariadb11: 'MariaDB 11.8' };

interface Came {
  readonly there: Installed | null;
  readonly client: Client;
  readonly level: string;
  readonly placement: Readonly<Record<string, unknown>>;
  readonly server: string;
  readonly refused: boolean;
  readonly said: string;
}

function rowOf({ there, client, level, placement, server, refused, said }: Came): Row {
  const { isolation: _, database: __, ...needed } = placement;
  const words = Object.entries(needed).map(([name, value]) => `\`${name}: ${JSON.stringify(value)}\``);
  return {
    client: client.name,
    versions: client.packages.map((name) => `${name} ${there?.version(name, client) ?? '?'}`).join(', '),
    server,
    level,
    result: refused
      ? `refused: ${
          said
            .split('\n')
            .findLast((line) => client.refused?.[level]?.test(line))
            ?.trim() ?? ''
        }`
      : 'works',
    needs: [
      ...(client.recipe === undefined ? [] : [`\`recipe: ${client.recipe}\``]),
      ...words,
      ...(client.needs === undefined ? [] : [client.needs]),
    ]
      .join('; ')
      .replaceAll('|', '\\|'),
    date: new Date().toISOString().slice(0, 10),
  };
}

/** What it said where it failed; '' where it did not. */
async function run(there: Installed, client: Client, variables: Readonly<Record<string, string>>): Promise<string> {
  const file = join(there.folder, 'programs', client.program);
  copyFileSync(join(import.meta.dirname, 'programs', client.program), file);
  const program = client.program.endsWith('.py') ? there.pythonOf(client) : process.execPath;
  const env = { PATH: process.env['PATH'], HOME: there.folder, CLIENT_ENGINE: client.engine, ...variables, ...client.env };
  const child = spawn(program, [file], { env, cwd: there.folder, stdio: ['ignore', 'pipe', 'pipe'], timeout: 900_000 });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return code === 0 ? '' : said.join('').slice(-3000) || `ended with ${code}`;
}
