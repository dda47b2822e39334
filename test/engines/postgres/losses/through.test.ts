import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import type { Plan } from '../../../../src/model/index.ts';
import { wipe } from '../lifecycle/harness.ts';

const WORD = 'word';
const KNOWN = ['rep', 'olga', 'pip', 'led'];

function told(plan: Plan, who: string): readonly string[] {
  const all = plan.steps.flatMap(({ losses = [] }) => losses).filter((loss) => loss.who === who);
  return [...new Set(all.flatMap(({ what }) => what))].sort();
}

/** `rep` and the others look into the database of the app from one of their own, by logins that are not theirs. */
describeEachPostgres('who comes in as somebody else', { versions: 'ends' }, (server) => {
  let project: TestProject;
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const as = (user: string, sql: string, database = 'dw') => query(at(server().url, { user, password: WORD, database }), sql);
  const write = (app: string, known: readonly string[] = [...KNOWN, 'bi'], more = ''): Promise<void> =>
    project.write(`cotenant: 1
project: through
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 } } }
known: [${known.map((user) => `{ user: ${user}, why: test }`).join(', ')}]
apps: { ${app} }
${more}`);
  const shop = (more: string): string => `shop: { uses: { main: { connections: 5, database: shop, ${more} } } }`;
  const adopted = shop('adopt: true, names: { login: shop }');
  const reads: Readonly<Record<string, string>> = {
    rep: 'SELECT n FROM far_orders',
    pip: 'SELECT n FROM rep_view',
    olga: 'SELECT n FROM open_orders',
    led: 'SELECT n FROM bi_orders',
  };
  const works = async (): Promise<readonly string[]> => {
    const all = await Promise.all(
      Object.entries(reads).map(async ([who, sql]) => ((await as(who, sql).catch(() => null)) === null ? [] : [who])),
    );
    return all.flat();
  };
  const through = async (who: string): Promise<readonly string[]> =>
    told((await project.plan()).plan, who).filter((what) => /^(foreign server|subscription)/.test(what));
  const confirmed = { confirm: 'strangers' } as const;

  beforeEach(async () => {
    await wipe(server().url);
    for (const login of ['shop', 'bi', 'nadia', ...KNOWN]) await root(`CREATE ROLE ${login} LOGIN PASSWORD '${WORD}'`);
    await root('CREATE DATABASE shop OWNER shop');
    await root('CREATE DATABASE dw OWNER rep');
    await root(
      'CREATE TABLE orders (n int); INSERT INTO orders VALUES (7); ALTER TABLE orders OWNER TO shop; GRANT SELECT ON orders TO bi',
      'shop',
    );
    const to = (name: string): string =>
      `CREATE SERVER ${name} FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'localhost', port '${server().port}', dbname 'shop')`;
    const table = (name: string, of: string): string =>
      `CREATE FOREIGN TABLE ${name} (n int) SERVER ${of} OPTIONS (schema_name 'public', table_name 'orders')`;
    const mapping = (who: string, of: string, user: string): string =>
      `CREATE USER MAPPING FOR ${who} SERVER ${of} OPTIONS (user '${user}', password '${WORD}')`;
    await root(
      `CREATE EXTENSION postgres_fdw; ${['own', 'everybody', 'asbi'].map(to).join('; ')};
       ${table('far_orders', 'own')}; ALTER TABLE far_orders OWNER TO rep; ${mapping('rep', 'own', 'shop')};
       CREATE VIEW rep_view AS SELECT n FROM far_orders; ALTER VIEW rep_view OWNER TO rep; GRANT SELECT ON rep_view TO pip;
       ${table('open_orders', 'everybody')}; GRANT SELECT ON open_orders TO olga; ${mapping('PUBLIC', 'everybody', 'shop')};
       ${table('bi_orders', 'asbi')}; GRANT SELECT ON bi_orders TO led; ${mapping('led', 'asbi', 'bi')}`,
      'dw',
    );
    project = await testProject('cotenant: 1\nproject: through\n', { ADMIN: server().password });
    await write(adopted);
    expect(await project.apply(confirmed)).toMatchObject({ ending: 'done', trouble: '' });
    expect(await works()).toEqual(Object.keys(reads));
    return async () => await project[Symbol.asyncDispose]();
  });

  const ofShop = ['rep', 'pip', 'olga'];

  it('a new password of the login', async () => {
    await write(shop('names: { login: shop }'));
    for (const who of ofShop) expect([who, await through(who)]).toEqual([who, [expect.stringContaining('gets a new password')]]);
    for (const who of ['led', 'bi', 'nadia']) expect(await through(who)).toEqual([]);
    expect(await project.apply({ confirm: [...ofShop, 'bi', 'led', 'new-passwords'] })).toMatchObject({ ending: 'done', trouble: '' });
    expect(await works()).toEqual(['led']);
    expect((await project.plan()).plan.steps).toEqual([]);
  });

  it('its own mapping, and that of everybody where everybody may use the server', async () => {
    await root('GRANT USAGE ON FOREIGN SERVER everybody TO PUBLIC', 'dw');
    await root(
      `CREATE SERVER mine FOREIGN DATA WRAPPER postgres_fdw OPTIONS (port '${server().port}'); CREATE USER MAPPING FOR shop SERVER mine OPTIONS (user 'shop', password '${WORD}')`,
      'dw',
    );
    await write(shop('names: { login: shop }'));
    expect(await through('shop')).toContainEqual(expect.stringContaining('foreign server "mine"'));
    for (const who of KNOWN)
      expect([who, await through(who)]).toEqual([who, expect.arrayContaining([expect.stringContaining('"everybody"')])]);
  });

  it('the login leaves the app, or all of it goes', async () => {
    await write(shop('adopt: true, names: { login: shop_web }'));
    for (const who of ofShop) expect([who, await through(who)]).toEqual([who, [expect.stringContaining('log in')]]);
    expect(await project.apply(confirmed)).toMatchObject({ ending: 'done', trouble: '' });
    expect(await works()).toEqual(['led']);
  });

  it('a stranger’s login loses the way in, or what it reads', async () => {
    await root(
      'REVOKE SELECT ON orders FROM bi; GRANT USAGE ON SCHEMA public TO nadia; GRANT SELECT ON orders TO nadia; GRANT CONNECT ON DATABASE shop TO nadia',
      'shop',
    );
    await root(`ALTER USER MAPPING FOR led SERVER asbi OPTIONS (SET user 'nadia')`, 'dw');
    expect(await works()).toContain('led');
    expect(await through('led')).toContainEqual(expect.stringContaining('connect to database "shop"'));
    await write(adopted, KNOWN);
    expect(await project.apply(confirmed)).toMatchObject({ ending: 'done', trouble: '' });
    expect(await works()).not.toContain('led');
  });

  it('an app in a schema that goes, by its login', async () => {
    const blog = `blog: { uses: { main: { isolation: schema, database: content, connections: 2 } } }`;
    await write(`${adopted}, ${blog}`);
    expect(await project.apply(confirmed)).toMatchObject({ ending: 'done', trouble: '' });
    await root(
      `CREATE SERVER toblog FOREIGN DATA WRAPPER postgres_fdw OPTIONS (port '${server().port}', dbname 'content'); CREATE USER MAPPING FOR led SERVER toblog OPTIONS (user 'blog_user', password '${WORD}')`,
      'dw',
    );
    await write(adopted);
    expect(await through('led')).toContainEqual(expect.stringContaining('foreign server "toblog"'));
  });

  it('by a subscription', async () => {
    await root('CREATE ROLE dba SUPERUSER');
    const { port } = server();
    const said = [`host=localhost port=${port} dbname=shop user=shop password=${WORD}`, `postgres://shop:${WORD}@localhost:${port}/shop`];
    for (const [index, text] of said.entries())
      await root(`CREATE SUBSCRIPTION u${index} CONNECTION '${text}' PUBLICATION p WITH (connect = false)`, 'dw');
    for (const index of said.keys()) await root(`ALTER SUBSCRIPTION u${index} OWNER TO dba`, 'dw');
    await write(shop('names: { login: shop }'));
    const found = await through('dba');
    for (const index of said.keys())
      await root(`ALTER SUBSCRIPTION u${index} DISABLE; ALTER SUBSCRIPTION u${index} SET (slot_name = NONE)`, 'dw');
    for (const index of said.keys()) await root(`DROP SUBSCRIPTION u${index}`, 'dw');
    expect(found).toHaveLength(said.length);
  });
});
