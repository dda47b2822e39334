import { expect, it } from 'vitest';
import { initial } from '../../../src/engines/mysql/env/initial.ts';

it('says nothing where the environment does not speak of it', () => {
  expect(initial({ POSTGRES_PASSWORD: 'x' }).found).toBe(false);
});

it('points at the variables of the container and copies none', () => {
  expect(initial({ MYSQL_ROOT_PASSWORD: 'geheim', MYSQL_DATABASE: 'my-shop', MYSQL_USER: 'shop' })).toEqual({
    found: true,
    name: 'mysql',
    instance: { url: 'mysql://root@${MYSQL_HOST:-127.0.0.1}:${MYSQL_PORT:-3306}', password: { env: 'MYSQL_ROOT_PASSWORD' } },
    apps: { 'my-shop': { database: 'my-shop', names: { login: 'shop' }, adopt: true } },
  });
});

it('reads the password from a file where that is how it is given', () => {
  expect(initial({ MARIADB_ROOT_PASSWORD_FILE: '/run/secrets/root' }).instance['password']).toEqual({ file: '/run/secrets/root' });
});
