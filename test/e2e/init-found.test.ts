import { describe, expect, it } from 'vitest';
import { init } from '../support/init.ts';

describe('init takes out of what is there', () => {
  it('gives each of several services that hold their password themselves a variable of its own', async () => {
    const service = (name: string, port: number): string =>
      `${name}: { image: postgres, environment: { POSTGRES_PASSWORD: ${name}word }, ports: ["${port}:5432"] }`;
    const { text, stderr, yaml } = await init({ 'compose.yml': `services: { ${service('db', 5501)}, ${service('old-db', 5502)} }\n` });
    expect(yaml.instances).toMatchObject({
      main: { password: { env: 'DB_POSTGRES_PASSWORD' } },
      postgres: { password: { env: 'OLD_DB_POSTGRES_PASSWORD' } },
    });
    expect(stderr).toContain('Set DB_POSTGRES_PASSWORD before');
    expect(stderr).toContain('Set OLD_DB_POSTGRES_PASSWORD before');
    expect(text + stderr).not.toMatch(/dbword|old-dbword/);
  });

  it.each([
    ['DATABASE_URL', 'postgres://u:pa55:word@127.0.0.1/shop', 'postgres://u@127.0.0.1/postgres'],
    ['REDIS_URL', 'redis://:pa55:word@127.0.0.1', 'redis://127.0.0.1'],
  ])('takes a password with a colon in %s out of the address', async (variable, url, address) => {
    const { code, text, yaml, stderr } = await init({}, { [variable]: url });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(Object.values(yaml.instances)).toMatchObject([{ url: address, password: { env: variable, part: 'password' } }]);
    expect(text + stderr).not.toMatch(/pa55|:word/);
  });

  it.each(['redis+sentinel', 'rediss+sentinel', 'redis+cluster'])('takes an address %s:// for no server', async (scheme) => {
    const { text } = await init({}, { REDIS_URL: `${scheme}://127.0.0.1:26379/mymaster` });
    expect(text).not.toContain('26379');
  });
});
