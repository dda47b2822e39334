import { hostname, networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { leadingHere, type Lookup, type Whereabouts } from '../../../src/engines/postgres/observe/here.ts';

const remote: Whereabouts = { host: 'db.example.org', address: '10.0.0.5', listens: ['*'], ports: new Set(['5432', '6000']) };
const local: Whereabouts = { host: '127.0.0.1', address: '127.0.0.1', listens: ['127.0.0.1'], ports: new Set(['5432']) };
const names: Readonly<Record<string, readonly string[]>> = {
  'db.example.org': ['10.0.0.5'],
  'alias.example.org': ['192.0.2.1', '10.0.0.5'],
  far: ['192.0.2.9'],
};
const look: Lookup = async (name) => await Promise.resolve(names[name] ?? (/^[\d.:]+$/.test(name) ? [name] : null));

async function here(at: Whereabouts, host: string | null, port: string | null = null, how?: Lookup): Promise<boolean> {
  const to = { host, port };
  return (await leadingHere(at, [to], how))(to);
}

describe('somebody’s connection leads to this server', () => {
  test.each([
    null,
    '',
    '/run/postgresql',
    '@abstract',
    'db.example.org',
    'alias.example.org',
    '10.0.0.5',
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    'not.to.be.found',
    'far,10.0.0.5',
  ])('by %s', async (host) => expect(await here(remote, host, null, look)).toBe(true));

  test.each(['far', '192.0.2.7'])('not by %s', async (host) => expect(await here(remote, host, null, look)).toBe(false));

  test('by its own port or the one that the manifest names, no other', async () => {
    const ports = ['6000', '5432', '7000', '7000,6000'].map(async (port) => await here(remote, '10.0.0.5,10.0.0.5', port, look));
    expect(await Promise.all(ports)).toEqual([true, true, false, true]);
  });

  test('by every name and address of this machine, where it is on it', async () => {
    const addresses = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
    const all = ['localhost', 'LOCALHOST', '127.1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '0.0.0.0', hostname(), ...addresses];
    expect(await Promise.all(all.map(async (host) => [host, await here(local, host)]))).toEqual(all.map((host) => [host, true]));
    expect(await here(local, '192.0.2.7')).toBe(false);
  });
});
