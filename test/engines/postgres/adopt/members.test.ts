import { expect, test } from 'vitest';
import { lossesToConfirm } from '../../../../src/model/index.ts';
import { freshPostgres } from '../../../support/engines.ts';
import { testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';

/** People who are members of roles that are adopted: logins and groups, with and without inheritance, passed on, with tables of their own. */
const HANDS = `
  CREATE ROLE crm LOGIN; CREATE DATABASE crm OWNER crm;
  CREATE ROLE deployer LOGIN; GRANT crm TO deployer;
  CREATE ROLE quiet LOGIN NOINHERIT; GRANT crm TO quiet;
  CREATE ROLE str LOGIN; GRANT crm TO str WITH ADMIN OPTION;
  CREATE ROLE heir LOGIN; GRANT crm TO heir GRANTED BY str;
  CREATE ROLE stays LOGIN; GRANT crm TO stays;
  CREATE ROLE inv LOGIN; CREATE ROLE inv_own; CREATE ROLE inv_write; CREATE ROLE inv_read; CREATE DATABASE inv OWNER inv_own;
  GRANT inv_own TO inv; CREATE ROLE hans LOGIN; GRANT inv_read TO hans; CREATE ROLE grete LOGIN NOINHERIT; GRANT inv_own TO grete`;

const GONE = ['deployer', 'grete', 'hans', 'heir', 'quiet', 'str'];

test('who is in a role that is adopted is named in the first plan, and gone after it', { timeout: 120_000 }, async () => {
  await using server = await freshPostgres();
  for (const part of HANDS.split(/;\s*(?=CREATE|GRANT|SET|RESET)/)) await query(server.url, part);
  await query(
    at(server.url, { database: 'crm' }),
    'CREATE SCHEMA strs AUTHORIZATION str; SET ROLE str; CREATE TABLE strs.fk (a int); GRANT ALL ON strs.fk TO crm; GRANT USAGE ON SCHEMA strs TO crm',
  );
  await using project = await testProject(
    `cotenant: 1
project: tests
instances: { main: { engine: postgres, url: 'postgres://postgres@${server.host}:${server.port}/postgres', password: { env: ADMIN } } }
known: [{ user: stays, why: it deploys }]
apps:
  crm: { uses: { main: { adopt: true, names: { login: crm }, connections: 5 } } }
  inv: { uses: { main: { adopt: true, names: { login: inv, owner: inv_own, readWrite: inv_write, readOnly: inv_read }, connections: 5 } } }
`,
    { ADMIN: server.password },
  );
  const { plan } = await project.plan();
  const told = new Map([...lossesToConfirm(plan)].map(([who, losses]) => [who, losses.flatMap(({ what }) => what).join('; ')]));
  for (const who of GONE) expect([who, told.get(who)]).toEqual([who, expect.stringMatching(/the rights of role "(crm|inv_read|inv_own)"/)]);
  expect(told.get('str')).toContain('fk');
  expect((await project.apply({ confirm: 'strangers' })).trouble).toBe('');
  const left = await query(
    server.url,
    `SELECT r.rolname AS member FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member
     WHERE g.rolname IN ('crm', 'inv', 'inv_own', 'inv_write', 'inv_read') AND r.rolname = ANY (ARRAY['stays', ${GONE.map((who) => `'${who}'`).join(', ')}])`,
  );
  expect(left).toEqual([{ member: 'stays' }]);
  const second = await project.plan();
  expect(second.plan.steps.map(({ title, address }) => `${title} ${address.name}`)).toEqual([]);
});
