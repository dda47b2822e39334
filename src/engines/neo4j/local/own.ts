import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
  type Endpoint,
  isVersion,
  type Launch,
  type NoPrograms,
  type Programs,
  type Runtime,
  type Search,
  type Setup,
} from '../../../engine/index.ts';
import type { Machine } from '../../../engine/local.ts';
import { fail } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import { FIRST_USER } from '../names.ts';
import { homeOf } from './client.ts';
import { type Installation, localInstallations, unpackedInstallations } from './find.ts';
import { launchIn, makeHome } from './server.ts';

const installationSchema = z.strictObject({ version: z.string(), way: z.enum(['unpacked', 'local']), lib: z.string(), java: z.string() });

/** Which server made the data: it is not for an older one. */
const MADE_BY = 'made-by.json';

async function find(machine: Machine, { config, data, cache }: Search<Config>): Promise<readonly (Programs | NoPrograms)[]> {
  const maker = data === null ? null : installationSchema.parse(JSON.parse(await readFile(join(data, MADE_BY), 'utf8')));
  const which = maker === null ? '' : ` that reads the data of Neo4j ${maker.version}`;
  const groups = [
    {
      way: 'local' as const,
      all: localInstallations(),
      where: 'with a Java among the programs of this system',
      get: 'apt install neo4j (from the packages of its makers)',
    },
    {
      way: 'unpacked' as const,
      all: unpackedInstallations(cache),
      where: `with a Java in ${join(cache, 'neo4j')}`,
      get: 'test/engines/neo4j/jars (in a checkout of cotenant, with Maven and Java 17)',
    },
  ];
  return groups.flatMap(({ way, all, where, get }): (Programs | NoPrograms)[] => {
    const fitting = all
      .filter(
        (one) =>
          machine.canRead(one.lib) &&
          isVersion(one.version, config.version) &&
          (maker === null || compare(one.version, maker.version) >= 0),
      )
      .toSorted((a, b) => compare(b.version, a.version));
    if (fitting.length === 0) return [{ way, why: `no ${asked(config) ?? 'Neo4j'}${which} ${where}`, get }];
    return fitting.map((one) => ({ way, title: `Neo4j ${one.version} (${one.lib})`, programs: { ...one } }));
  });
}

function asked({ version }: Config): string | null {
  return version === undefined ? null : `Neo4j ${version}`;
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  for (let at = 0; at < 3; at++) {
    const between = (left?.[at] ?? 0) - (right?.[at] ?? 0);
    if (between !== 0) return between;
  }
  return 0;
}

async function init(machine: Machine, { data, password, programs }: Setup<Config, Placement>): Promise<void> {
  const installation = installationSchema.parse(programs);
  await writeFile(join(data, MADE_BY), JSON.stringify(installation), { mode: 0o600 });
  await makeHome(machine, installation, data, password);
  await machine.chownToServer(data);
}

async function launch(machine: Machine, { data, host, port, programs }: Setup<Config, Placement>): Promise<Launch> {
  return await launchIn(machine, installationSchema.parse(programs), data, { host, port });
}

async function ready({ host, port, password, data }: Endpoint): Promise<boolean> {
  try {
    const home = await homeOf({ host, port, user: FIRST_USER, password });
    return home !== null && (data === null || home === data);
  } catch {
    throw fail('CT3002', `the server on ${host}:${port} rejected the login of its admin`, {
      hint: 'this is not the secret store that the server was created with, or the password was changed by hand',
    });
  }
}

export const runtime: Runtime<Config, Placement> = {
  asked,
  isAsked: async (config, programs) =>
    await Promise.resolve(isVersion((installationSchema.parse(programs) satisfies Installation).version, config.version)),
  find,
  init,
  launch,
  ready,
};
