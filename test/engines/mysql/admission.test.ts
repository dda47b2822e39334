import { expect, it } from 'vitest';
import { describeEachMysql } from '../../support/engines-mysql.ts';
import { ask } from '../../../src/engines/mysql/local/client.ts';
import { refusalOf } from '../../support/cli.ts';
import { manifestOf, workplace } from './lifecycle/harness.ts';

const apps = 'apps:\n  shop: { uses: { main: { connections: 5 } } }\n';
const manifest = manifestOf(apps);
const as = (user: string, query = ''): string => manifest.replace('root@', `${user}@`).replace('${MYPORT}', `\${MYPORT}${query}`);

describeEachMysql('a server that does not let the operator in', { versions: 'all' }, (server, version) => {
  const told = async (text: string, password = server().password) => {
    await using place = await workplace({ ...server(), password }, text);
    return refusalOf(await place.cli('plan'));
  };
  const whole = (diagnostic: string, words: string): unknown =>
    expect.stringContaining(`${diagnostic} "main" at ${server().host}:${server().port} ${words}`) as unknown;

  it('a wrong password, none, an account that is locked', async () => {
    expect(await told(manifest, 'wrong')).toEqual([4, whole('CT3002', 'refused the login "root"')]);
    expect(await told(manifest.replace(/ +password.*\n/, ''))).toEqual([
      4,
      whole('CT3021', 'refused the login "root", and there is no password'),
    ]);
    await ask(server(), `CREATE USER 'locked'@'%' IDENTIFIED BY '${server().password}' ACCOUNT LOCK`);
    expect(await told(as('locked'))).toEqual([4, whole('CT3002', 'refused the login "locked"')]);
  });

  it('an account for another host', async () => {
    await ask(server(), `CREATE USER 'elsewhere'@'10.255.255.1' IDENTIFIED BY '${server().password}'`);
    expect((await told(as('elsewhere')))[0]).toBe(4);
  });

  it('too many connections', async () => {
    await ask(server(), `CREATE USER 'busy'@'%' IDENTIFIED BY '${server().password}' WITH MAX_CONNECTIONS_PER_HOUR 1`);
    await ask({ ...server(), user: 'busy' }, 'SELECT 1');
    expect(await told(as('busy'))).toEqual([5, whole('CT3019', 'has no connection left')]);
  });

  it('without TLS, where it wants TLS', async () => {
    await ask(server(), 'SET GLOBAL require_secure_transport = ON');
    await using place = await workplace(server(), manifest);
    const { code, stderr } = await place.cli('plan');
    // MariaDB 10.11 says no more than that access is denied.
    const [exit, words] =
      version === 'mariadb10' ? [4, /CT3002[^]*requires TLS is refused in the same words/] : [5, /CT3017.*lets nobody in without TLS/];
    expect({ code, stderr }).toEqual({ code: exit, stderr: expect.stringMatching(words) as unknown });
  });
});

describeEachMysql('a server without TLS', { versions: 'all', settings: { 'loose-skip-ssl': 1, 'loose-tls-version': '' } }, (server) => {
  it('is told where the manifest asks for it', async () => {
    await using place = await workplace(server(), manifestOf(apps, '    sslmode: require\n'));
    const { code, stderr } = await place.cli('plan');
    expect({ code, stderr }).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/CT3017\]: "main" at .* does not speak TLS/) as unknown,
    });
  });
});

describeEachMysql('a server that knows no account for this host', { versions: 'all' }, (server) => {
  it('is told', async () => {
    await using place = await workplace(server(), manifest);
    const accounts = await ask(
      server(),
      "SELECT User AS u, Host AS h FROM mysql.user WHERE Host IN ('%', 'localhost', '127.0.0.1') AND User <> ''",
    );
    const moved = accounts
      .filter(({ u }) => u === 'root')
      .map(({ u, h }) => `'${String(u)}'@'${String(h)}' TO '${String(u)}'@'10.255.255.${String(h).length}'`);
    expect(moved.length).toBeGreaterThan(0);
    await ask(server(), `RENAME USER ${moved.join(', ')}`);
    const { code, stderr } = await place.cli('plan');
    expect({ code, stderr }).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/CT3018\]: "main" at .* does not admit the login "root" from here/) as unknown,
    });
  });
});
