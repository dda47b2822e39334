import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ownServers } from '../support/own-servers.ts';
import { cache } from '../support/places.ts';

/** False on a machine on which nobody has unpacked it; where a run requires its servers, that they are there is asked before. */
const has = (version: string): boolean => existsSync(join(cache, 'debian', version));

const manifest = (instance: string): string =>
  `cotenant: 1\nproject: own\ninstances: { main: ${instance} }\napps: { shop: { uses: { main: {} } } }\n`;

/** What `up` says of the server that it started. */
async function started(instance: string): Promise<unknown> {
  await using place = await ownServers(manifest(instance));
  const { stdout, stderr, code } = await place.cli('up', '--way', 'unpacked', '--json');
  expect([code, stderr]).toEqual([0, expect.anything()]);
  return JSON.parse(stdout) as unknown;
}

for (const [version, instance, server] of [
  ['postgres17', "{ engine: postgres, version: '17' }", /^PostgreSQL 17 /],
  ['mysql9', '{ engine: mysql, product: mysql }', /^MySQL 9/],
  ['mariadb10', "{ engine: mysql, product: mariadb, version: '10.11' }", /^MariaDB 10\.11/],
  ['redis7', "{ engine: redis, product: redis, version: '7' }", /^Redis 7\./],
  ['valkey81', "{ engine: redis, version: '8.1' }", /^Valkey 8\.1/],
] as const)
  it.skipIf(!has(version))(`${instance} starts that one, whatever else is there`, async () => {
    expect(await started(instance)).toMatchObject({ servers: [{ state: 'started', title: expect.stringMatching(server) as unknown }] });
  });

it.each([
  ["{ engine: postgres, version: '16' }", 'no PostgreSQL 16 in '],
  ["{ engine: mysql, product: mysql, version: '8.0' }", 'no MySQL 8.0 in '],
  ["{ engine: redis, product: redis, version: '6' }", 'no Redis 6 in '],
])('%s: what the machine lacks is said, with how to get it', async (instance, words) => {
  await using place = await ownServers(manifest(instance));
  const { code, stderr } = await place.cli('up', '--way', 'unpacked');
  expect(code).toBe(1);
  expect(stderr).toMatch(/CT6022[^]*to get it: /);
  expect(stderr).toContain(words);
});

it.each([
  ["{ engine: postgres, url: 'postgres://a@127.0.0.1/a', version: '17' }", 'There is a version beside a url'],
  ["{ engine: mysql, url: 'mysql://a@127.0.0.1', product: mariadb }", 'There is a product beside a url'],
  ["{ engine: postgres, version: '9' }", 'one of 14, 15, 16, 17, 18'],
  ['{ engine: redis, product: keydb }', 'valkey'],
  ['{ engine: redis, version: 9.1 }', 'in quotes'],
])('%s is refused before anything is started', async (instance, words) => {
  await using place = await ownServers(manifest(instance));
  const { code, stderr } = await place.cli('up');
  expect(code).toBe(1);
  expect(stderr).toContain(words);
});

const both = has('valkey81') && has('valkey91');
it.skipIf(!both)('a server that is there and not the one that is asked for is told, running or not, and left as it is', async () => {
  await using place = await ownServers(manifest("{ engine: redis, product: valkey, version: '8.1' }"));
  expect((await place.cli('up', '--way', 'unpacked')).code).toBe(0);
  await place.write(manifest("{ engine: redis, product: valkey, version: '9.1' }"));
  expect(await place.cli('up')).toMatchObject({ code: 1, stderr: expect.stringMatching(/CT6020[^]*cotenant down main, then/) as unknown });
  await place.write(manifest('{ engine: redis, product: redis }'));
  const running = await place.cli('up');
  expect(running).toMatchObject({ code: 1, stderr: expect.stringMatching(/CT6020[^]*is Valkey 8\.1[^]*now asks for Redis/) as unknown });
  await place.cli('down');
  expect(await place.cli('up')).toMatchObject({ code: 1, stderr: expect.stringContaining('CT6020') as unknown });
});

it.skipIf(!has('valkey81') || !has('mariadb10'))('a server that runs goes on when a package brings a newer patch of it', async () => {
  for (const [instance, patch, older] of [
    ["{ engine: redis, product: valkey, version: '8.1' }", /8\.1\.\d+/g, '8.1.0'],
    ["{ engine: mysql, product: mariadb, version: '10.11' }", /10\.11\.\d+/g, '10.11.2'],
  ] as const) {
    await using place = await ownServers(manifest(instance));
    expect((await place.cli('up', '--way', 'unpacked')).code).toBe(0);
    await place.startedFrom('main', (state) => state.replaceAll(patch, older));
    expect(await place.cli('up', '--json')).toMatchObject({ code: 0, stdout: expect.stringContaining(older) as unknown });
    await place.cli('down');
    expect(await place.cli('up', '--json')).toMatchObject({ code: 0, stdout: expect.not.stringContaining(older) as unknown });
  }
});
