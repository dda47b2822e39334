import { expect, it } from 'vitest';
import { describeEachMysql } from '../../support/engines-mysql.ts';
import { isHashOf, nativeHash, passwordHash } from '../../../src/engines/mysql/connect/password-hash.ts';
import { literal } from '../../../src/engines/mysql/quote.ts';
import { ask } from '../../../src/engines/mysql/local/client.ts';
import { sha256Crypt } from '../../../src/engines/mysql/connect/sha256-crypt.ts';

it('is what others compute', () => {
  expect(sha256Crypt('Hello world!', Buffer.from('saltstring'), 5000)).toBe('5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5');
  expect(nativeHash('password')).toBe('*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19');
});

it('is salted, and known again', () => {
  const [one, two] = [passwordHash('caching_sha2_password', 'geheim'), passwordHash('caching_sha2_password', 'geheim')];
  expect(one).not.toBe(two);
  for (const hash of [one, two]) {
    expect(isHashOf('caching_sha2_password', hash, 'geheim')).toBe(true);
    expect(isHashOf('caching_sha2_password', hash, 'Geheim')).toBe(false);
    expect(isHashOf('mysql_native_password', hash, 'geheim')).toBe(false);
  }
});

describeEachMysql('a hash that was computed here', { versions: 'all' }, (server) => {
  it.each(['x', 'a'.repeat(63), 'ü€😀', `q'u"o\\te %`])('lets the password %s in, and no other', async (password) => {
    const plugin = server().flavor === 'mariadb' ? 'mysql_native_password' : 'caching_sha2_password';
    const words = server().flavor === 'mariadb' ? `IDENTIFIED VIA ${plugin} USING` : `IDENTIFIED WITH ${plugin} AS`;
    await ask(server(), "DROP USER IF EXISTS 'probe'@'%'");
    await ask(server(), `CREATE USER 'probe'@'%' ${words} ${literal(passwordHash(plugin, password))}`);
    const [row] = await ask({ ...server(), user: 'probe', password }, 'SELECT CURRENT_USER() AS me');
    expect(row?.['me']).toBe('probe@%');
    await expect(ask({ ...server(), user: 'probe', password: `${password}x` }, 'SELECT 1')).rejects.toMatchObject({ errno: 1045 });
  });
});
