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

  it.each([['${PGPW:?is needed}'], ['${PGPW}'], ['$PGPW']])(
    'refers to a password that the compose file takes from %s, set or not',
    async (raw) => {
      const compose = `services: { db: { image: postgres, environment: { POSTGRES_PASSWORD: "${raw}" }, ports: ["5501:5432"] } }\n`;
      const { yaml, stderr } = await init({ 'compose.yml': compose });
      expect(yaml.instances).toEqual({
        main: { engine: 'postgres', url: 'postgres://postgres@127.0.0.1:5501/postgres', password: { env: 'PGPW' } },
      });
      expect(stderr).toMatch(/Set PGPW before the next command/);
      expect((await init({ 'compose.yml': compose }, { PGPW: 'x' })).stderr).not.toContain('Set PGPW');
    },
  );

  it('passes over no compose file without a word, and reads a dotenv file as editors on Windows write it', async () => {
    const { stderr, yaml } = await init({
      'compose.yml': 'services:\n  db:\n    image: [\n',
      '.env': '\uFEFFDATABASE_URL=postgres://127.0.0.1/shop\r\n',
    });
    expect(stderr).toContain('compose.yml could not be read as a compose file');
    expect(yaml.instances).toMatchObject({ main: { url: 'postgres://127.0.0.1/postgres' } });
  });

  it('takes the server of a dotenv file for another one than that of the compose file, where its address is another', async () => {
    const compose = 'services: { db: { image: postgres, environment: { POSTGRES_DB: wiki }, ports: ["5501:5432"] } }\n';
    const apart = await init({ 'compose.yml': compose, '.env': 'DATABASE_URL=postgres://db.example.com/shop?sslmode=require\n' });
    expect(apart.yaml.instances).toMatchObject({
      main: { url: 'postgres://db.example.com/postgres?sslmode=require' },
      postgres: { url: 'postgres://postgres@127.0.0.1:5501/postgres' },
    });
    expect(apart.yaml.apps).toEqual({ shop: { uses: { main: { adopt: true } } }, wiki: { uses: { postgres: { adopt: true } } } });
    for (const host of ['db', 'localhost', '127.0.0.1', '[::1]', 'host.docker.internal']) {
      const { yaml } = await init({ 'compose.yml': compose, '.env': `DATABASE_URL=postgres://u@${host}/shop\n` });
      expect(Object.keys(yaml.instances)).toEqual(['main']);
      expect(yaml.apps).toEqual({ shop: { uses: { main: { adopt: true } } }, wiki: { uses: { main: { adopt: true } } } });
    }
  });

  it.each(['redis+sentinel', 'rediss+sentinel', 'redis+cluster'])('takes an address %s:// for no server', async (scheme) => {
    const { text } = await init({}, { REDIS_URL: `${scheme}://127.0.0.1:26379/mymaster` });
    expect(text).not.toContain('26379');
  });
});
