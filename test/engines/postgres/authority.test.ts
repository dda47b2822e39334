import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { beforeAll, expect, it, vi } from 'vitest';
import type { Wish } from '../../support/certificates.ts';
import { describeEachPostgres } from '../../support/engines.ts';
import { query } from '../../support/query.ts';
import { type OwnAuthority, ownAuthority, tlsFilesIn } from '../../support/tls-files.ts';
import { manifestOf, workplace } from './lifecycle/harness.ts';

const apps = 'apps:\n  shop: { uses: { main: { connections: 5 } } }\n';

describeEachPostgres('an authority of one’s own', { versions: 'ends' }, (server) => {
  let own: OwnAuthority;
  const manifest = (query: string, field = '', user = 'postgres'): string => {
    const text = manifestOf(apps)
      .replace('postgres@', `${user}@`)
      .replace('/postgres\n', `/postgres${query}\n${field === '' ? '' : `    ${field}\n`}`);
    return own.written(text);
  };
  const planned = async (text: string, host = server().host) => {
    await using place = await workplace({ ...server(), host }, text);
    const { code, stderr } = await place.cli('plan');
    return `${code} ${stderr}`;
  };
  /** Waits until the server shows the certificate that it was given: a reload is on its way for a moment. */
  const serves = async (wish: Wish): Promise<void> => {
    const issued = await own.ca.issue(wish);
    await tlsFilesIn(server().dataDir, 'server', issued);
    await query(server().url, 'SELECT pg_reload_conf()');
    await vi.waitUntil(async () => (await shown()) === issued.cert.replaceAll(/-----.*-----|\s/g, ''), { timeout: 60_000, interval: 20 });
  };
  const shown = async (): Promise<string> => {
    const { Socket } = await import('node:net');
    return await new Promise((resolve) => {
      const line = new Socket();
      line.on('error', () => resolve(''));
      line.connect(server().port, server().host, () => line.write(Buffer.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f])));
      line.once('data', () => {
        const secure = connect({ socket: line, rejectUnauthorized: false }, () => {
          resolve(secure.getPeerX509Certificate()?.raw.toString('base64') ?? '');
          secure.destroy();
        });
        secure.on('error', () => resolve(''));
      });
    });
  };

  beforeAll(async () => {
    const { dataDir, url, password } = server();
    own = await ownAuthority(dataDir);
    await tlsFilesIn(dataDir, 'server', await own.ca.issue());
    await query(url, `ALTER SYSTEM SET ssl_ca_file = '${own.path('CA')}'`);
    await query(url, 'ALTER SYSTEM SET ssl = on');
    await query(url, `CREATE ROLE known SUPERUSER LOGIN PASSWORD '${password}'`);
    const rules = join(dataDir, 'pg_hba.conf');
    await writeFile(
      rules,
      `hostssl all known all scram-sha-256 clientcert=verify-ca\nhost all known all reject\n${await readFile(rules, 'utf8')}`,
    );
    await serves({});
  }, 60_000);

  it('a certificate of another authority, or for another name', async () => {
    expect(await planned(manifest('?sslrootcert=CA.pem'))).toMatch(/^0 /);
    expect(await planned(manifest('?sslrootcert=OTHER.pem'))).toMatch(
      /^5 [^]*CT3016.*the authority that the manifest names for it has not signed it/,
    );
    expect(await planned(manifest('?sslrootcert=CA.pem'), 'localhost')).toMatch(/^5 [^]*CT3016.*another name than "localhost"/);
  });

  it('a certificate for localhost is none for an address', async () => {
    await serves({ dns: ['localhost'], ip: [] });
    expect(await planned(manifest('?sslrootcert=CA.pem'))).toMatch(/^5 [^]*CT3016.*another name than "127.0.0.1"/);
    expect(await planned(manifest('?sslmode=verify-ca&sslrootcert=CA.pem'))).toMatch(/^0 /);
  });

  it('a certificate that has expired', async () => {
    await serves({ until: new Date(Date.now() - 86_400_000) });
    expect(await planned(manifest('?sslrootcert=CA.pem'))).toMatch(/^5 [^]*CT3016.*expired/);
  });

  it('a certificate of the client, where the server wants one', async () => {
    await serves({});
    expect(await planned(manifest('?sslrootcert=CA.pem', '', 'known'))).toMatch(/^5 [^]*CT3017.*wants to see a certificate/);
    expect(await planned(manifest('', 'sslmode: disable', 'known'))).toMatch(/^[45] [^]*CT301[78]/);
    expect(await planned(manifest('?sslrootcert=CA.pem&sslcert=CERT.pem&sslkey=KEY.pem', '', 'known'))).toMatch(/^0 /);
    const tls = 'tls: { ca: { file: CA.pem }, cert: { file: CERT.pem }, key: { file: KEY.pem } }';
    await using place = await workplace(server(), manifest('', tls, 'known'));
    expect((await place.apply()).ending).toBe('done');
    const { stdout } = await place.cli('env', 'shop', '--reveal');
    expect(stdout).not.toContain(own.path('KEY'));
    expect(stdout).not.toContain('PRIVATE KEY');
  });
});
