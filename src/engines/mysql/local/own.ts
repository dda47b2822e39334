import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Container, Endpoint, Launch, NoPrograms, Programs, Runtime, Search, Setup } from '../../../engine/index.ts';
import { isVersion } from '../../../engine/index.ts';
import type { Machine } from '../../../engine/local.ts';
import { fail } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import { ask, isNotServing, isRefused } from './client.ts';
import { type Installation, localInstallations, serverProgram, unpackedInstallation, versions } from './find.ts';
import { initData, serverEnv, serverVersion } from './init.ts';
import { answers, serveArgs } from './serve.ts';

const installationSchema = z.strictObject({
  flavor: z.enum(['mysql', 'mariadb']),
  way: z.enum(['unpacked', 'local']),
  base: z.string(),
  /** As the program says it. Servers that earlier versions of cotenant started have none. */
  version: z.string().optional(),
});

/** Says in the data folder which server made it: another kind cannot read it, and an older one must not. */
const MADE_BY = 'cotenant-made-by';

const maker = async (data: string): Promise<string> => (await readFile(join(data, MADE_BY), 'utf8').catch(() => '')).trim();

/** What the system has, then what was unpacked, newest first. */
async function find(machine: Machine, { config, data, cache }: Search<Config>): Promise<readonly (Programs | NoPrograms)[]> {
  const made = data === null ? null : await maker(data);
  const unpacked = versions.toReversed().flatMap((version) => unpackedInstallation(cache, version) ?? []);
  const groups = [
    { way: 'local' as const, found: localInstallations(), get: 'apt install mariadb-server' },
    { way: 'unpacked' as const, found: unpacked, get: 'scripts/debian-root mysql (in a checkout of cotenant)' },
  ];
  const out: (Programs | NoPrograms)[] = [];
  for (const { way, found, get } of groups) {
    const fitting: Programs[] = [];
    for (const one of found.filter(({ base }) => machine.canRead(base))) {
      const version = await serverVersion(machine, one);
      if ((made === null || canRead(version, made)) && isAsked(config, one, version))
        fitting.push({ way, title: `${version} in ${one.base}`, programs: { ...one, version } });
    }
    const why = `no ${asked(config) ?? 'MariaDB or MySQL'}${made === null ? '' : ` that can read the data of ${made}`} ${way === 'local' ? 'among the packages of this system' : `in ${join(cache, 'debian')}`}`;
    out.push(...(fitting.length > 0 ? fitting : [{ way, why, get }]));
  }
  return out;
}

function isAsked({ product, version }: Config, { flavor }: Installation, found: string): boolean {
  return (product === undefined || product === flavor) && isVersion(found.split(' ')[1] ?? '', version);
}

function asked({ product, version }: Config): string | null {
  if (product === undefined && version === undefined) return null;
  const name = product === undefined ? 'MariaDB or MySQL' : product === 'mariadb' ? 'MariaDB' : 'MySQL';
  return version === undefined ? name : `${name} ${version}`;
}

/** The same product, and the same series: an upgrade is a decision of its own. */
function canRead(version: string, made: string): boolean {
  const series = (text: string): string => text.split('.').slice(0, 2).join('.');
  return series(version) === series(made);
}

function installationOf(setup: Pick<Setup<Config, Placement>, 'programs'>): Installation {
  const { flavor, way, base } = installationSchema.parse(setup.programs);
  return { flavor, way, base };
}

async function init(machine: Machine, setup: Setup<Config, Placement>): Promise<void> {
  const installation = installationOf(setup);
  await initData(machine, installation, setup.data, setup.password);
  const text = await serverVersion(machine, installation);
  const done = await machine.run('/bin/sh', ['-c', 'printf "%s\\n" "$1" > "$2"', 'sh', text, join(setup.data, MADE_BY)]);
  if (done.code !== 0) throw fail('CT6010', 'The data folder of a new server could not be created.', { hint: done.stderr.trim() });
}

function launch(_machine: Machine, setup: Setup<Config, Placement>): Promise<Launch> {
  const installation = installationOf(setup);
  return Promise.resolve({
    command: serverProgram(installation),
    args: serveArgs(installation, setup.data, setup.port),
    env: serverEnv,
    stopSignals: ['SIGTERM'],
    patience: 60_000,
  });
}

async function ready({ host, port, password, data }: Endpoint): Promise<boolean> {
  try {
    if (data !== null) return await answers({ host, port, password }, data);
    await ask({ host, port, password }, 'SELECT 1');
    return true;
  } catch (error) {
    if (isNotServing(error)) return false;
    if (!isRefused(error)) throw error;
    throw fail('CT3002', `the server on ${host}:${port} rejected the login of its admin`, {
      hint: 'this is not the secret store that the server was created with, or the password was changed by hand',
    });
  }
}

function container({ input, password }: Pick<Setup<Config, Placement>, 'input' | 'password'>): Container {
  const { product = 'mariadb', version = product === 'mariadb' ? '11.8' : '9.7' } = input.config;
  const front = product === 'mariadb' ? 'MARIADB' : 'MYSQL';
  return {
    image: `${product}:${version}`,
    port: 3306,
    data: '/var/lib/mysql',
    env: { [`${front}_ROOT_PASSWORD_FILE`]: '/run/cotenant/password', [`${front}_ROOT_HOST`]: '%' },
    args: ['--skip-name-resolve', '--local-infile=0', '--symbolic-links=0', '--log-bin-trust-function-creators=1'],
    files: [{ name: 'password', text: password, inside: '/run/cotenant/password' }],
  };
}

export const runtime: Runtime<Config, Placement> = {
  asked,
  isAsked: async (config, programs, data) => {
    const { version, ...installation } = installationSchema.parse(programs);
    return isAsked(config, installation, version ?? (await maker(data)));
  },
  find,
  init,
  launch,
  ready,
  container,
};
