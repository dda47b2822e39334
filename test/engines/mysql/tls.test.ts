import { expect, it } from 'vitest';
import { describeEachMysql } from '../../support/engines-mysql.ts';
import { openProject } from '../../../src/app/project.ts';
import { openDriver } from '../../../src/engines/mysql/connect/connection.ts';
import { loginOf, manifestOf, workplace } from './lifecycle/harness.ts';
import { ask } from '../../../src/engines/mysql/local/client.ts';
import { errorNumber } from '../../../src/engines/mysql/connect/trouble.ts';
import { ground, shortly } from './verify/harness.ts';

const apps = 'apps:\n  shop: { uses: { main: { connections: 5 } } }\n  blog: { uses: { main: { connections: 5 } } }\n';

describeEachMysql('requireSsl', { versions: 'kinds' }, (server) => {
  it('shuts out who comes without TLS, and verify tries it', { timeout: 120_000 }, async () => {
    await using made = await ground(server(), manifestOf(apps, '    sslmode: require\n    requireSsl: true\n'));
    const { place } = made;
    const variables = await place.reveal('shop');
    const login = loginOf(variables);
    const refused: unknown = await ask(login, 'SELECT 1').catch((error: unknown) => error);
    expect([1045, 3159]).toContain(errorNumber(refused));
    const driver = await openDriver({ ...login, ssl: { rejectUnauthorized: false, verifyIdentity: false } }, 'test', 10_000);
    await driver.query('SELECT 1');
    await driver.end();
    expect(shortly((await made.verify()).findings)).toEqual([]);
    await place.root("ALTER USER 'shop_user'@'%' REQUIRE NONE");
    const seen = (await made.verify()).findings;
    expect(seen.map(({ probe, half }) => `${probe} ${half}`)).toEqual(['MY-H3 both']);
    expect((await place.apply()).ending).toBe('done');
    expect(shortly((await made.verify()).findings)).toEqual([]);
  });

  it('needs TLS for cotenant as well', async () => {
    await using place = await workplace(server(), manifestOf(apps, '    requireSsl: true\n'));
    await expect(openProject({ cwd: place.folder, env: place.env })).rejects.toThrow(/CT1016/);
  });
});

describeEachMysql('a connection without TLS', { versions: 'kinds' }, (server) => {
  it('does not carry the password', { timeout: 60_000 }, async () => {
    const { createServer, connect } = await import('node:net');
    const sent: Buffer[] = [];
    const proxy = createServer((client) => {
      const line = connect(server().port, server().host);
      client.on('data', (data) => sent.push(data));
      client.pipe(line).pipe(client);
      for (const end of [client, line]) end.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    // A fresh password is in no cache of the server: the long way of logging in is taken.
    await ask(server(), "CREATE USER 'fresh'@'%' IDENTIFIED BY 'canary-in-clear'");
    const rows = await ask(
      { host: '127.0.0.1', port: address.port, user: 'fresh', password: 'canary-in-clear' },
      'SELECT CURRENT_USER() AS me',
    );
    proxy.close();
    expect(rows[0]?.['me']).toBe('fresh@%');
    const bytes = Buffer.concat(sent);
    expect(bytes.includes('fresh')).toBe(true);
    expect(bytes.includes('canary-in-clear')).toBe(false);
  });
});
