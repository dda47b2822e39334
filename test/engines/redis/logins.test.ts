import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeEachRedis } from '../../support/engines-redis.ts';
import { envOfApp } from '../../../src/app/env.ts';
import { manifestOf, type Workplace, workplace } from './lifecycle/harness.ts';
import { ask } from '../../../src/engines/redis/local/client.ts';

const logins = '{ reports: read, app: rw, migrator: { as: owner, user: shop_mig, relax: { scan: true } } }';

describeEachRedis('several logins of an app', {}, (server, version) => {
  const level = version === 'valkey91' ? ', isolation: database' : '';
  const manifest = (shop: string): string =>
    manifestOf(
      `apps:\n  blog: { uses: { main: {} } }\n  shop: { uses: { main: { logins: ${shop} } } }\n  wide: { uses: { main: { logins: ${logins.replaceAll('shop_', 'wide_')}${level} } } }\n`,
    );
  let place: Workplace;
  /** One command as a login of an app. */
  const as = async (app: string, login: string, ...words: readonly string[]): Promise<unknown> => {
    const { variables } = await envOfApp(await place.open(), app, { login });
    const found = Object.fromEntries(variables.map(({ name, value }) => [name, value]));
    const point = {
      host: server().host,
      port: server().port,
      user: found['REDIS_USERNAME'] ?? '',
      password: found['REDIS_PASSWORD'] ?? '',
    };
    return await ask({ ...point, database: Number(found['REDIS_DB']) }, ...words);
  };
  beforeAll(async () => {
    place = await workplace(server(), manifest(logins));
    expect(await place.apply()).toEqual({ ending: 'done', diagnostics: [] });
  });
  afterAll(async () => await place[Symbol.asyncDispose]());

  it('have users and passwords of their own, and what the manifest says', async () => {
    for (const app of ['shop', 'wide']) {
      expect(await as(app, 'app', 'SET', `${app}:x`, '1')).toBe('OK');
      expect(await as(app, 'migrator', 'SET', `${app}:y`, '1')).toBe('OK');
      expect(await as(app, 'migrator', 'SCAN', '0')).toEqual(['0', expect.any(Array)]);
      expect(await as(app, 'reports', 'GET', `${app}:x`)).toBe('1');
      for (const words of [['SET', `${app}:x`, '2'], ['DEL', `${app}:x`], ['PUBLISH', `${app}:x`, ''], ['FLUSHDB']])
        await expect(as(app, 'reports', ...words)).rejects.toThrow(/^NOPERM/);
    }
    await expect(as('shop', 'reports', 'GET', 'blog:x')).rejects.toThrow(/^NOPERM/);
    await expect(as('shop', 'app', 'SCAN', '0')).rejects.toThrow(/^NOPERM/);
    const users = String(await place.admin('ACL', 'USERS'));
    for (const user of ['shop', 'shop_reports', 'shop_mig', 'wide', 'wide_reports', 'wide_mig']) expect(users.split(',')).toContain(user);
  });

  it('are in the environment of the app, each by its name', async () => {
    const variables = await place.reveal('shop');
    expect(variables['REDIS_USERNAME']).toBe('shop');
    expect(variables['SHOP_REPORTS_REDIS_URL']).toMatch(/^redis:\/\/shop_reports:.+@/);
    expect(variables['SHOP_MIGRATOR_REDIS_URL']).toMatch(/^redis:\/\/shop_mig:.+@/);
    await expect(envOfApp(await place.open(), 'shop', { login: 'other' })).rejects.toThrow('CT2049');
  });

  it('are silent, and proved', async () => {
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await place.apply()).toEqual({ ending: 'nothing-to-do', diagnostics: [] });
    expect((await place.verify()).findings).toEqual([]);
    await place.admin('ACL', 'SETUSER', 'shop_reports', '+set', '~blog:*');
    const { findings } = await place.verify();
    expect(findings.map(({ probe, from, to }) => `${probe} ${from} ${to}`)).toContain('RD-K10 shop blog');
    expect(findings.filter(({ half }) => half === 'disagreement')).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.verify()).findings).toEqual([]);
    expect((await place.status()).placements.find(({ app }) => app === 'shop')?.state).toBe('ready');
  });

  it('attack with each of them, by what each of them may', async () => {
    await place.write(`${manifest(logins)}readers: { lens: { reads: [shop] } }\n`);
    expect((await place.apply()).ending).toBe('done');
    const attempts = async (): Promise<string[]> => {
      const { findings } = await place.verify();
      return findings.map(({ probe, from, to, half }) => `${probe} ${from} ${to} ${half}`);
    };
    await place.admin('CONFIG', 'SET', 'acllog-max-len', '10000');
    await place.admin('ACL', 'LOG', 'RESET');
    expect(await attempts()).toEqual([]);
    const refused = (await place.admin('ACL', 'LOG', '10000')) as readonly (readonly string[])[];
    const users = new Set(refused.map((fields) => fields[fields.indexOf('username') + 1]));
    for (const user of ['shop', 'shop_reports', 'shop_mig', 'wide_reports', 'wide_mig', 'lens']) expect([...users]).toContain(user);
    for (const rules of [['+set', '~shop:*'], ['(~shop:* +set)'], ['(~shop:* +unlink +exists)'], ['%W~shop:*', '+set', '+hset']]) {
      await place.admin('ACL', 'SETUSER', 'shop_reports', ...rules);
      expect(await attempts()).toContain('RD-K10 shop shop both');
      expect((await place.apply()).ending).toBe('done');
    }
    expect(await attempts()).toEqual([]);
    await place.write(manifest(logins));
    expect((await place.apply()).ending).toBe('done');
  });

  it('that are taken out can no longer log in, and the app keeps its keys', async () => {
    await place.write(manifest('{ app: rw }'));
    const { plan } = await place.plan();
    expect(plan.steps.flatMap(({ losses = [] }) => losses.map(({ who, of }) => `${who} ${of}`)).toSorted()).toEqual([
      'shop_mig shop',
      'shop_reports shop',
    ]);
    expect((await place.apply()).ending).toBe('done');
    expect(String(await place.admin('ACL', 'USERS'))).not.toMatch(/shop_/);
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await as('shop', 'app', 'GET', 'shop:x')).toBe('1');
  });

  it('leave, come back and are deleted with the app', async () => {
    await place.write(manifest(logins));
    expect((await place.apply()).ending).toBe('done');
    const gone = manifestOf('apps:\n  blog: { uses: { main: {} } }\n');
    await place.write(gone);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    for (const app of ['shop', 'wide']) expect((await place.restore(app)).ending).toBe('done');
    await place.write(manifest(logins));
    expect(await place.apply()).toEqual({ ending: 'done', diagnostics: [] });
    expect((await place.plan()).plan.steps).toEqual([]);
    for (const app of ['shop', 'wide']) expect(await as(app, 'reports', 'GET', `${app}:x`)).toBe('1');
    expect((await place.verify()).findings).toEqual([]);
    await place.write(gone);
    expect((await place.apply()).ending).toBe('done');
    await place.write(`${gone}removal: delete\n`);
    expect(await place.apply({ confirm: ['shop', 'wide', 'lens'] })).toEqual({ ending: 'done', diagnostics: [] });
    expect(String(await place.admin('INFO', 'keyspace'))).not.toMatch(/db\d/);
    expect(String(await place.admin('ACL', 'USERS'))).not.toMatch(/shop|wide/);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('must have names that nobody else has', async () => {
    await place.write(
      manifestOf('apps:\n  shop_reports: { uses: { main: {} } }\n  shop: { uses: { main: { logins: { app: rw, reports: read } } } }\n'),
    );
    await expect(place.plan()).rejects.toThrow('CT2001');
    await place.write(manifestOf('apps:\n  shop: { uses: { main: { logins: { app: rw, r-1: read, r_1: read } } } }\n'));
    await expect(place.plan()).rejects.toThrow('CT');
  });
});

