import { beforeEach, expect, it } from 'vitest';
import { marked, readMark, textOf, writeMark } from '../../../../src/engines/postgres/marks/mark.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { ground } from '../verify/harness.ts';
import { manifestOf, wipe, workplace } from '../lifecycle/harness.ts';

it('tells a mark from what somebody writes', () => {
  const mark = writeMark({ project: 'lab', app: 'shop' });
  for (const text of [
    'cotenant set this up, ask Bob',
    'cotenant {"project": "lab", "app": "shop"}',
    'cotenant {"project":"lab"}',
    'a\n\nb\n',
  ])
    for (const comment of [text, marked(text, mark)]) {
      expect(textOf(comment)).toEqual({ text });
      expect(readMark(comment)).toEqual(comment === text ? null : { project: 'lab', app: 'shop' });
    }
  expect(textOf(mark)).toEqual({});
  expect(textOf(null)).toEqual({});
  // Somebody who adds a line below.
  expect(textOf(`${mark}\nmine`)).toEqual({ text: 'mine' });
});

const comments = (url: string): ReturnType<typeof query> =>
  query(
    url,
    `SELECT 'role ' || rolname AS of, shobj_description(oid, 'pg_authid') AS text FROM pg_roles WHERE rolname ~ '^(shop|blog|crew)' AND shobj_description(oid, 'pg_authid') ~ 'Anna'
     UNION ALL SELECT 'database ' || datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE shobj_description(oid, 'pg_database') ~ 'Anna'
     UNION ALL SELECT 'schema ' || nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE obj_description(oid, 'pg_namespace') ~ 'Anna' ORDER BY 1`,
  );

describeEachPostgres('what somebody wrote into a comment', { versions: 'ends' }, (server) => {
  beforeEach(async () => {
    await wipe(server().url);
  });

  it('stays above the mark, at adoption, retirement and restore', { timeout: 200_000 }, async () => {
    const { url } = server();
    for (const sql of [
      "CREATE ROLE shop LOGIN PASSWORD 'x'",
      'CREATE DATABASE shop OWNER shop',
      "COMMENT ON ROLE shop IS 'Anna: the shop''s login\nsince 2019'",
      'COMMENT ON DATABASE shop IS \'Anna: cotenant {"project": "x"} comes here\'',
    ])
      await query(url, sql);
    const both = `apps:
  shop: { uses: { main: { adopt: true, names: { login: shop }, connections: 5 } } }
  blog: { uses: { main: { isolation: schema, database: shared } } }
  crew: { uses: { main: { isolation: rows, database: pool } } }
`;
    await using place = await workplace(server(), manifestOf(both));
    const first = await place.plan();
    expect(JSON.stringify(first.plan.steps.flatMap(({ fields }) => fields.filter(({ field }) => field === 'mark')))).not.toContain('Anna');
    expect(await place.apply(['shop'])).toMatchObject({ ending: 'done' });
    expect((await place.plan()).plan.steps).toEqual([]);
    const shared = at(url, { database: 'shared' });
    await query(shared, "COMMENT ON SCHEMA blog IS 'Anna: of the blog'");
    const add = async (kind: string, name: string): Promise<void> => {
      const [row] = await query(
        url,
        kind === 'ROLE'
          ? `SELECT shobj_description(oid, 'pg_authid') AS mark FROM pg_roles WHERE rolname = '${name}'`
          : `SELECT shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname = '${name}'`,
      );
      await query(url, `COMMENT ON ${kind} ${name} IS 'Anna: ${name}\n${String(row?.['mark'])}'`);
    };
    for (const name of ['blog_user', 'blog_owner', 'crew_user']) await add('ROLE', name);
    for (const name of ['shared', 'pool']) await add('DATABASE', name);
    expect((await place.plan()).plan.steps).toEqual([]);
    const texts = async (): Promise<unknown> =>
      [...(await comments(url)), ...(await comments(shared)).filter(({ of }) => String(of).startsWith('schema'))].map(({ of, text }) => [
        of,
        ...String(text)
          .split('\n')
          .filter((line) => !line.startsWith('cotenant {')),
      ]);
    const before = await texts();
    expect(before).toHaveLength(8);
    // Somebody who writes over all of it: the mark comes back under it.
    await query(url, "COMMENT ON ROLE blog_user IS 'Anna: blog_user'");
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    expect(await texts()).toEqual(before);
    await place.write(manifestOf('apps:\n  wiki: { uses: { main: { connections: 3 } } }\n'));
    expect(await place.apply(['shop', 'blog', 'crew'])).toMatchObject({ ending: 'done' });
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(JSON.stringify(await texts()).match(/Anna/g)).toHaveLength(8);
    for (const app of ['shop', 'blog', 'crew']) expect(await place.restore(app)).toMatchObject({ ending: 'done' });
    await place.write(manifestOf(both));
    expect(await place.apply(['wiki'])).toMatchObject({ ending: 'done' });
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await texts()).toEqual(before);
  });

  it('that holds a password beside the mark is found, and the mark stays', { timeout: 100_000 }, async () => {
    await using made = await ground(server(), manifestOf('apps:\n  shop: { uses: { main: { connections: 5 } } }\n'));
    const [row] = await query(server().url, "SELECT shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname = 'shop'");
    await query(server().url, `COMMENT ON DATABASE shop IS 'password: hunter2\n${String(row?.['mark'])}'`);
    const found = (await made.verify()).findings.filter(({ probe }) => probe === 'PG-P11f');
    expect(found.flatMap(({ fix }) => fix.map(({ statement }) => statement.text))).toEqual([
      `COMMENT ON DATABASE "shop" IS '${String(row?.['mark'])}'`,
    ]);
  });
});
