import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { planProject } from '../../../../src/app/plan.ts';
import { openProject } from '../../../../src/app/project.ts';
import { startProxy } from '../proxy/harness.ts';
import { wipe, type Workplace, workplace } from './harness.ts';

const manifest = `cotenant: 1
project: life
instances:
  main: { engine: postgres, url: 'postgres://postgres@\${PGHOST}:\${PGPORT}/postgres', password: { env: ADMIN_PASSWORD } }
  other: { engine: postgres, url: 'postgres://postgres@127.0.0.1:\${OTHER_PORT}/postgres', password: { env: OTHER_PASSWORD } }
apps:
  shop: { uses: { main: {} } }
  blog: { uses: { other: {} } }
`;

/** Takes connections, and never says a word. */
async function silentPort(): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

describeEachPostgres('an instance that cannot be reached', { versions: 'newest' }, (server) => {
  let place: Workplace | null = null;
  const at = async (more: Readonly<Record<string, string>>): Promise<Workplace> => {
    place = await workplace(server(), manifest, more);
    return place;
  };
  const databases = async () =>
    (await query(server().url, `SELECT datname FROM pg_database WHERE datname IN ('shop', 'blog')`)).map(({ datname }) => datname);

  beforeEach(async () => await wipe(server().url));
  afterEach(async () => await place?.[Symbol.asyncDispose]());

  it('fails alone: the other one is applied, the exit code is 3, then 5 where nothing else was to do', async () => {
    const { cli } = await at({ OTHER_PORT: '1', OTHER_PASSWORD: 'x' });
    const first = await cli('apply', '--yes');
    expect(first.code).toBe(3);
    expect(first.stderr).toMatch(/CT3001.*"other" at 127\.0\.0\.1:1/);
    expect(first.stdout).toContain('Not reached: other.');
    expect(await databases()).toEqual(['shop']);
    const second = await cli('apply', '--yes');
    expect(second.code).toBe(5);
    const status = await cli('status');
    expect(status.code).toBe(5);
    expect(status.stdout).toMatch(/\nshop +.* ready\n/);
    expect(status.stdout + status.stderr).toMatch(/other/);
  });

  it('or that refuses the password: the same, with 4', async () => {
    const { cli } = await at({ OTHER_PORT: String(server().port), OTHER_PASSWORD: 'wrong' });
    const first = await cli('apply', '--yes');
    expect([first.code, first.stderr.includes('CT3002')]).toEqual([3, true]);
    expect(await databases()).toEqual(['shop']);
    expect((await cli('apply', '--yes')).code).toBe(4);
  });

  it('like all others: 5, and nothing happens', async () => {
    const { cli } = await at({ PGPORT: '1', OTHER_PORT: '1', OTHER_PASSWORD: 'x' });
    const result = await cli('apply', '--yes');
    expect(result.code).toBe(5);
    expect(result.stderr).toMatch(/"main" at 127\.0\.0\.1:1[^]*"other" at 127\.0\.0\.1:1/);
  });

  it('because it takes the connection and never answers: given up after the deadline, and the process ends', async () => {
    await using silent = await silentPort();
    const { cli } = await at({ OTHER_PORT: String(silent.port), OTHER_PASSWORD: 'x' });
    const result = await cli('apply', '--yes');
    expect(result.code).toBe(3);
    expect(result.stderr).toMatch(/CT3014.*"other"/);
    expect(await databases()).toEqual(['shop']);
  });

  it('because it falls silent after the login: given up as well', async () => {
    await using mute = await startProxy({ target: server(), onStatement: () => new Promise(() => undefined) });
    const { folder, env } = await at({ OTHER_PORT: String(mute.port), OTHER_PASSWORD: server().password });
    const { plan } = await planProject(await openProject({ cwd: folder, env }), { deadline: 300 });
    expect(plan.unreached).toEqual(['other']);
    expect(plan.diagnostics).toMatchObject([{ code: 'CT3004', instance: 'other' }]);
    expect(plan.steps.length).toBeGreaterThan(0);
  });
});
