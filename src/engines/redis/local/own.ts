import { join } from 'node:path';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Container, Endpoint, Launch, NoPrograms, Programs, Runtime, Search, Setup } from '../../../engine/index.ts';
import { isVersion } from '../../../engine/index.ts';
import type { Machine } from '../../../engine/local.ts';
import { fail } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import { ask, isNotServing } from './client.ts';
import { ADMIN, firstUsers } from './first-users.ts';
import { type Installation, localInstallations, unpackedInstallations } from './find.ts';
import { compareVersions } from '../observe/server.ts';
import { errorCode } from '../connect/trouble.ts';

const installationSchema = z.strictObject({
  product: z.enum(['redis', 'valkey']),
  version: z.string(),
  way: z.enum(['unpacked', 'local']),
  program: z.string(),
});

/** Which server made the data: the files of one product are not for the other, nor those of a newer version for an older one. */
const MADE_BY = 'made-by.json';

/** Newest first within a way; Valkey before Redis, for only there a database is a wall. */
async function find(machine: Machine, { config, data, cache }: Search<Config>): Promise<readonly (Programs | NoPrograms)[]> {
  const maker = data === null ? null : installationSchema.parse(JSON.parse(await readFile(join(data, MADE_BY), 'utf8')));
  const which = maker === null ? '' : ` that reads the data of ${maker.product} ${maker.version}`;
  const groups = [
    { way: 'local' as const, all: localInstallations(), where: 'among the programs of this system', get: 'apt install valkey-server' },
    {
      way: 'unpacked' as const,
      all: unpackedInstallations(cache),
      where: `in ${join(cache, 'debian')}`,
      get: 'scripts/debian-root redis (in a checkout of cotenant)',
    },
  ];
  return groups.flatMap(({ way, all, where, get }): (Programs | NoPrograms)[] => {
    const fitting = all
      .filter(
        (one) =>
          machine.canRead(join(one.program, '..')) && compareVersions(one.version, '7.0') >= 0 && reads(one, maker) && isAsked(config, one),
      )
      .toSorted((a, b) => (a.product === b.product ? compareVersions(b.version, a.version) : a.product === 'valkey' ? -1 : 1));
    if (fitting.length === 0) return [{ way, why: `no ${asked(config) ?? 'Redis or Valkey'}${which} ${where}`, get }];
    return fitting.map((one) => ({
      way,
      title: `${one.product === 'redis' ? 'Redis' : 'Valkey'} ${one.version} (${one.program})`,
      programs: { ...one },
    }));
  });
}

function isAsked({ product, version }: Config, one: Installation): boolean {
  return (product === undefined || product === one.product) && isVersion(one.version, version);
}

function asked({ product, version }: Config): string | null {
  if (product === undefined && version === undefined) return null;
  const name = product === undefined ? 'Redis or Valkey' : product === 'redis' ? 'Redis' : 'Valkey';
  return version === undefined ? name : `${name} ${version}`;
}

function reads(one: Installation, maker: Installation | null): boolean {
  return maker === null || (one.product === maker.product && compareVersions(one.version, maker.version) >= 0);
}

/** An access list with an administrator and nobody else. Only the hash of the password is written. */
async function init(machine: Machine, { data, password, programs }: Setup<Config, Placement>): Promise<void> {
  await writeFile(join(data, MADE_BY), JSON.stringify(installationSchema.parse(programs)), { mode: 0o600 });
  await writeFile(join(data, 'users.acl'), firstUsers(password), { mode: 0o600 });
  await machine.chownToServer(data);
}

/** Settings in a file of their own, which is written anew: the access list is the server's to keep. */
async function launch(machine: Machine, { data, host, port, programs }: Setup<Config, Placement>): Promise<Launch> {
  const { program } = installationSchema.parse(programs);
  const file = join(data, 'server.conf');
  const lines = [
    `bind ${host}`,
    `port ${port}`,
    `dir ${quoted(data)}`,
    `aclfile ${quoted(join(data, 'users.acl'))}`,
    'daemonize no',
    'appendonly yes',
    'maxmemory-policy noeviction',
    'maxmemory 1gb',
    // By default nothing is looked through, and a false value of an app with RESTORE ends the server.
    'sanitize-dump-payload clients',
  ];
  await writeFile(`${file}.new`, `${lines.join('\n')}\n`, { mode: 0o600 });
  await machine.chownToServer(`${file}.new`);
  await rename(`${file}.new`, file);
  return { command: program, args: [file], env: {}, stopSignals: ['SIGTERM'], patience: 60_000 };
}

/** As the configuration file reads it. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

async function ready({ host, port, password, data }: Endpoint): Promise<boolean> {
  try {
    const settings = await ask({ host, port, user: ADMIN, password }, 'CONFIG', 'GET', 'dir');
    return data === null || (Array.isArray(settings) && settings[1] === data);
  } catch (error) {
    if (isNotServing(error)) return false;
    if (errorCode(error) === 'WRONGPASS' || errorCode(error) === 'NOAUTH') {
      throw fail('CT3002', `the server on ${host}:${port} rejected the login of its admin`, {
        hint: 'this is not the secret store that the server was created with, or the password was changed by hand',
      });
    }
    throw error;
  }
}

/** The access list is a file that the server writes, so it lies where the data lies, and is made there at the first start. */
function container({ input, password }: Pick<Setup<Config, Placement>, 'input' | 'password'>): Container {
  const { product = 'valkey', version = product === 'valkey' ? '9.1' : '8' } = input.config;
  const server = `${product}-server`;
  const start = 'test -e /data/users.acl || cp /run/cotenant/users.acl /data/users.acl; exec "$0" "$@"';
  return {
    image: product === 'valkey' ? `valkey/valkey:${version}` : `redis:${version}`,
    port: 6379,
    data: '/data',
    env: {},
    args: [
      'sh',
      '-c',
      start,
      server,
      '--aclfile',
      '/data/users.acl',
      '--appendonly',
      'yes',
      '--maxmemory-policy',
      'noeviction',
      '--maxmemory',
      '1gb',
      '--sanitize-dump-payload',
      'clients',
    ],
    files: [{ name: 'users.acl', text: firstUsers(password), inside: '/run/cotenant/users.acl' }],
  };
}

export const runtime: Runtime<Config, Placement> = {
  asked,
  isAsked: async (config, programs) => await Promise.resolve(isAsked(config, installationSchema.parse(programs))),
  find,
  init,
  launch,
  ready,
  container,
};
