import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeEachRedis } from '../../support/engines-redis.ts';
import { saidTwice } from '../../support/said.ts';
import { importServer } from '../../../src/app/import.ts';
import { manifestOf, workplace } from './lifecycle/harness.ts';
import { makeClient } from '../../../src/engines/redis/connect/client.ts';
import { ask } from '../../../src/engines/redis/local/client.ts';

/** As people set servers up by hand. */
const users: readonly (readonly string[])[] = [
  ['shop', 'on', '>shop-password', '~shop:*', '&shop:*', '+@all', '-@dangerous'],
  ['blog-writer', 'on', '>one', '>two', '~blog/*', '+@read', '+@write', '-scan', '-@dangerous', '(+get ~extra:*)'],
  ['news-writer', 'on', '>one', '>two', '~news/*', '+@read', '+@write', '-scan', '-@dangerous'],
  ['w[eb', 'on', 'nopass', '~web:*', '+get', '+eval'],
  ['w[iki', 'on', '>x', '~wiki:*', '+get', '+eval'],
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
        'news-writer': { uses: { main: { prefix: 'news', separator: '/', adopt: true } } },
        w_iki: { uses: { main: { user: 'w[iki', prefix: 'wiki', adopt: true, relax: { scripting: true } } } },
      },
    });
    expect(diagnostics.map(({ code, message }) => `${code} ${message.split(' ')[2]}`).toSorted()).toEqual([
      'CT2023 "blog-writer"',
      'CT2023 "everything"',
      'CT2023 "gone"',
      'CT2023 "loose"',
      'CT2023 "two"',
      'CT2023 "w[eb"',
    ]);
    expect(yaml).toMatch(/# has 2 passwords/);
    expect(yaml).toMatch(/# user default: it is open to everybody/);
  });

  it('is read with a password that a variable holds, and the manifest names that one', async () => {
    const url = server().url.replace(/:[^:@/]+@/, '@');
    const { yaml } = await importServer({ url, password: null, env: { REDISCLI_AUTH: server().password } });
    expect(parse(yaml)).toMatchObject({ instances: { main: { password: { env: 'REDISCLI_AUTH' } } } });
    const given = await importServer({ url: server().url, password: null, env: { REDISCLI_AUTH: 'of another server' } });
    expect(parse(given.yaml)).toMatchObject({ instances: { main: { password: { env: 'REDIS_ADMIN_PASSWORD' } } } });
  });

  it('becomes one that can be planned, whatever its prefixes are, and in which every login goes on', { timeout: 60_000 }, async () => {
    const before = await ask(server(), 'ACL', 'LIST');
    const names = String(await ask(server(), 'ACL', 'USERS'))
      .split(',')
      .filter((name) => name !== 'admin' && name !== 'default');
    await ask(server(), 'ACL', 'DELUSER', ...names);
    await ask(server(), 'ACL', 'SETUSER', 'default', 'off');
    const field: readonly (readonly [string, string])[] = [
      ['sidekiq', '~sidekiq:* &sidekiq:* &sidekiq:news:* +@all -@dangerous'],
      ['sub', '~sidekiq:sub:* +@read +@write'],
      ['cms', '~cms:* +@all -@dangerous'],
      ['cms-ro', '%R~cms:* +@read'],
      ['cms.ro', '~cms:* +get +ping'],
      ['lonely', '%R~lonely:* +@read'],
      ['writer', '%W~w:* +set'],
      ['percent', '~%R~x:* +get'],
      ['events', '~__keyspace@0__:* +get'],
    ];
    for (const [name, rules] of field) await ask(server(), 'ACL', 'SETUSER', name, 'reset', 'on', `>of ${name}`, ...rules.split(' '));
    await ask(server(), 'ACL', 'SAVE');
    const { yaml, diagnostics } = await importServer({ url: server().url, password: null, env: {}, cwd: '/srv/life' });
    expect(parse(yaml)).toMatchObject({
      apps: {
        sidekiq: { uses: { main: { adopt: true, channels: ['news:*'] } } },
        cms: {
          uses: {
            main: {
              adopt: true,
              logins: {
                app: { as: 'rw', user: 'cms' },
                cms_ro: { as: 'read', user: 'cms.ro' },
                'cms-ro_2': { as: 'read', user: 'cms-ro' },
              },
            },
          },
        },
        lonely: { uses: { main: { adopt: true, logins: { app: { as: 'read', user: 'lonely' } } } } },
      },
    });
    expect(diagnostics.map(({ code, message }) => `${code} ${message.split(' ')[2]}`).toSorted()).toEqual([
      'CT2023 "events"',
      'CT2023 "percent"',
      'CT2023 "sub"',
      'CT2023 "writer"',
    ]);
    await using place = await workplace(server(), yaml, { REDIS_ADMIN_PASSWORD: server().password });
    const { plan } = await place.plan();
    expect(saidTwice(plan)).toEqual([]);
    expect(plan.diagnostics).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    const as = async (user: string, ...words: readonly string[]): Promise<unknown> =>
      await ask({ ...server(), user, password: `of ${user}` }, ...words);
    expect(await as('sidekiq', 'SET', 'sidekiq:a', '1')).toBe('OK');
    await as('sidekiq', 'PSUBSCRIBE', 'sidekiq:news:*');
    for (const user of ['cms', 'cms-ro', 'cms.ro']) expect(await as(user, 'GET', 'cms:x')).toBeNull();
    expect(await as('sub', 'SET', 'sidekiq:sub:a', '1')).toBe('OK');
    await expect(as('cms-ro', 'SET', 'cms:x', '1')).rejects.toThrow(/^NOPERM/);
    await ask(server(), 'ACL', 'DELUSER', ...field.map(([name]) => name), 'cotenant:life');
    for (const [name = '', ...rules] of users) await ask(server(), 'ACL', 'SETUSER', name, 'reset', ...rules);
    await ask(server(), 'ACL', 'SAVE');
    expect(String(await ask(server(), 'ACL', 'LIST')).split(',').length).toBe(String(before).split(',').length);
  });

  it('is taken over with its passwords, and walled in', async () => {
    const { yaml } = await importServer({ url: server().url, password: null, env: {}, cwd: '/srv/life' });
    await ask(server(), 'ACL', 'SAVE');
    await using place = await workplace(server(), yaml, { REDIS_ADMIN_PASSWORD: server().password });
    // Every login, each of its old passwords, and each kind of thing that it may do.
    const did: readonly (readonly [user: string, password: string, ...words: readonly string[]])[] = [
      ['shop', 'shop-password', 'SET', 'shop:old', '1'],
      ['shop', 'shop-password', 'SCAN', '0'],
      ['shop', 'shop-password', 'EVAL', 'return 1', '0'],
      ['blog-writer', 'one', 'SET', 'blog/old', '1'],
      ['blog-writer', 'two', 'GET', 'extra:x'],
      ['news-writer', 'one', 'SET', 'news/old', '1'],
      ['news-writer', 'two', 'GET', 'news/old'],
      ['w[eb', 'any', 'GET', 'web:x'],
      ['w[eb', 'other', 'EVAL', "return redis.call('get', KEYS[1])", '1', 'web:x'],
      ['w[iki', 'x', 'EVAL', "return redis.call('get', KEYS[1])", '1', 'wiki:x'],
      ['everything', 'x', 'SET', 'anything', '1'],
      ['two', 'x', 'GET', 'a:x'],
      ['two', 'x', 'GET', 'b:x'],
      ['loose', 'x', 'GET', 'looser'],
    ];
    const works = async (): Promise<void> => {
      for (const [user, password, ...words] of did) await ask({ ...server(), user, password }, ...words);
    };
    await works();
    const { ending, diagnostics } = await place.apply();
    expect(ending).toBe('done');
    expect(diagnostics.map(({ severity, message }) => `${severity} ${message}`)).toEqual(
      ['news-writer', 'shop'].map((app): unknown => expect.stringContaining(`info app "${app}" takes over 1 key that lies on "main"`)),
    );
    expect((await place.plan()).plan.steps).toEqual([]);
    await works();
    const shop = { ...server(), user: 'shop', password: 'shop-password' };
    expect(await ask(shop, 'SET', 'shop:a', '1')).toBe('OK');
    await expect(ask(shop, 'KEYS', '*')).rejects.toThrow(/^NOPERM/);
    await expect(place.reveal('shop')).rejects.toThrow(/CT5007/);
    await ask(server(), 'ACL', 'DELUSER', ...users.map(([name = '']) => name).filter((name) => name !== 'default'));
  });

  it('leaves out whoever would lose what is in use, and only then', { timeout: 60_000 }, async () => {
    const rules = ['+@read', '+@write', '+@connection', '-keys'];
    for (const name of ['picks', 'asks', 'quiet'])
      await ask(server(), 'ACL', 'SETUSER', name, 'reset', 'on', `>of ${name}`, `~${name}:*`, ...rules);
    await ask(server(), 'ACL', 'SAVE');
    await ask(server(), 'CONFIG', 'RESETSTAT');
    const left = async (): Promise<readonly string[]> => {
      const { diagnostics } = await importServer({ url: server().url, password: null, env: {}, cwd: '/srv/life' });
      return diagnostics
        .map(({ message }) => String(/"(.+?)"/.exec(message)?.[1]))
        .filter((name) => ['picks', 'asks', 'quiet'].includes(name));
    };
    expect(await left()).toEqual([]);
    // A connection that is open and asked for the list tells whose it is.
    const { host, port } = server();
    const open = makeClient(2, { host, port, tls: null, login: { user: 'asks', password: 'of asks' }, deadline: 10_000 });
    await open.connect();
    await open.sendCommand(['CLIENT', 'LIST']);
    expect(await left()).toEqual(['asks']);
    await ask({ ...server(), user: 'picks', password: 'of picks' }, 'RANDOMKEY');
    expect((await left()).toSorted()).toEqual(['asks', 'picks', 'quiet']);
    open.destroy();
    await ask(server(), 'ACL', 'DELUSER', 'picks', 'asks', 'quiet');
    await ask(server(), 'CONFIG', 'RESETSTAT');
  });

  it('leaves every login what works, as an app’s or as somebody known', { timeout: 60_000 }, async () => {
    await ask(server(), 'FUNCTION', 'FLUSH');
    const field: readonly (readonly [name: string, rules: string, app: boolean, ...does: readonly string[]])[] = [
      ['usual', '~usual:* +@all -@dangerous', true, 'SET usual:a 1', 'SCAN 0', 'EVAL return(1) 0', 'DBSIZE', 'SELECT 3'],
      ['talks', '~talks:* &* +@all -@dangerous', false, 'PUBLISH jobs x', 'SET talks:a 1'],
      ['inside', '~inside:* &inside:* &inside:n:* +@all -@dangerous', true, 'PUBLISH inside:x y'],
      ['other', '~other:* &other:* &bus +set +publish', false, 'PUBLISH bus x', 'SET other:a 1'],
      ['whole', '~whole:* &* +@all', false, 'CONFIG GET maxmemory', 'PUBLISH x y', 'KEYS none:*', 'ACL WHOAMI'],
      ['plain', '~plain:* +@read +@write', false, 'SET plain:a 1', 'GET plain:a'],
      ['most', '~most:* +@read +@write +flushdb', false, 'SET most:a 1', 'FLUSHDB'],
      ['looks', '~looks:* +@all -@admin -@dangerous +config|get', false, 'CONFIG GET maxmemory', 'SET looks:a 1'],
      ['wide', '~* +@read', false, 'GET anything'],
      ['all', '~* &* +@all -flushall', false, 'SET any 1', 'CONFIG GET port'],
      ['hears', '%R~hears:* &hears:* +@read +@pubsub', false, 'GET hears:a', 'PUBLISH hears:x y'],
      ['listens', '~usual:* &usual:* +get +publish', true, 'GET usual:a', 'PUBLISH usual:x y'],
      ['first', '~first:* +set +get +flushdb|async', false, 'FLUSHDB ASYNC', 'SET first:a 1'],
      ['lists', '~lists:* +@read +client|list', false, 'CLIENT LIST', 'GET lists:a'],
      ['joined', '~joined:* +@read +@connection', true, 'GET joined:a', 'CLIENT GETNAME'],
      ['chosen', '~chosen:* +get +set (~more:* +get)', false, 'GET more:x', 'SET chosen:a 1'],
      ['monit', '+info +client|list +ping', false, 'INFO', 'CLIENT LIST'],
    ];
    for (const [name, rules] of field)
      await ask(server(), 'ACL', 'SETUSER', name, 'reset', 'on', `>of ${name}`, ...(rules.match(/\([^)]*\)|\S+/g) ?? []));
    await ask(server(), 'ACL', 'SAVE');
    const works = async (): Promise<void> => {
      for (const [user, , , ...does] of field)
        for (const one of does)
          await ask({ ...server(), user, password: `of ${user}` }, ...one.replace('return(1)', 'return 1').split(/ (?!1 0$)/));
    };
    await works();
    const { yaml, diagnostics } = await importServer({ url: server().url, password: null, env: {}, cwd: '/srv/life' });
    const left = field.filter(([, , app]) => !app).map(([name]) => name);
    const made = parse(yaml) as { readonly known: readonly { readonly user: string; readonly why: string }[] };
    expect(made.known.map(({ user }) => user).toSorted()).toEqual(left.toSorted());
    expect(diagnostics.map(({ message }) => String(/"(.+?)"/.exec(message)?.[1])).toSorted()).toEqual(left.toSorted());
    expect(made.known.find(({ user }) => user === 'talks')?.why).toContain('channels *');
    expect(made.known.find(({ user }) => user === 'most')?.why).toContain('FLUSHDB');
    await using place = await workplace(server(), yaml, { REDIS_ADMIN_PASSWORD: server().password });
    const planned = (await place.plan()).plan;
    expect(planned.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    // Nobody whom the manifest does not name as an app's login loses anything.
    expect(planned.steps.flatMap(({ losses = [] }) => losses.map(({ who }) => who)).filter((who) => left.includes(who))).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    await works();
    await ask(server(), 'ACL', 'DELUSER', ...field.map(([name]) => name), 'cotenant:life');
    await ask(server(), 'ACL', 'SAVE');
  });

  it('leaves out who may empty the database where somebody did', async () => {
    await ask(server(), 'ACL', 'SETUSER', 'fresh', 'reset', 'on', '>x', '~fresh:*', '+@read', '+@write');
    const known = async (): Promise<boolean> =>
      (await importServer({ url: server().url, password: null, env: {}, cwd: '/srv/life' })).yaml.includes('user: fresh, on: main');
    await ask(server(), 'CONFIG', 'RESETSTAT');
    expect(await known()).toBe(false);
    await ask({ ...server(), user: 'fresh', password: 'x' }, 'FLUSHDB');
    expect(await known()).toBe(true);
    await ask(server(), 'ACL', 'DELUSER', 'fresh');
  });

  it('leaves out who loads functions where there are some', async () => {
    await ask(server(), 'ACL', 'SETUSER', 'usual', 'reset', 'on', '>x', '~usual:*', '+@all', '-@dangerous');
    const known = async (): Promise<boolean> =>
      (await importServer({ url: server().url, password: null, env: {}, cwd: '/srv/life' })).yaml.includes('user: usual, on: main');
    expect(await known()).toBe(false);
    await ask(server(), 'FUNCTION', 'LOAD', "#!lua name=lib\nredis.register_function('f', function() return 1 end)");
    expect(await known()).toBe(true);
    await ask(server(), 'FUNCTION', 'FLUSH');
    await ask(server(), 'ACL', 'DELUSER', 'usual');
  });

  it('is not taken over without being told to', async () => {
    await ask(server(), 'ACL', 'SETUSER', 'shop', 'on', '>x', '~shop:*', '+get');
    await using place = await workplace(server(), manifestOf('apps:\n  shop: { uses: { main: {} } }\n'));
    const { ending, diagnostics } = await place.apply();
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    expect({ ending, codes: errors.map(({ code }) => code) }).toEqual({ ending: 'failed', codes: ['CT2005', 'CT4007'] });
  });
});
