import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { wipe } from '../lifecycle/harness.ts';

const WORD = 'word';

/**
 * Debezium's documented way: `original_owner` is the app's login, and a group that it shares with the replication login owns its
 * tables. Both are members; nobody else is.
 */
const GROUP = `CREATE ROLE replication_group; GRANT replication_group TO original_owner; GRANT replication_group TO replication_user`;

const people: Readonly<Record<string, string>> = {
  'is an operator': 'operators: { replication_user: { may: [replication] } }\n',
  'is an operator that reads everything': 'operators: { replication_user: { may: [replication, read-all] } }\n',
  'is known': 'known: [{ user: replication_user, why: test }]\n',
};

const places: Readonly<Record<string, readonly [place: string, schema: string]>> = {
  database: ['database: shop', 'public'],
  schema: ['isolation: schema, database: shop, schema: shop', 'shop'],
};

describeEachPostgres('an adoption where a group owns the tables', { versions: 'ends' }, (server) => {
  const root = (sql: string, database = 'shop') => query(at(server().url, { database }), sql);
  const does = async (user: string, sql: string): Promise<string> =>
    await query(at(server().url, { user, password: WORD, database: 'shop' }), `BEGIN; ${sql}; ROLLBACK`).then(
      () => 'done',
      (error: unknown) => (error as { message: string }).message,
    );
  const work = (schema: string): Readonly<Record<string, string>> => ({
    read: `SELECT * FROM ${schema}.orders`,
    write: `INSERT INTO ${schema}.orders VALUES (2)`,
    alter: `ALTER TABLE ${schema}.orders ADD COLUMN more int`,
    drop: `DROP TABLE ${schema}.orders`,
    publish: `CREATE PUBLICATION p FOR TABLE ${schema}.orders`,
    other: `SELECT * FROM ${schema}.plain`,
  });
  const could = async (schema: string): Promise<readonly string[]> => {
    const out: string[] = [];
    for (const user of ['original_owner', 'replication_user'])
      for (const [what, sql] of Object.entries(work(schema))) if ((await does(user, sql)) === 'done') out.push(`${user}: ${what}`);
    return out;
  };

  const prepare = async (schema: string): Promise<void> => {
    await wipe(server().url);
    await root(
      `CREATE ROLE original_owner LOGIN PASSWORD '${WORD}'; CREATE ROLE replication_user LOGIN REPLICATION PASSWORD '${WORD}'; ${GROUP}`,
      'postgres',
    );
    await root('CREATE DATABASE shop OWNER original_owner', 'postgres');
    await root('GRANT CREATE ON DATABASE shop TO replication_user');
    await root(`CREATE SCHEMA IF NOT EXISTS ${schema}; GRANT ALL ON SCHEMA ${schema} TO original_owner, replication_group`);
    await root(
      `SET ROLE original_owner; CREATE TABLE ${schema}.orders (n int); CREATE TABLE ${schema}.plain (n int); INSERT INTO ${schema}.orders VALUES (1);
       ALTER TABLE ${schema}.orders OWNER TO replication_group`,
    );
  };
  const adopting = async (place: string, who: string, names = ''): Promise<TestProject> =>
    await testProject(
      `cotenant: 1
project: groups
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 } } }
${who}apps: { shop: { uses: { main: { adopt: true, ${place}, names: { login: original_owner${names} }, connections: 5 } } } }
`,
      { ADMIN: server().password },
    );

  it.each(Object.entries(people).flatMap(([who, line]) => Object.keys(places).map((at) => [who, at, line] as const)))(
    'that %s shares, in a %s of its own: is refused, and as it is told to be written nobody loses anything',
    async (_, level, line) => {
      const [place = '', schema = ''] = places[level] ?? [];
      await prepare(schema);
      const before = await could(schema);
      await using project = await adopting(place, line);
      const refused = (await project.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2077');
      expect(refused).toMatchObject([{ severity: 'error', path: expect.arrayContaining(['shop']) as unknown }]);
      expect(refused[0]?.message).toBe(
        `app "shop": login "original_owner" has table "${schema}"."orders" by role "replication_group", which "replication_user" is in as well: it stays that role’s, and the app would lose it`,
      );
      expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'failed', results: [] });
      expect(await could(schema)).toEqual(before);
      await using told = await adopting(place, line, ', owner: replication_group');
      expect((await told.plan()).plan.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(await told.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
      // What makes publications is CREATE on the database, which an app in a schema of its own has not.
      const kept = before.filter((one) => level === 'database' || one !== 'original_owner: publish');
      expect((await could(schema)).filter((one) => before.includes(one))).toEqual(kept);
      expect((await told.plan()).plan.steps).toEqual([]);
    },
  );

  it('that nobody names shares: the app keeps everything, and what the other one loses wants its name', async () => {
    await prepare('public');
    await using project = await adopting(places['database']?.[0] ?? '', '');
    expect((await project.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2077')).toEqual([]);
    const mine = (await could('public')).filter((one) => one.startsWith('original_owner'));
    expect(await project.apply()).toMatchObject({ ending: 'refused' });
    expect(await project.apply({ confirm: ['replication_user'] })).toMatchObject({ ending: 'done', trouble: '' });
    expect(await could('public')).toEqual(mine);
  });

  it('a login that is known owns them, and the app’s is a member of it', async () => {
    await prepare('public');
    await root(
      `REVOKE replication_group FROM original_owner; ALTER TABLE orders OWNER TO replication_user; GRANT replication_user TO original_owner`,
    );
    await using project = await adopting(places['database']?.[0] ?? '', people['is known'] ?? '');
    expect((await project.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2077')).toMatchObject([
      {
        hint: 'hand it to the app’s login, and grant "replication_user" by name what it needs: ALTER TABLE "public"."orders" OWNER TO "original_owner"',
      },
    ]);
    await root('ALTER TABLE "public"."orders" OWNER TO "original_owner"; GRANT SELECT ON orders TO replication_user');
    const mine = (await could('public')).filter((one) => one.startsWith('original_owner'));
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    const now = await could('public');
    expect(now.filter((one) => one.startsWith('original_owner'))).toEqual(mine);
    expect(now).toContain('replication_user: read');
  });
});
