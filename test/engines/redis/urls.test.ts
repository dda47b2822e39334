import { createClient } from '@redis/client';
import { fc } from '../../support/properties.ts';
import { describe, expect, it } from 'vitest';
import { describeEachRedis } from '../../support/engines-redis.ts';
import { ask } from '../../../src/engines/redis/local/client.ts';
import { urlVariableNames, urlVariables, type UrlInput } from '../../../src/engines/redis/env/urls.ts';

const base: UrlInput = {
  app: 'digi-core',
  host: 'cache.internal',
  port: 6379,
  tls: false,
  user: 'digi_core',
  password: 'p/w@:#',
  database: 0,
  prefix: 'digi_core:',
};

const valuesOf = (input: UrlInput): Readonly<Record<string, string>> =>
  Object.fromEntries(urlVariables(input).map(({ name, value }) => [name, value]));

describe('the variables', () => {
  it('have the names and forms that people look for', () => {
    expect(valuesOf(base)).toEqual({
      REDIS_URL: 'redis://digi_core:p%2Fw%40%3A%23@cache.internal:6379',
      DIGI_CORE_REDIS_URL: 'redis://digi_core:p%2Fw%40%3A%23@cache.internal:6379',
      SPRING_DATA_REDIS_URL: 'redis://digi_core:p%2Fw%40%3A%23@cache.internal:6379',
      REDIS_HOST: 'cache.internal',
      REDIS_PORT: '6379',
      REDIS_DB: '0',
      REDIS_DB_DIGI_CORE: '0',
      REDIS_USERNAME: 'digi_core',
      REDIS_PASSWORD: 'p/w@:#',
      REDIS_KEY_PREFIX: 'digi_core:',
    });
  });

  it('say database, TLS and instance where there is something to say', () => {
    const values = valuesOf({ ...base, database: 3, tls: true, host: '::1', prefix: null, instance: 'main-cache' });
    expect(values['MAIN_CACHE_REDIS_URL']).toBe('rediss://digi_core:p%2Fw%40%3A%23@[::1]:6379/3');
    expect(values['MAIN_CACHE_REDIS_TLS']).toBe('true');
    expect(values).not.toHaveProperty('MAIN_CACHE_REDIS_KEY_PREFIX');
  });

  it('show no password where they are masked, and have the names that are told beforehand', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.nat(15), fc.boolean(), (password, database, tls) => {
        const input = { ...base, password: `${password}~secret`, database, tls };
        for (const { secret, masked, value } of urlVariables(input)) {
          if (secret) expect(masked ?? '').not.toContain('secret');
          else expect(value).not.toContain('secret');
        }
        expect(urlVariableNames(input).map(({ name }) => name)).toEqual(urlVariables(input).map(({ name }) => name));
      }),
    );
  });
});

describeEachRedis('a driver that reads the URL', { versions: ['redis8'] }, (running) => {
  it('is the user that it names, in the database that it names', async () => {
    const server = running();
    for (const [user, password] of [
      ['plain', 'plain'],
      ['a@b:/c?#', 'p@:/?#[]%41 "\'\\'],
      ['é*ü%', "ß'()*!~"],
    ] as const) {
      await ask(server, 'ACL', 'SETUSER', user, 'reset', 'on', `>${password}`, 'allcommands', 'allkeys');
      const { REDIS_URL: url = '' } = valuesOf({ ...base, host: server.host, port: server.port, user, password, database: 5 });
      const client = createClient({ url });
      await client.connect();
      expect(await client.sendCommand(['ACL', 'WHOAMI'])).toBe(user);
      expect(await client.sendCommand(['CLIENT', 'INFO'])).toContain(' db=5 ');
      client.destroy();
    }
  });
});
