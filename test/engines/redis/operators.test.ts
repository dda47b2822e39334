import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEachRedis } from '../../support/engines-redis.ts';
import { manifestOf, wipe, type Workplace, workplace } from './lifecycle/harness.ts';
import { ask } from '../../../src/engines/redis/local/client.ts';

const apps = 'apps:\n  shop: { uses: { main: {} } }\n';
const people = `operators:
  backup: { may: [read-all] }
  exporter: { may: [monitor] }
  replica: { may: [replication] }
  pinger: { may: [connect] }
`;
const logins = ['backup', 'exporter', 'replica', 'pinger'] as const;

describeEachRedis('operators', {}, (server) => {
  let place: Workplace;
  const as = async (user: string, ...words: readonly string[]): Promise<unknown> =>
    await ask({ host: server().host, port: server().port, user, password: 'word' }, ...words);
  beforeEach(async () => {
    await wipe(server());
    for (const login of logins) await ask(server(), 'ACL', 'SETUSER', login, 'on', '>word');
    place = await workplace(server(), manifestOf(apps + people));
    expect(await place.apply()).toEqual({ ending: 'done', diagnostics: [] });
    await place.as('shop', 'RPUSH', 'shop:list', 'secret');
  });
  afterEach(async () => await place[Symbol.asyncDispose]());

  it('stand beside `default`, which is not said to need no password where it has one', async () => {
    const closing = async () =>
      (await place.plan()).plan.steps
        .filter(({ address }) => address.kind === 'default-user')
        .map(({ title, losses = [] }) => [title, ...losses.flatMap(({ who, what }) => [who, what[0]])]);
    await place.admin('ACL', 'SETUSER', 'default', 'on', 'resetpass', '>word', '~old:*', '+get');
    expect(await closing()).toEqual([['close the user default', 'default', 'connect']]);
    await place.admin('ACL', 'SETUSER', 'default', 'nopass');
    expect(await closing()).toEqual([['close the user that needs no password', 'default', 'connect without a login']]);
  });

  it('have what the manifest says, keep it, and are proved', async () => {
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await place.apply()).toEqual({ ending: 'nothing-to-do', diagnostics: [] });
    for (const login of logins) expect(await as(login, 'PING')).toBe('PONG');
    expect(String(await as('exporter', 'INFO'))).toContain('used_memory');
    expect(await as('exporter', 'CONFIG', 'GET', 'maxmemory')).toContain('maxmemory');
    expect(await as('exporter', 'SLOWLOG', 'LEN')).toEqual(expect.any(Number));
    expect(await as('exporter', 'LATENCY', 'LATEST')).toEqual([]);
    expect(String(await as('exporter', 'CLIENT', 'LIST'))).toContain('user=exporter');
    expect(await as('exporter', 'TYPE', 'shop:list')).toBe('list');
    expect(await as('exporter', 'LLEN', 'shop:list')).toBe(1);
    await expect(as('exporter', 'LRANGE', 'shop:list', '0', '-1')).rejects.toThrow(/^NOPERM/);
    await expect(as('exporter', 'CONFIG', 'SET', 'maxmemory', '0')).rejects.toThrow(/^NOPERM/);
    expect(await as('backup', 'SCAN', '0')).toEqual(['0', ['shop:list']]);
    expect(await as('backup', 'LRANGE', 'shop:list', '0', '-1')).toEqual(['secret']);
    expect(await as('backup', 'DUMP', 'shop:list')).toEqual(expect.any(String));
    for (const words of [['DEL', 'shop:list'], ['FLUSHALL'], ['ACL', 'LIST'], ['PSYNC', '?', '-1']])
      await expect(as('backup', ...words)).rejects.toThrow(/^NOPERM/);
    expect(await as('replica', 'REPLCONF', 'capa', 'eof')).toBe('OK');
    await expect(as('pinger', 'INFO')).rejects.toThrow(/^NOPERM/);
    const { report, relaxations } = { report: await place.verify(), relaxations: (await place.plan()).relaxations };
    expect(report.findings).toEqual([]);
    expect(relaxations.map(({ name }) => name)).toEqual([
      'operators: backup',
      'operators: exporter',
      'operators: replica',
      'operators: pinger',
    ]);
  });

  it('get back what was taken, as drift', async () => {
    await place.admin('ACL', 'SETUSER', 'exporter', 'clearselectors');
    const { findings } = await place.verify();
    expect(findings.map(({ probe, verdict, from }) => `${probe} ${verdict} ${from}`)).toEqual(['RD-F2 UNPROVEN exporter']);
    const { plan } = await place.plan();
    expect(plan.steps.map(({ title, cause }) => `${cause} ${title}`)[0]).toBe('drift grant operator its privileges');
    expect((await place.apply()).ending).toBe('done');
    expect(await as('exporter', 'DBSIZE')).toBe(1);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('keep what they have beyond their words, and every report says so', async () => {
    await place.admin('ACL', 'SETUSER', 'backup', '+set', '~legacy:*', '(+flushall)');
    const { plan } = await place.plan();
    expect(plan.steps).toEqual([]);
    expect(plan.diagnostics.map(({ code, severity, message }) => `${severity} ${code} ${message}`)).toEqual([
      'warning CT2061 the operator "backup" of "main" has more privileges than "read-all": run FLUSHALL, SET; keys legacy:*',
    ]);
    expect((await place.verify()).findings.map(({ probe, verdict, from, answer }) => `${probe} ${verdict} ${from} ${answer}`)).toEqual([
      expect.stringMatching(/^RD-F2 BREACH backup run FLUSHALL, SET/),
    ]);
    expect((await place.apply()).ending).toBe('nothing-to-do');
    expect(await as('backup', 'SET', 'legacy:x', '1')).toBe('OK');
    await place.admin('ACL', 'SETUSER', 'exporter', 'nopass');
    expect((await place.plan()).plan.diagnostics.map(({ message }) => message).join()).toMatch(/"exporter".*connect without a password/);
  });

  it('that have enough already are left as they are', async () => {
    await place.admin('ACL', 'SETUSER', 'dba', 'on', '>word', '~*', '&*', '+@all');
    const before = await place.admin('ACL', 'GETUSER', 'dba');
    await place.write(manifestOf(`${apps}operators: { dba: { may: [monitor, read-all] } }\n`));
    expect((await place.apply()).ending).toBe('done');
    expect(await place.admin('ACL', 'GETUSER', 'dba')).toEqual(before);
    // Who is no longer named keeps what it was granted.
    expect(await as('backup', 'SCAN', '0')).toEqual(['0', ['shop:list']]);
  });

  it('without a login are told, and none is made', async () => {
    await place.write(manifestOf(`${apps}operators: { nobody: { may: [monitor] } }\n`));
    const { plan } = await place.plan();
    expect(plan.diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual(['warning CT2060']);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await place.admin('ACL', 'GETUSER', 'nobody')).toBeNull();
  });

  it.for([
    ['an operator', 'operators: { shop: { may: [connect] } }'],
    ['a known login', 'known: [{ user: shop, why: test }]'],
  ] as const)('refuse that an app has the login of %s', async ([, yaml]) => {
    await place.write(manifestOf(`${apps}${yaml}\n`));
    await expect(place.plan()).rejects.toThrow('CT2001');
  });

  it('is no field of an instance', async () => {
    await place.write(manifestOf(apps, '    operators: [backup]\n'));
    await expect(place.plan()).rejects.toThrow('operators');
  });
});

describeEachRedis('known logins', {}, (server) => {
  beforeEach(async () => await wipe(server()));

  it('keep what they have, and are listed with the reason', async () => {
    await ask(server(), 'ACL', 'SETUSER', 'legacy', 'on', '>word', '~*', '+@all');
    await using place = await workplace(server(), manifestOf(`${apps}known: [{ user: legacy, why: "retires in March" }]\n`));
    const before = await place.admin('ACL', 'GETUSER', 'legacy');
    expect((await place.apply()).ending).toBe('done');
    expect((await place.verify()).findings).toEqual([]);
    expect((await place.plan()).relaxations.map(({ name, opens }) => `${name}: ${opens}`)).toEqual([
      'known: legacy: the user "legacy" keeps its access: retires in March',
    ]);
    await place.as('shop', 'SET', 'shop:1', 'x');
    await place.write(manifestOf('known: [{ user: legacy, why: "retires in March" }]\n'));
    expect((await place.apply()).ending).toBe('done');
    await place.write(manifestOf('known: [{ user: legacy, why: "retires in March" }]\nremoval: delete\n'));
    const refused = await place.apply({ confirm: ['shop'] });
    expect({ ending: refused.ending, codes: refused.diagnostics.map(({ code }) => code) }).toEqual({
      ending: 'refused',
      codes: ['CT4009'],
    });
    expect((await place.apply({ confirm: ['shop', 'legacy'] })).ending).toBe('done');
    expect(await place.admin('DBSIZE')).toBe(0);
    expect(await place.admin('ACL', 'GETUSER', 'legacy')).toEqual(before);
  });

  it('may be whoever connects without a login', async () => {
    await ask(server(), 'ACL', 'SETUSER', 'default', 'on', 'nopass', '~old:*', '+@read', '+@write');
    await using place = await workplace(server(), manifestOf(`${apps}known: [{ user: default, why: "old clients" }]\n`));
    const { plan } = await place.plan();
    expect(plan.steps.flatMap(({ losses = [] }) => losses)).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    expect(String(await place.admin('ACL', 'LIST'))).toContain('user default on nopass');
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