describeEachRedis('channels of an app', {}, (server) => {
  it('with patterns of its own can be subscribed to by them', async () => {
    await using place = await workplace(
      server(),
      manifestOf('apps:\n  shop: { uses: { main: { channels: ["/0.celery.pidbox", "socket.io#*"] } } }\n  blog: { uses: { main: {} } }\n'),
    );
    expect((await place.apply()).ending).toBe('done');
    for (const pattern of ['shop:*', 'shop:/0.celery.pidbox', 'shop:socket.io#*']) await place.as('shop', 'PSUBSCRIBE', pattern);
    for (const pattern of ['shop:other*', 'blog:*', '*']) await expect(place.as('shop', 'PSUBSCRIBE', pattern)).rejects.toThrow(/^NOPERM/);
    await expect(place.as('blog', 'PSUBSCRIBE', 'shop:socket.io#*')).rejects.toThrow(/^NOPERM/);
    expect(await place.as('shop', 'TIME')).toEqual([expect.any(String), expect.any(String)]);
    expect((await place.plan()).plan.steps).toEqual([]);
    expect((await place.verify()).findings).toEqual([]);
    for (const bad of ['a b', '', 'x)']) {
      await place.write(manifestOf(`apps:\n  shop: { uses: { main: { channels: ["${bad}"] } } }\n`));
      await expect(place.plan()).rejects.toThrow('CT');
    }
  });
});

