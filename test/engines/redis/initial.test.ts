import { expect, it } from 'vitest';
import { initial } from '../../../src/engines/redis/env/initial.ts';

it('finds nothing where nothing is set', () => {
  expect(initial({ REDIS_HOST: '' }).found).toBe(false);
});

it('points at what is set, and copies no password', () => {
  expect(initial({ REDIS_HOST: 'cache', REDIS_PASSWORD: 'hunter2' })).toEqual({
    found: true,
    name: 'cache',
    instance: { url: 'redis://${REDIS_HOST:-127.0.0.1}:${REDIS_PORT:-6379}', password: { env: 'REDIS_PASSWORD' } },
    apps: {},
  });
  expect(initial({ VALKEY_PASSWORD: 'hunter2' }).instance).toEqual({
    url: 'redis://${VALKEY_HOST:-127.0.0.1}:${VALKEY_PORT:-6379}',
    password: { env: 'VALKEY_PASSWORD' },
  });
  expect(initial({ REDIS_PASSWORD_FILE: '/run/secrets/$redis' }).instance['password']).toEqual({ file: '/run/secrets/$$redis' });
});
