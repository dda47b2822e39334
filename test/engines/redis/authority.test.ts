import { createClient } from '@redis/client';
import { beforeAll, expect, it } from 'vitest';
import { readFile } from 'node:fs/promises';
import { ask } from '../../../src/engines/redis/local/client.ts';
import { localMachine } from '../../../src/runtime/index.ts';
import type { Wish } from '../../support/certificates.ts';
import { describeEachRedis } from '../../support/engines-redis.ts';
import { type OwnAuthority, ownAuthority, tlsFilesIn } from '../../support/tls-files.ts';
import { manifestOf, workplace } from './lifecycle/harness.ts';

const apps = 'apps:\n  shop: { uses: { main: {} } }\n';

describeEachRedis('an authority of one’s own', {}, (server) => {
  let own: OwnAuthority;
  let port = 0;

  /** The server has a certificate for the wish from now on, from the authority. */
  const serves = async (wish: Wish, clients = 'no'): Promise<void> => {
    const { cert, key } = await tlsFilesIn(server().dataDir, 'own', await own.ca.issue(wish));
    const set = ['tls-cert-file', cert, 'tls-key-file', key, 'tls-ca-cert-file', own.path('CA'), 'tls-auth-clients', clients];
    await ask(server(), 'CONFIG', 'SET', 'tls-port', '0');
    await ask(server(), 'CONFIG', 'SET', ...set, 'tls-port', String(port));
  };
  const manifest = (query: string, field = ''): string => {
    const text = manifestOf(apps, field === '' ? '' : `    ${field}\n`)
      .replace('redis://', 'rediss://')
      .replace('${PORT}', `\${PORT}${query}`);
    return own.written(text);
  };
  const planned = async (text: string, host = server().host) => {
    await using place = await workplace({ ...server(), host, port }, text);
    const { code, stderr } = await place.cli('plan');
    return `${code} ${stderr}`;
  };

  beforeAll(async () => {
    own = await ownAuthority(server().dataDir);
    port = await localMachine().freePort();
    await serves({});
  }, 60_000);

  it.each([
    ['?ssl_ca_certs=CA.pem', ''],
    ['', 'tls: { ca: { file: CA.pem } }'],
    ['', 'tls: { mode: verify-ca, ca: { file: CA.pem } }'],
  ])('%s %s: cotenant and the app speak TLS, and check with whom', async (query, field) => {
    await using place = await workplace({ ...server(), port }, manifest(query, field));
    expect((await place.apply({ confirm: ['new-passwords'] })).ending).toMatch(/^done|nothing-to-do$/);
    const { REDIS_URL = '', REDIS_TLS_CA = '', REDIS_TLS } = await place.reveal('shop');
    expect({ REDIS_TLS, REDIS_TLS_CA }).toEqual({ REDIS_TLS: 'true', REDIS_TLS_CA: own.path('CA') });
    const app = createClient({ url: REDIS_URL, socket: { tls: true, ca: await readFile(REDIS_TLS_CA, 'utf8') } });
    await app.connect();
    expect(await app.ping()).toBe('PONG');
    app.destroy();
  });

  it('a certificate that nobody trusts, of another authority, for another name', async () => {
    expect(await planned(manifest(''))).toMatch(/^5 [^]*CT3016.*nobody whom this machine trusts/);
    expect(await planned(manifest('?ssl_ca_certs=OTHER.pem'))).toMatch(
      /^5 [^]*CT3016.*the authority that the manifest names for it has not signed it/,
    );
    expect(await planned(manifest('?ssl_ca_certs=CA.pem'), 'localhost')).toMatch(/^5 [^]*CT3016.*another name than "localhost"/);
    expect(await planned(manifest('', 'tls: { mode: verify-ca, ca: { file: CA.pem } }'), 'localhost')).toMatch(/^0 /);
    expect(await planned(manifest('', 'tls: { mode: require }'))).toMatch(/^0 /);
  });

  it('a certificate for localhost is none for an address', async () => {
    await serves({ dns: ['localhost'], ip: [] });
    expect(await planned(manifest('?ssl_ca_certs=CA.pem'))).toMatch(/^5 [^]*CT3016.*another name than "127.0.0.1"/);
    expect(await planned(manifest('?ssl_ca_certs=CA.pem'), 'localhost')).toMatch(/^0 /);
  });

  it('a certificate that has expired', async () => {
    await serves({ until: new Date(Date.now() - 86_400_000) });
    expect(await planned(manifest('?ssl_ca_certs=CA.pem'))).toMatch(/^5 [^]*CT3016.*expired/);
  });

  it('a certificate of the client, where the server wants one', async () => {
    await serves({}, 'yes');
    expect(await planned(manifest('?ssl_ca_certs=CA.pem'))).toMatch(/^5 [^]*CT3017/);
    expect(await planned(manifest('?ssl_ca_certs=CA.pem&ssl_certfile=CERT.pem&ssl_keyfile=KEY.pem'))).toMatch(/^0 /);
    expect(await planned(manifest('', 'tls: { ca: { file: CA.pem }, cert: { file: CERT.pem }, key: { file: KEY.pem } }'))).toMatch(/^0 /);
  });

  it('without TLS on the port of TLS', async () => {
    await serves({});
    expect(await planned(manifest('').replace('rediss://', 'redis://'))).toMatch(/^5 [^]*CT3017.*speaks TLS only/);
  });
});
