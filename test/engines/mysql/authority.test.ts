import { createConnection } from 'mysql2/promise';
import { beforeAll, expect, it } from 'vitest';
import { ask } from '../../../src/engines/mysql/local/client.ts';
import type { Wish } from '../../support/certificates.ts';
import { describeEachMysql } from '../../support/engines-mysql.ts';
import { type OwnAuthority, ownAuthority, tlsFilesIn } from '../../support/tls-files.ts';
import { manifestOf, workplace } from './lifecycle/harness.ts';

const apps = 'apps:\n  shop: { uses: { main: { connections: 5 } } }\n';

describeEachMysql('an authority of one’s own', { versions: 'kinds' }, (server) => {
  let own: OwnAuthority;

  /** The server restarts with a certificate for the wish, from the authority. */
  const serves = async (wish: Wish): Promise<void> => {
    const { dataDir } = server();
    const { cert, key } = await tlsFilesIn(dataDir, 'own', await own.ca.issue(wish));
    await server().restart({ 'ssl-ca': own.path('CA'), 'ssl-cert': cert, 'ssl-key': key });
  };
  const manifest = (query: string, field = '', user = 'root'): string =>
    own.written(
      manifestOf(apps, field === '' ? '' : `    ${field}\n`)
        .replace('root@', `${user}@`)
        .replace('${MYPORT}', `\${MYPORT}${query}`),
    );
  const planned = async (text: string, host = server().host) => {
    await using place = await workplace({ ...server(), host }, text);
    const { code, stderr } = await place.cli('plan');
    return `${code} ${stderr}`;
  };

  beforeAll(async () => {
    own = await ownAuthority(server().dataDir);
    await serves({ dns: ['localhost'] });
  }, 120_000);

  it.each([
    ['?ssl-mode=VERIFY_IDENTITY&ssl-ca=CA.pem', '', 'verify-full'],
    ['?ssl-mode=VERIFY_CA&ssl-ca=CA.pem', '', 'verify-ca'],
    ['?ssl-ca=CA.pem', '', 'verify-full'],
    ['', 'tls: { mode: verify-full, ca: { file: CA.pem } }', 'verify-full'],
    ['', 'tls: { mode: verify-ca, ca: { file: CA.pem } }', 'verify-ca'],
  ])('%s %s: cotenant and the app speak TLS, and check with whom', async (query, field, mode) => {
    // mysql2 of an app compares the certificate of an address with the name localhost.
    await using place = await workplace({ ...server(), host: 'localhost' }, manifest(query, field));
    expect((await place.apply()).ending).toMatch(/^done|nothing-to-do$/);
    const variables = await place.reveal('shop');
    const connection = await createConnection(variables['DATABASE_URL'] ?? '');
    const [rows] = await connection.query("SHOW STATUS LIKE 'Ssl_cipher'");
    await connection.end();
    expect(JSON.stringify(rows)).toMatch(/"Value":"[A-Z]/);
    expect(variables['DATABASE_URL']).toContain(encodeURIComponent('"rejectUnauthorized":true'));
    expect(variables['DATABASE_URL']?.includes('verifyIdentity')).toBe(mode === 'verify-full');
    expect(variables['MYSQL_SQLALCHEMY_URL']).toContain(`ssl_ca=${encodeURIComponent(own.path('CA'))}`);
  });

  it('a certificate that nobody trusts, of another authority, for another name', async () => {
    expect(await planned(manifest('', 'sslmode: verify-full'))).toMatch(/^5 [^]*CT3016.*nobody whom this machine trusts/);
    expect(await planned(manifest('?ssl-ca=OTHER.pem'))).toMatch(
      /^5 [^]*CT3016.*the authority that the manifest names for it has not signed it/,
    );
  });

  it('a certificate for an address is none for localhost', async () => {
    await serves({});
    expect(await planned(manifest('?ssl-ca=CA.pem'))).toMatch(/^0 /);
    expect(await planned(manifest('?ssl-ca=CA.pem'), 'localhost')).toMatch(/^5 [^]*CT3016.*another name than "localhost"/);
    expect(await planned(manifest('?ssl-mode=VERIFY_CA&ssl-ca=CA.pem'), 'localhost')).toMatch(/^0 /);
  });

  it('a certificate for localhost is none for an address', async () => {
    await serves({ dns: ['localhost'], ip: [] });
    expect(await planned(manifest('?ssl-ca=CA.pem'))).toMatch(/^5 [^]*CT3016.*another name than "127.0.0.1"/);
    expect(await planned(manifest('?ssl-ca=CA.pem'), 'localhost')).toMatch(/^0 /);
  });

  it('a certificate that has expired', async () => {
    await serves({ until: new Date(Date.now() - 86_400_000) });
    expect(await planned(manifest('?ssl-ca=CA.pem'))).toMatch(/^5 [^]*CT3016.*expired/);
    expect(await planned(manifest('', 'sslmode: require'))).toMatch(/^0 /);
  });

  it('a certificate of the client, where an account wants one', async () => {
    await serves({});
    await ask(server(), `CREATE USER 'known'@'%' IDENTIFIED BY '${server().password}' REQUIRE X509`);
    await ask(server(), "GRANT ALL ON *.* TO 'known'@'%' WITH GRANT OPTION");
    expect(await planned(manifest('?ssl-ca=CA.pem', '', 'known'))).toMatch(/^4 [^]*CT3002/);
    expect(await planned(manifest('?ssl-ca=CA.pem&ssl-cert=CERT.pem&ssl-key=KEY.pem', '', 'known'))).toMatch(/^0 /);
    const tls = 'tls: { ca: { file: CA.pem }, cert: { file: CERT.pem }, key: { file: KEY.pem } }';
    await using place = await workplace(server(), manifest('', tls, 'known'));
    expect((await place.apply()).ending).toMatch(/^done|nothing-to-do$/);
    const shown = JSON.stringify(await place.reveal('shop'));
    expect(shown).not.toContain(own.path('KEY'));
    expect(shown).not.toContain('PRIVATE KEY');
  });
});
