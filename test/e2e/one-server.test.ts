import { createServer, connect as dial } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkProject } from '../../src/app/check.ts';
import { Sessions } from '../../src/app/sessions.ts';
import { statusProject } from '../../src/app/status.ts';
import { verifyProject } from '../../src/app/verify.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { mysqlWay } from '../engines/mysql/harness.ts';
import { postgresWays } from '../engines/postgres/harness.ts';
import { redisWays } from '../engines/redis/harness.ts';
import { cache } from '../support/places.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { isAskedFor } from '../support/roster.ts';

interface Server {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  stop(): Promise<unknown>;
}

interface Kind {
  readonly name: string;
  readonly engine: string;
  readonly user: string;
  readonly start: ((sockets: string) => Promise<Server>) | undefined;
  /** The way by a Unix socket, where there is one. */
  readonly socket?: (folder: string, port: number) => string;
}

const machine = localMachine();
const places = { cache, env: process.env };
const [postgres] = postgresWays(machine, places, { major: 18 });
const [redis] = redisWays(machine, places, { version: 'valkey91' });

const kinds: readonly Kind[] = [
  {
    name: 'postgres18',
    engine: 'postgres',
    user: 'postgres',
    start: postgres && ((sockets) => postgres.start({ '-c unix_socket_directories': sockets })),
    socket: (folder, port) => `postgres://postgres@${encodeURIComponent(folder)}:${port}/template1`,
  },
  ...(['mysql9', 'mariadb11'] as const).map((name): Kind => {
    const way = mysqlWay(machine, places, name);
    return { name, engine: 'mysql', user: 'root', start: way ? () => way.start() : undefined };
  }),
  { name: 'valkey91', engine: 'redis', user: 'admin', start: redis && (() => redis.start()) },
];

/** Takes connections at another port and hands them on. */
async function proxied({ host, port }: Server): Promise<AsyncDisposable & { readonly port: number }> {
  const proxy = createServer((client) => {
    const upstream = dial({ host, port });
    for (const socket of [client, upstream])
      socket
        .on('error', () => undefined)
        .once('close', () => {
          client.destroy();
          upstream.destroy();
        });
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise((resolve) => proxy.close(() => resolve())),
  };
}

const asked = kinds.filter(({ name, start }) => start && isAskedFor(name, process.env));

/** Servers and manifests of one kind, until the suite ends. */
class Place implements AsyncDisposable {
  readonly #kind: Kind;
  readonly #held = new AsyncDisposableStack();

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  hold<T extends AsyncDisposable>(one: T): T {
    return this.#held.use(one);
  }

  async start(): Promise<Server & { readonly sockets: string }> {
    const folder = await machine.tempFolder('cotenant-sockets-');
    this.#held.defer(async () => await folder.remove());
    const server = await this.#kind.start?.(folder.path);
    if (!server) throw new Error('no server');
    this.#held.defer(async () => void (await server.stop()));
    return Object.assign(server, { sockets: folder.path });
  }

  url(host: string, port: number): string {
    return `${this.#kind.engine}://${this.#kind.user}@${host}:${port}`;
  }

  async project(urls: readonly (readonly [name: string, url: string, server: Server])[]): Promise<TestProject & { readonly yaml: string }> {
    const env = Object.fromEntries(urls.map(([name, , { password }]) => [name.toUpperCase(), password]));
    const instances = urls.map(
      ([name, url]) => `  ${name}: { engine: ${this.#kind.engine}, url: '${url}', password: { env: ${name.toUpperCase()} } }\n`,
    );
    const apps = urls.map(([name]) => `  app_${name}: { uses: { ${name}: { adopt: true } } }\n`);
    const yaml = `cotenant: 1\nproject: one\ninstances:\n${instances.join('')}apps:\n${apps.join('')}`;
    return Object.assign(this.hold(await testProject(yaml, env)), { yaml });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#held.disposeAsync();
  }
}

describe.skipIf(asked.length === 0).each(asked)('one server, several entries [$name]', (kind) => {
  const place = new Place(kind);
  let server: Server & { readonly sockets: string };
  let other: Server;

  beforeAll(async () => {
    [server, other] = [await place.start(), await place.start()];
  }, 120_000);
  afterAll(async () => await place[Symbol.asyncDispose]());

  it('is refused by every command, whatever the addresses are; another server beside it is not', async () => {
    const { port } = place.hold(await proxied(server));
    const socket = kind.socket?.(server.sockets, server.port);
    const made = await place.project([
      ['direct', place.url('127.0.0.1', server.port), server],
      ['other', place.url('127.0.0.1', other.port), other],
      ['byname', place.url('localhost', server.port), server],
      ['proxy', place.url('127.0.0.1', port), server],
      ...(socket === undefined ? [] : [['socket', socket, server] as const]),
    ]);
    const entries = ['direct', 'byname', 'proxy', ...(socket === undefined ? [] : ['socket'])];
    const { plan } = await made.plan();
    const told = plan.diagnostics.filter(({ code }) => code === 'CT2074');
    expect(told.map(({ instance, severity, location }) => [instance, severity, location?.line])).toEqual(
      entries.map((name) => [name, 'error', lineOf(name, made.yaml)]),
    );
    expect(told[0]?.message).toBe(
      `"direct" is the same server as ${entries
        .slice(1)
        .map((name) => `"${name}"`)
        .join(' and ')}, whatever its address`,
    );
    const applied = await made.apply();
    expect(applied.ending).toBe('failed');
    expect(applied.results).toEqual([]);
    expect(applied.outcome?.plan.diagnostics.filter(({ code }) => code === 'CT2074')).toHaveLength(entries.length);
    const refused = { diagnostics: entries.map((instance) => ({ code: 'CT2074', instance })) };
    await expect(statusProject(await made.open())).rejects.toMatchObject(refused);
    await expect(verifyProject(await made.open())).rejects.toMatchObject(refused);
    await expect(checkProject(await made.open())).rejects.toMatchObject(refused);
  });

  it('servers that were made from one data folder are two, and so is what is called alike', async () => {
    const made = await place.project([
      ['one', place.url('127.0.0.1', server.port), server],
      ['two', place.url('localhost', other.port), other],
      ['again', place.url('localhost', server.port), server],
    ]);
    await using sessions = await Sessions.openAll(await made.open());
    expect(sessions.shared.map(({ instance }) => instance)).toEqual(['one', 'again']);
    const [first, second, third] = sessions.reached.map(({ session }) => session);
    if (!first?.isSameAs || !second || !third) return;
    expect(await first.isSameAs(third)).toBe(true);
    expect(await first.isSameAs(second)).toBe(false);
  });
});

function lineOf(instance: string, yaml: string): number {
  return yaml.split('\n').findIndex((line) => line.startsWith(`  ${instance}:`)) + 1;
}
