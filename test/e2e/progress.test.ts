import { mkdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { backupsOf } from '../../src/app/backup/find.ts';
import { openProject } from '../../src/app/project.ts';
import { localInstallations, unpackedInstallations } from '../../src/engines/postgres/local/find.ts';
import { findRestic } from '../engines/postgres/harness.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { commandsAt } from '../support/help.ts';
import { cache } from '../support/places.ts';
import { testProject, type TestProject } from '../support/project.ts';
import { query } from '../support/query.ts';
import { typing } from '../support/typing.ts';

const restic = findRestic(cache)?.folder;
const installed = [...unpackedInstallations(cache), ...localInstallations()].filter(({ prefix, bin }) =>
  existsSync(join(prefix, bin, 'pg_dump')),
);
const clients = installed.map(({ prefix, bin }) => join(prefix, bin));

const manifest = (port: number): string => `cotenant: 1
project: far
instances:
  main: { engine: postgres, url: "postgres://postgres@127.0.0.1:${port}/postgres", password: { env: ADMIN } }
apps:
  shop: { uses: { main: { connections: 3 } }, migrations: { tool: sql, directory: shop } }
  blog: { uses: { main: { connections: 3 } }, migrations: { tool: sql, directory: blog } }
backup: { repository: ./backups, keep: { last: 1 } }
`;

/** What each command is called with, in this order, and what it says at the foot of the screen on its way. */
const calls: readonly (readonly [argv: string, ...said: readonly string[]])[] = [
  ['import URL', 'Reading the server… 2 of 2 databases'],
  ['plan', 'Reading the servers… 1 of 1 servers reached', 'Reading the servers… 1 of 1 servers read'],
  ['apply --yes', 'Reading the servers… 1 of 1 servers read', ' steps: postgres/main  database "shop"'],
  ['status', 'Reading the servers… 2 of 2 databases read', 'Reading the servers… 1 of 1 servers read'],
  ['migrate status', 'Reading the ledgers… 2 of 2 apps'],
  ['migrate plan', 'Rendering… 2 of 2 apps'],
  ['migrate lint', 'Rendering… 2 of 2 apps'],
  ['migrate up', 'Reading the servers… 2 of 2 apps', '1 of 2 steps'],
  ['migrate down shop --steps 1 --confirm=shop', 'Reading the servers… 1 of 1 apps'],
  ['migrate adopt blog', 'Reading the ledger… 1 of 1 apps'],
  ['verify', 'Attacking… 2 of 2 apps'],
  ['doctor', 'Looking at the servers… 1 of 1 servers'],
  ['ready blog', 'Looking…'],
  ['ready blog --wait 5s', 'Waiting up to 5 s for blog…'],
  ['credentials set shop --password-file pw', 'Reading the servers… 1 of 1 servers reached'],
  ['backup run', '1 of 2 steps'],
  ['backup run shop', '0 of 1 step'],
  ['backup list', 'Reading the repository…'],
  ['backup show RUN', 'Reading the repository…'],
  ['backup check --read-data 100%', 'Checking the repository… 3 of 3 snapshots', ' packs'],
  ['drill', '1 of 2 steps'],
  ['backup prune --yes', 'Reading the repository… 2 of 2 apps', 'Removing backups… 1 of 1 files deleted', ' packs processed'],
  ['restore shop --as blog', 'Reading the servers…'],
  ['restore-app shop', 'Reading the servers… 1 of 1 servers read'],
  ['backup forget-app shop --confirm shop', 'Reading the repository…', 'Removing backups… '],
];

/** Commands that ask no server and no repository, are another program, or are awaited by `test/e2e/servers.test.ts`. */
const others = [
  'env',
  'connect',
  'history',
  'config show',
  'schema',
  'explain',
  'completion',
  'man',
  'validate',
  'init',
  'add app',
  'key create',
  'key list',
  'key revoke',
  'render',
  'estimate',
];
/** Those that send a few statements to each server, and those that go on until they are ended. */
const short = ['sessions', 'kill', 'slow', 'sizes', 'vacuum', 'check-stack', 'top', 'serve'];
const local = ['up', 'down', 'logs'];

it('every command is here', () => {
  const leaves = commandsAt(80).filter(({ parent, commands }) => parent !== null && commands.length === 0);
  const names = leaves.map((command) => `${command.parent?.parent ? `${command.parent.name()} ` : ''}${command.name()}`);
  const called = names.filter((name) => calls.some(([argv]) => argv === name || argv.startsWith(`${name} `)));
  expect([...called, ...others, ...short, ...local].sort()).toEqual(names.sort());
});

describeEachPostgres('at a terminal, what takes long', { versions: 'newest' }, (server, major) => {
  let project: TestProject;

  beforeAll(async () => {
    project = await testProject(manifest(server().port), { ADMIN: server().password });
    for (const app of ['shop', 'blog']) {
      await mkdir(join(project.path, app));
      await writeFile(join(project.path, app, '1_first.sql'), 'CREATE TABLE t (id int PRIMARY KEY);\n');
      await writeFile(join(project.path, app, '1_first.down.sql'), 'DROP TABLE t;\n');
    }
    await writeFile(join(project.path, 'pw'), server().password);
    await query(server().url, 'CREATE DATABASE older');
    return async () => await project[Symbol.asyncDispose]();
  });

  const env = (): Readonly<Record<string, string>> => ({
    ADMIN: server().password,
    PGPASSWORD: server().password,
    RESTIC_PASSWORD: 'word',
    HOME: project.path,
    PATH: [...(restic === undefined ? [] : [restic]), ...clients, '/usr/bin', '/bin'].join(delimiter),
  });

  const newest = async (): Promise<string> => (await backupsOf(await openProject({ cwd: project.path, env: env() })))[0]?.run ?? '';

  /** Without restic, and a pg_dump of the server's own version, they say what is missing. */
  const isBare = restic === undefined || !installed.some((one) => one.major === major);
  const shownHere = calls.filter(([argv]) => !(isBare && /^(backup|drill|restore )/u.test(argv)));

  it.each(shownHere)('%s', async (argv, ...said) => {
    const words = await Promise.all(
      argv.split(' ').map(async (word) => (word === 'URL' ? server().url : word === 'RUN' ? await newest() : word)),
    );
    const { shown } = await typing(project.path, [], words, env());
    for (const line of said) expect(shown).toContain(line);
  });
});
