import { beforeEach, expect, it } from 'vitest';
import { verifyProject } from '../../../../src/app/verify.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, urlOf, wipe, type Workplace, workplace } from '../lifecycle/harness.ts';

const manifest = manifestOf(`apps:
  wiki: { uses: { main: { isolation: schema, database: content } } }
  news: { uses: { main: { isolation: schema, database: content } } }
`);

describeEachPostgres('what an operator’s slip has put into another app’s schema', { versions: 'ends' }, (server) => {
  let place: Workplace;
  const content = (sql: string) => query(at(server().url, { database: 'content' }), sql);

  beforeEach(async () => {
    await wipe(server().url);
    place = await workplace(server(), manifest);
    expect((await place.apply()).ending).toBe('done');
    await query(
      await urlOf(place, 'wiki'),
      `CREATE TABLE audit (id serial, secret text); INSERT INTO audit (secret) VALUES ('wiki-audit'); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
    );
    await query(await urlOf(place, 'news'), 'CREATE TABLE own (id int)');
    expect((await place.plan()).plan.steps).toEqual([]);
    return async () => await place[Symbol.asyncDispose]();
  });

  const stays = async (): Promise<readonly string[]> =>
    (await place.plan()).plan.diagnostics.flatMap(({ code, message, hint }) => (code === 'CT2036' ? [`${message} | ${hint}`] : []));
  const fixes = async (): Promise<string> => {
    const { report } = await verifyProject(await place.open());
    expect(report.findings.some(({ to, verdict }) => to === 'news' && verdict === 'BREACH')).toBe(true);
    return JSON.stringify(report.findings.map(({ fix }) => fix));
  };

  it('a table stays its app’s, and the other one gets nothing of it', { timeout: 60_000 }, async () => {
    await content('ALTER TABLE wiki.audit SET SCHEMA news');
    expect(await stays()).toEqual([
      expect.stringMatching(
        /table "news"\."audit" of "wiki_owner" stays as it is: its owner is a role of another app.* \| ALTER TABLE "news"\."audit" SET SCHEMA "wiki" puts it back/,
      ),
    ]);
    expect(await fixes()).not.toMatch(/OWNER TO|audit/);
    await place.apply();
    await expect(query(await urlOf(place, 'news'), 'SELECT secret FROM news.audit')).rejects.toThrow(/permission denied/);
    await content('ALTER TABLE "news"."audit" SET SCHEMA "wiki"');
    expect(await stays()).toEqual([]);
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await query(await urlOf(place, 'wiki'), 'SELECT secret FROM audit')).toEqual([{ secret: 'wiki-audit' }]);
  });

  it('a table that the other app has made there itself stays its own', { timeout: 60_000 }, async () => {
    await content('GRANT CREATE, USAGE ON SCHEMA news TO wiki_owner');
    await query(await urlOf(place, 'wiki'), `CREATE TABLE news.mine (secret text)`);
    expect(await fixes()).not.toMatch(/OWNER TO|DROP TABLE/);
    await place.apply();
    await expect(query(await urlOf(place, 'news'), 'SELECT secret FROM news.mine')).rejects.toThrow(/permission denied/);
  });

  it('a function too', { timeout: 60_000 }, async () => {
    await content('ALTER FUNCTION wiki.f() SET SCHEMA news');
    expect(await stays()).toEqual([
      expect.stringMatching(/function news\.f\(\) of "wiki_owner" stays as it is: its owner is a role of another app/),
    ]);
    expect(await fixes()).not.toMatch(/OWNER TO/);
    await place.apply();
    expect(await content(`SELECT proowner::regrole::text AS who FROM pg_proc WHERE proname = 'f'`)).toEqual([{ who: 'wiki_owner' }]);
  });

  it('one that somebody took from the app goes back to it', { timeout: 60_000 }, async () => {
    await content('ALTER TABLE news.own OWNER TO wiki_owner');
    expect(await stays()).toEqual([]);
    expect(await fixes()).toMatch(/ALTER TABLE .*own.* OWNER TO/);
    expect((await place.apply()).ending).toBe('done');
    expect(await content(`SELECT tableowner FROM pg_tables WHERE tablename = 'own'`)).toEqual([{ tableowner: 'news_owner' }]);
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
