import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeEachRedis } from '../../../test/support/engines-redis.ts';
import { importServer } from '../../app/import.ts';
import { manifestOf, workplace } from './lifecycle/harness.ts';
import { ask } from './runtime-client.ts';

/** As people set servers up by hand. */
const users: readonly (readonly string[])[] = [
  ['shop', 'on', '>shop-password', '~shop:*', '&shop:*', '+@all', '-@dangerous'],
  ['blog-writer', 'on', '>one', '>two', '~blog/*', '+@read', '+@write', '-scan', '-@dangerous', '(+get ~extra:*)'],
  ['w[eb', 'on', 'nopass', '~web:*', '+get', '+eval'],
  ['everything', 'on', '>x', '~*', '&*', '+@all'],
  ['two', 'on', '>x', '~a:*', '~b:*', '+get'],
  ['loose', 'on', '>x', '~loose*', '+get'],
  ['gone', 'off', '~gone:*'],
  ['default', 'on', 'nopass', '~*', '+@all'],
];

describeEachRedis('a server that was set up by hand', { external: false }, (server) => {
  beforeAll(async () => {
    for (const [name = '', ...rules] of users) await ask(server(), 'ACL', 'SETUSER', name, 'reset', ...rules);
  });

  it('becomes a manifest that names what it leaves out', async () => {
    const { yaml, diagnostics } = await importServer({ url: server().url, password: null, env: {}, cwd: '/srv/life' });
    expect(yaml).not.toContain(server().password);
    const made: unknown = parse(yaml);
    expect(made).toMatchObject({
      project: 'life',
      instances: { main: { engine: 'redis', url: `redis://admin@127.0.0.1:${server().port}`, password: { env: 'REDIS_ADMIN_PASSWORD' } } },
      apps: {
        shop: { uses: { main: { adopt: true, relax: { scan: true, scripting: true, clientTracking: true } } } },
        'blog-writer': { uses: { main: { prefix: 'blog', separator: '/', adopt: true } } },
        w_eb: { uses: { main: { user: 'w[eb', prefix: 'web', adopt: true, relax: { scripting: true } } } },
      },
    });
    expect(diagnostics.map(({ code, message }) => `${code} ${message.split(' ')[2]}`).toSorted()).toEqual([
      'CT2023 "everything"',
      'CT2023 "gone"',
      'CT2023 "loose"',
      'CT2023 "two"',
    ]);
    expect(yaml).toMatch(/# has 2 passwords/);
    expect(yaml).toMatch(/# user default: it is open to everybody/);
  });

  it('is taken over with its passwords, and walled in', async () => {
    const { yaml } = await importServer({ url: server().url, password: null, env: {}, cwd: '/srv/life' });
    await ask(server(), 'ACL', 'DELUSER', 'everything', 'two', 'loose', 'gone');
    await using place = await workplace(server(), yaml, { REDIS_ADMIN_PASSWORD: server().password });
    const { ending, diagnostics } = await place.apply();
    expect({ ending, diagnostics }).toEqual({ ending: 'done', diagnostics: [] });
    expect((await place.plan()).plan.steps).toEqual([]);
    const shop = { ...server(), user: 'shop', password: 'shop-password' };
    expect(await ask(shop, 'SET', 'shop:a', '1')).toBe('OK');
    await expect(ask(shop, 'KEYS', '*')).rejects.toThrow(/^NOPERM/);
    await expect(ask({ ...server(), user: 'blog-writer', password: 'two' }, 'GET', 'extra:x')).rejects.toThrow(/^NOPERM/);
    await expect(ask({ ...server(), user: 'w[eb', password: 'any' }, 'GET', 'web:x')).rejects.toThrow(/^WRONGPASS/);
    await expect(place.reveal('shop')).rejects.toThrow(/CT5007/);
    await ask(server(), 'ACL', 'DELUSER', 'shop', 'blog-writer', 'w[eb');
  });

  it('is not taken over without being told to', async () => {
    await ask(server(), 'ACL', 'SETUSER', 'shop', 'on', '>x', '~shop:*', '+get');
    await using place = await workplace(server(), manifestOf('apps:\n  shop: { uses: { main: {} } }\n'));
    const { ending, diagnostics } = await place.apply();
    expect({ ending, codes: diagnostics.map(({ code }) => code) }).toEqual({ ending: 'failed', codes: ['CT2005', 'CT4007'] });
  });
});
