import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEachRedis } from '../../support/engines-redis.ts';
import { manifestOf, wipe, type Workplace, workplace } from './lifecycle/harness.ts';

const life = (apps: string): string => manifestOf(`apps:\n${apps}`);
const otherProject = (apps: string): string => life(apps).replace('project: life', 'project: other');

describeEachRedis('two projects on one server', {}, (server, version) => {
  let place: Workplace;
  let other: Workplace;
  beforeEach(async () => {
    await wipe(server());
    place = await workplace(server(), life('  shop: { uses: { main: {} } }\n'));
    expect((await place.apply()).ending).toBe('done');
    await place.as('shop', 'SET', 'shop:eu:1', 'x');
    other = await workplace(server(), otherProject('  free: { uses: { main: {} } }\n'));
  });
  afterEach(async () => {
    await place[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });

  const claims: readonly (readonly [string, string])[] = [
    ['the very prefix', '  y: { uses: { main: { prefix: shop, user: yy } } }\n'],
    ['the very prefix, to be adopted', '  y: { uses: { main: { prefix: shop, user: yy, adopt: true } } }\n'],
    ['a prefix inside', '  y: { uses: { main: { prefix: "shop:eu" } } }\n'],
    ['a prefix around', '  y: { uses: { main: { prefix: sh, separator: op } } }\n'],
    ['the user', '  y: { uses: { main: { user: shop } } }\n'],
    ['the user, to be adopted', '  y: { uses: { main: { user: shop, prefix: z, adopt: true } } }\n'],
    ['the whole server', '  y: { uses: { main: { isolation: instance } } }\n'],
    ...(version === 'valkey91'
      ? ([
          ['the database of all', '  y: { uses: { main: { isolation: database, database: 0 } } }\n'],
          ['its channels', '  y: { uses: { main: { isolation: database, prefix: shop } } }\n'],
        ] as const)
      : []),
  ];
  for (const [what, apps] of claims) {
    for (const retired of [false, true]) {
      it(`refuses ${what} of ${retired ? 'a retired' : 'an'} app of the other, before anything is sent`, async () => {
        if (retired && /channels|the user/.test(what)) return;
        if (retired) {
          await place.write(life('  blog: { uses: { main: {} } }\n'));
          expect((await place.apply()).ending).toBe('done');
          if (/the database of all|whole server/.test(what)) return;
        }
        const before = await place.admin('ACL', 'LIST');
        await other.write(otherProject(apps));
        const { ending, diagnostics } = await other.apply();
        expect(ending).toBe('failed');
        const found = diagnostics.find(({ code }) => code === 'CT2006');
        expect(found?.message).toMatch(/"shop".*"life"|"life"/);
        expect(found?.message).toMatch(/"y"|user "shop"/);
        expect(await place.admin('ACL', 'LIST')).toEqual(before);
      });
    }
  }

  it('lets both live side by side, and tells of a claim that is there already', async () => {
    expect(await other.apply()).toEqual({ ending: 'done', diagnostics: [] });
    expect((await place.plan()).plan.diagnostics).toEqual([]);
    await place.admin(
      'ACL',
      'SETUSER',
      'late',
      'on',
      '>x',
      '~shop:eu:*',
      '(~cotenant:project=other:app=late:access=prefix:prefix=shop%3Aeu%3A)',
    );
    const { plan } = await place.plan();
    expect(plan.diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual(['warning CT2006']);
    expect(plan.steps).toEqual([]);
  });

  it('hands the user of a replica to nobody', async () => {
    await place.admin('ACL', 'SETUSER', 'standby', 'on', '>word', '+psync', '+replconf', '+ping');
    const socket = connect(server().port, server().host);
    await new Promise((resolve) => socket.once('connect', resolve));

    socket.write('AUTH standby word\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    socket.on('data', () => undefined);
    socket.write('PSYNC ? -1\r\n');
    while (!String(await place.admin('CLIENT', 'LIST', 'TYPE', 'replica')).includes('user=standby'))
      await new Promise((resolve) => setTimeout(resolve, 5));
    await other.write(otherProject('  y: { uses: { main: { user: standby, adopt: true } } }\n'));
    const { ending, diagnostics } = await other.apply();
    // That it follows is told too.
    const codes = diagnostics.map(({ code }) => code).toSorted();
    expect({ ending, codes }).toEqual({ ending: 'failed', codes: ['CT2041', 'CT2042', 'CT4007'] });
    socket.destroy();
  });

  it('gives no database that the rules of a stranger name', async () => {
    if (version !== 'valkey91') return;
    await place.admin('ACL', 'SETUSER', 'legacy', 'on', '>x', '~*', '+@all', 'db=1');
    await other.write(otherProject('  y: { uses: { main: { isolation: database } } }\n'));
    expect((await other.apply()).ending).toBe('done');
    expect((await other.reveal('y'))['REDIS_DB']).toBe('2');
  });

  for (const prefix of ['%R~two', '%x', '%RW~', '__keyspace@0__', '__keyevent@0__', '__redis__', 'cotenant', '_']) {
    it(`refuses the prefix ${prefix}`, async () => {
      const separator = prefix === '_' ? '_' : ':';
      await other.write(otherProject(`  y: { uses: { main: { prefix: "${prefix}", separator: "${separator}" } } }\n`));
      await expect(other.apply()).rejects.toThrow(/CT2003/);
    });
  }
});
