import { chmod, chown, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { generate } from 'selfsigned';
import { beforeAll, expect, it, vi } from 'vitest';
import { describeEachPostgres } from '../../support/engines.ts';
import { query } from '../../support/query.ts';
import { manifestOf, workplace } from './lifecycle/harness.ts';

const app = 'apps:\n  shop: { uses: { main: { connections: 5 } } }\n';
const withMode = (mode: string): string => manifestOf(app).replace('engine: postgres', `engine: postgres\n    sslmode: ${mode}`);

/** Comes in as a program with node-postgres does: the server lets nobody in without TLS. */
async function comesIn(connectionString: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.end();
}

describeEachPostgres('TLS', { versions: 'each' }, (server) => {
  let authority = '';

  beforeAll(async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'test' }], {
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 7, ip: server().host }] },
      ],
    });
    const { dataDir, url } = server();
    const { uid, gid } = await stat(dataDir);
    for (const [name, text] of [
      ['server.key', key],
      ['server.crt', cert],
    ] as const) {
      await writeFile(join(dataDir, name), text);
      await chmod(join(dataDir, name), 0o600);
      await chown(join(dataDir, name), uid, gid);
    }
    authority = join(dataDir, 'server.crt');
    await query(url, 'ALTER SYSTEM SET ssl = on');
    // From here on nobody gets in without TLS: what works below has spoken it.
    const rules = join(dataDir, 'pg_hba.conf');
    await writeFile(rules, `hostnossl all all all reject\n${await readFile(rules, 'utf8')}`);
    await query(url, 'SELECT pg_reload_conf()');
    await vi.waitUntil(async () => (await query(url, 'SELECT 1').catch(() => null)) === null, { timeout: 60_000 });
  });

  it('disable: the server refuses, which is said by name', async () => {
    await using place = await workplace(server(), withMode('disable'));
    const { code, stderr } = await place.cli('plan');
    expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.stringMatching(/CT3017[^]*set `sslmode`/) as unknown });
  });

  it.each([
    ['require', false],
    ['verify-ca', true],
    ['verify-full', true],
  ])('%s: apply, verify and the URL of an app speak TLS', async (mode, trusted) => {
    await using place = await workplace(server(), withMode(mode), trusted ? { NODE_EXTRA_CA_CERTS: authority } : {});
    // Each has a folder of its own on one server: the store of the one before is not there.
    expect(await place.cli('apply', '--yes', '--confirm=new-passwords')).toMatchObject({ code: 0 });
    expect(await place.cli('verify', '--json')).toMatchObject({ code: 0 });
    expect((await place.cli('env', 'shop', '--reveal')).stdout).toContain(`sslmode=${mode}`);
  });

  it.each(['verify-ca', 'verify-full'])('%s: a server that nobody vouches for is not spoken to', async (mode) => {
    await using place = await workplace(server(), withMode(mode));
    const { code, stderr } = await place.cli('plan');
    expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.stringMatching(/CT3016[^]*self-signed certificate/) as unknown });
  });

  it.each([
    ['verify-full', 5],
    ['verify-ca', 0],
  ])('%s: a server that goes by another name ends with %i', async (mode, code) => {
    await using place = await workplace({ ...server(), host: 'localhost' }, withMode(mode), { NODE_EXTRA_CA_CERTS: authority });
    expect(await place.cli('plan')).toMatchObject({ code });
  });

  it.each([
    ['?sslmode=verify-full&sslrootcert=CA', '', 'verify-full'],
    ['?sslrootcert=CA', '', 'verify-full'],
    ['?sslmode=require&sslrootcert=CA', '', 'verify-ca'],
    ['?sslmode=verify-ca', 'tls: { ca: { file: CA } }', 'verify-ca'],
    ['', 'tls: { mode: verify-full, ca: { file: CA } }', 'verify-full'],
    ['?sslmode=require', '', 'require'],
  ])('%s %s: cotenant and the app speak TLS', async (query, field, mode) => {
    const text = manifestOf(app).replace('/postgres\n', `/postgres${query}\n    ${field}\n`);
    await using place = await workplace(server(), text.replaceAll('CA', authority));
    expect(await place.cli('apply', '--yes', '--confirm=new-passwords')).toMatchObject({ code: 0 });
    const { stdout } = await place.cli('env', 'shop', '--format', 'json', '--reveal');
    const url = new URL((JSON.parse(stdout) as Record<string, string>)['POSTGRES_URL'] ?? '');
    expect(url.searchParams.get('sslmode')).toBe(mode);
    expect(url.searchParams.get('sslrootcert')).toBe((query + field).includes('CA') ? authority : null);
    await comesIn(url.href);
  });

  it('a file that is no certificate is told before anybody connects', async () => {
    const text = manifestOf(app).replace('/postgres\n', '/postgres\n    tls: { ca: { file: cotenant.yaml } }\n');
    await using place = await workplace(server(), text);
    const { code, stderr } = await place.cli('plan');
    expect({ code, stderr }).toMatchObject({ stderr: expect.stringMatching(/CT3012[^]*cotenant.yaml is no PEM/) as unknown });
  });
});
