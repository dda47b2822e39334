import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { privateTempFolder } from '../../src/runtime/index.ts';
import { sha256 } from '../../src/migrate/folder.ts';
import { alembicProject } from '../../test/migrate/alembic.ts';
import { plainScript } from '../support/bare.ts';
import { checkout, type Place } from '../support/cli.ts';
import { appName, inDatabase, writeFleet } from '../support/fleet.ts';
import { type Bench, type Part, type Row, skipped } from '../support/part.ts';
import { type Command, timed } from '../support/process.ts';
import { benchServer } from '../support/server.ts';
import { inTurn, rowsOf } from '../support/turns.ts';

const STATUS_TARGET = 1.5;
const UP_TARGET = 1.1;
/** Apps that are brought up, and how many of them at a time. */
const APPS = 20;
const WIDTH = 4;
const FIRST = 'CREATE TABLE orders (id int PRIMARY KEY);\n';

export const migrateStatus: Part = {
  name: 'migrate-status',
  title: 'Where very many apps stand',
  how: `The whole process \`cotenant migrate status\` over \`--schemas\` apps in one database with nothing pending, beside a *bare reader*
(\`bench/bare-ledgers.ts\`: the same files read and hashed, the same ledgers found and read in two messages, nothing compared). Run
in turn, each first every other time; ratios are medians of run by run. Time that passes says little where other work waits for the
processors too: processor time is counted beside it, of the process with its children, and of the server.`,
  run: async (bench) => await statusRows(bench),
};

export const migrateUp: Part = {
  name: 'migrate-up',
  title: 'Migrations of twenty apps',
  how: `The whole process \`cotenant migrate up\` of ${APPS} apps with a database each and one new Alembic revision each, ${WIDTH} at a time, proof
included, beside the same by \`xargs -P ${WIDTH}\` with the variables at hand, each in a session of its own as cotenant starts them. Run and counted like \`migrate-status\`.`,
  run: async (bench) => await upRows(bench),
};

async function statusRows(bench: Bench): Promise<readonly Row[]> {
  const { schemas, runs } = bench.flags;
  await using folder = await privateTempFolder('cotenant-bench-');
  await using server = await benchServer({ max_locks_per_transaction: 1024 });
  const place = await writeFleet(folder.path, server, 'schema', schemas, (app) => `, migrations: { tool: sql, directory: ${app} }`);
  for (let index = 0; index < schemas; index++) {
    const at = join(folder.path, appName(index));
    await mkdir(at);
    await writeFile(join(at, '0001_first.sql'), FIRST);
  }
  bench.say(`making ${schemas} schemas with a ledger each`);
  // As an apply and a run of each would leave what status looks at.
  await inDatabase(server, 'postgres', 'CREATE DATABASE shared');
  const sum = sha256(FIRST);
  for (let from = 0; from < schemas; from += 100) {
    const statements = Array.from({ length: Math.min(100, schemas - from) }, (_, index) => {
      const app = appName(from + index);
      return `CREATE ROLE ${app}_owner; CREATE SCHEMA ${app} AUTHORIZATION ${app}_owner; SET LOCAL ROLE ${app}_owner; CREATE TABLE ${app}.orders (id int PRIMARY KEY);
        CREATE TABLE ${app}.cotenant_migrations (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());
        INSERT INTO ${app}.cotenant_migrations VALUES ('0001_first', '${sum}'); RESET ROLE`;
    });
    await inDatabase(server, 'shared', `BEGIN; ${statements.join(';\n')}; COMMIT`);
  }
  const script = await plainScript('bare-ledgers');
  const bare: Command = { program: process.execPath, args: [script, server.host, String(server.port), 'shared', folder.path], ...place };
  const both = await inTurn(bench, { runs, server: server.pid }, [
    async () => await bench.cli.timed(place, ['migrate', 'status', '--detailed-exitcode']),
    async () => await timed(bare),
  ]);
  return rowsOf(both, [`migrate status, ${schemas} apps`, 'bare reader'], STATUS_TARGET);
}

async function upRows(bench: Bench): Promise<readonly Row[]> {
  const alembic = join(process.env['COTENANT_CACHE'] ?? join(checkout, '.cache'), 'clients/python/bin/alembic');
  const what = `migrate up of ${APPS} apps / xargs -P ${WIDTH}`;
  if (!existsSync(alembic)) return [skipped(what, 'CLIENTS=1 npx vitest run test/migrate was not run', `<= ${UP_TARGET.toFixed(2)}x`)];
  await using folder = await privateTempFolder('cotenant-bench-');
  await using server = await benchServer();
  const fleet = await writeFleet(folder.path, server, 'database', 2 * APPS, (app) => `, migrations: { tool: alembic, directory: ${app} }`);
  const path = [dirname(alembic), process.env['PATH'] ?? ''].join(delimiter);
  const place: Place = { ...fleet, env: { ...fleet.env, PATH: path } };
  const names = Array.from({ length: 2 * APPS }, (_, index) => appName(index));
  const [mine, others] = [names.slice(0, APPS), names.slice(APPS)];
  bench.say(`applying ${names.length} databases`);
  await bench.cli.timed(place, ['apply', '--yes', '--quiet']);
  for (const app of others) {
    const { stdout } = await bench.cli.timed(place, ['env', app, '--format', 'shell', '--reveal']);
    await writeFile(join(folder.path, `${app}.env`), stdout, { mode: 0o600 });
  }
  // In a session of its own, as cotenant starts it: Linux shares the processors out by session, and those of four get four shares.
  const loop = ['-P', String(WIDTH), '-n', '1', 'sh', '-c', '. "./$0.env"; cd "$0" && exec setsid -w alembic upgrade head'];
  const bare: Command = { program: 'xargs', args: loop, ...place, stdin: others.join('\n') };
  let revisions = 0;
  const both = await inTurn(
    bench,
    { runs: bench.flags.runs, server: server.pid },
    [
      async () => await bench.cli.timed(place, ['migrate', 'up', ...mine, '--concurrency', String(WIDTH), '--output', 'json']),
      async () => await timed(bare),
    ],
    async () => {
      revisions += 1;
      const list = Array.from({ length: revisions }, (_, at) => ({ id: `r${at + 1}`, up: `CREATE TABLE t${at + 1} (id int)` }));
      for (const app of names) await alembicProject(join(folder.path, app), list);
    },
  );
  return rowsOf(both, [`migrate up, ${APPS} apps, a revision each`, `the tool by xargs -P ${WIDTH}`], UP_TARGET);
}