describeEachRedis('a pattern of an app', { versions: ['valkey91'] }, (server) => {
  it('may hold the number of its database, whoever chose that', async () => {
    const of = (more: string): string => `{ uses: { main: { ${more}channels: ["/{database}.celery.pidbox"] } } }`;
    await using place = await workplace(
      server(),
      manifestOf(`apps:\n  shop: ${of('')}\n  blog: ${of('isolation: database, ')}\n  wiki: ${of('isolation: database, database: 7, ')}\n`),
    );
    expect((await place.apply()).ending).toBe('done');
    const number = (await place.reveal('blog'))['REDIS_DB'] ?? '';
    expect(number).toMatch(/^[1-9]/);
    const numbers = { shop: '0', blog: number, wiki: '7' };
    for (const [app, mine] of Object.entries(numbers))
      for (const one of Object.values(numbers)) {
        const asked = place.as(app, 'PSUBSCRIBE', `${app}:/${one}.celery.pidbox`);
        if (one === mine) await asked;
        else await expect(asked).rejects.toThrow(/^NOPERM/);
      }
    expect((await place.plan()).plan.steps).toEqual([]);
    expect((await place.verify()).findings).toEqual([]);
  });
});

describeEachRedis('an adopted login whose password nobody handed in', {}, (server) => {
  it('is judged by analysis and named, where others attack; and is found where nobody does', async () => {
    await ask(server(), 'ACL', 'SETUSER', 'old', 'on', '>known-to-old', '~old:*', '+@read');
    const old = 'old: { uses: { main: { adopt: true } } }';
    await using place = await workplace(server(), manifestOf(`apps:\n  ${old}\n`));
    expect((await place.apply()).ending).toBe('done');
    expect((await place.verify()).findings.map(({ probe, verdict }) => `${probe} ${verdict}`)).toEqual(['RD-ID UNPROVEN']);
    await place.write(manifestOf(`apps:\n  ${old}\n  shop: { uses: { main: {} } }\n`));
    expect((await place.apply()).ending).toBe('done');
    const { findings, residual } = await place.verify();
    expect(findings).toEqual([]);
    expect(residual.map(({ what }) => what)).toContainEqual(expect.stringMatching(/judged by analysis only: password not known \(old\)/));
    await ask(server(), 'ACL', 'SETUSER', 'old', '~shop:*', '+get');
    expect((await place.verify()).findings.map(({ probe, verdict }) => `${probe} ${verdict}`)).toContain('RD-K10 BREACH');
  });
});
