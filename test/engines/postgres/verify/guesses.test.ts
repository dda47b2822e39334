import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { manifestOf } from '../lifecycle/harness.ts';
import { type Ground, ground } from './harness.ts';

const MANIFEST = manifestOf(`apps:
  shop: { uses: { main: { connections: 5 } } }
  old: { uses: { main: { adopt: true, names: { login: old_login }, connections: 5 } } }
operators:
  watch: { may: [monitor] }
known:
  - { user: boss, why: it was there }
  - { user: reports, why: it was there }
`);

/** An MD5 verifier, as servers of old have them. */
const md5 = (name: string, password: string): string => `md5${createHash('md5').update(`${password}${name}`).digest('hex')}`;

describeEachPostgres('a password that everybody can guess', { versions: 'ends' }, (server) => {
  let made: Ground;
  beforeAll(async () => {
    for (const sql of [
      "CREATE ROLE old_login LOGIN PASSWORD 'nobody-tries-this'",
      'CREATE DATABASE old OWNER old_login',
      "CREATE ROLE watch LOGIN PASSWORD 'nobody-tries-this'",
      "CREATE ROLE boss LOGIN SUPERUSER PASSWORD 'nobody-tries-this'",
      "CREATE ROLE reports LOGIN PASSWORD 'nobody-tries-this'",
    ])
      await query(server().url, sql);
    made = await ground(server(), MANIFEST);
    await made.sql('postgres', "CREATE ROLE web LOGIN PASSWORD 'web'");
  });
  afterAll(async () => await made[Symbol.asyncDispose]());

  const guessed = async (): Promise<readonly string[]> =>
    (await made.analyse()).findings.filter(({ probe }) => probe === 'PG-H4').map(({ statement }) => statement.replace(/.* of /, ''));

  it('is none where nobody can, and of a stranger who comes to no app it is no matter', async () => {
    expect(await guessed()).toEqual([]);
  });

  it.each([
    ['an operator', 'watch', 'watch'],
    ['an operator', 'watch', 'watchwatch'],
    ['an operator', 'watch', 'password'],
    ['a superuser', 'boss', 'postgres'],
    ['an adopted login, by the name of its app', 'old_login', 'old'],
    ['an adopted login', 'old_login', 'old_login'],
  ])('of %s is found: %s, %s', async (_who, login, password) => {
    await made.sql('postgres', `ALTER ROLE ${login} PASSWORD '${password}'`);
    expect(await guessed()).toEqual([login]);
    await made.sql('postgres', `ALTER ROLE ${login} PASSWORD 'nobody-tries-this'`);
    expect(await guessed()).toEqual([]);
  });

  it('of whoever was let into an app is found, and with an MD5 verifier too', async () => {
    await made.sql('postgres', `GRANT CONNECT ON DATABASE shop TO web, reports; ALTER ROLE reports PASSWORD '${md5('reports', 'shop')}'`);
    expect(await guessed()).toEqual(['reports', 'web']);
    const all = await made.analyse();
    expect(all.findings.find(({ probe }) => probe === 'PG-H4')?.why).toContain('ALTER ROLE "reports" PASSWORD');
    expect(JSON.stringify(all)).not.toMatch(/SCRAM-SHA-256\$|md5[0-9a-f]{32}/);
  });
});
