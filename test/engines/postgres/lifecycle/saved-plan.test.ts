import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, changeMark, query } from '../../../support/query.ts';
import { applyProject } from '../../../../src/app/apply.ts';
import { planProject } from '../../../../src/app/plan.ts';
import { gone, session, threeLevels, type Workplace, workplace } from './harness.ts';

const wider = threeLevels().replace('connections: 5', 'connections: 6').replace('database: shared }', 'database: shared, connections: 7 }');

async function limitOf(url: string, role: string): Promise<unknown> {
  return (await query(url, 'SELECT rolconnlimit FROM pg_roles WHERE rolname = $1', [role]))[0]?.['rolconnlimit'];
}

describeEachPostgres('a saved plan', { versions: 'newest' }, (server) => {
  let place: Workplace;
  const saved = () => join(place.folder, 'plan.json');
  /** Applies it, and says whether anything at all was changed. */
  const applied = async () => {
    const mark = await changeMark(server().url);
    const { code, stderr } = await place.cli('apply', 'plan.json', '--yes');
    return { code, isStale: stderr.includes('CT4002'), isSilent: (await changeMark(server().url)) === mark };
  };
  const stale = { code: 1, isStale: true, isSilent: true };

  beforeAll(async () => {
    place = await workplace(server(), threeLevels());
  });
  afterAll(async () => await place[Symbol.asyncDispose]());
  beforeEach(async () => {
    await place.write(threeLevels());
    expect(['done', 'nothing-to-do']).toContain((await place.apply()).ending);
    await place.write(wider);
    await query(server().url, 'ALTER ROLE blog_user PASSWORD NULL');
    expect((await place.cli('plan', '--out', 'plan.json')).code).toBe(0);
  });

  it('is the same bytes twice, for its owner only, without a secret', async () => {
    const first = await readFile(saved(), 'utf8');
    expect((await place.cli('plan', '--out', 'again.json')).code).toBe(0);
    expect(await readFile(join(place.folder, 'again.json'), 'utf8')).toBe(first);
    expect((await stat(saved())).mode & 0o777).toBe(0o600);
    expect(first).toContain(':verifier');
    expect(first).not.toContain('SCRAM-SHA-256');
    for (const app of ['shop', 'blog', 'team', 'lens']) expect(first).not.toContain((await place.reveal(app))['POSTGRES_PASSWORD']);
    expect(first).not.toContain(server().password);
  });

  it('applies where nothing has moved, and is stale the second time', async () => {
    expect(await applied()).toMatchObject({ code: 0, isStale: false, isSilent: false });
    expect(await limitOf(server().url, 'shop_user')).toBe(6);
    expect(await applied()).toEqual(stale);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('applies where only things have moved that nobody here manages', async () => {
    await query(server().url, 'CREATE ROLE stranger');
    expect(await applied()).toMatchObject({ code: 0, isStale: false });
    await query(server().url, 'DROP ROLE stranger');
  });

  it('applies while sessions of those who lose something come and go', async () => {
    await query(server().url, `CREATE ROLE str LOGIN PASSWORD 'word'; GRANT CONNECT ON DATABASE shop TO str`);
    const url = at(server().url, { user: 'str', password: 'word', database: 'shop' });
    expect((await place.cli('plan', '--out', 'plan.json')).code).toBe(0);
    await using open = await session(url);
    expect((await place.cli('apply', 'plan.json', '--yes')).stderr).toContain('CT4009');
    expect((await place.cli('apply', 'plan.json', '--yes', '--confirm=str')).code).toBe(0);
    expect(await open.isOpen()).toBe(false);
    await query(server().url, 'GRANT CONNECT ON DATABASE shop TO str');
    await using again = await session(url);
    expect((await place.cli('plan', '--out', 'plan.json')).code).toBe(0);
    await again.end();
    expect((await place.cli('apply', 'plan.json', '--yes', '--confirm=str')).code).toBe(0);
    await query(server().url, 'DROP ROLE str');
  });

  it('of a removal is as good the day after, and gives the names that it showed', async () => {
    await place.write(gone['shop'] ?? '');
    const { plan } = await planProject(await place.open(), { day: '2026-01-02' });
    const endings: unknown[] = [];
    const options = { saved: plan, lockTimeout: 60_000, consent: () => Promise.resolve(true), confirm: [] };
    for await (const event of applyProject(await place.open(), options)) if (event.type === 'result') endings.push(event.ending);
    expect(endings).toEqual(['done']);
    const names = await query(server().url, "SELECT datname FROM pg_database WHERE datname LIKE 'shop%'");
    expect(names).toEqual([{ datname: expect.stringMatching(/^shop__gone_20260102/) as unknown }]);
    await place.restore('shop');
  });

  it('is stale after a change by hand in the server', async () => {
    await query(server().url, 'ALTER ROLE shop_user CONNECTION LIMIT 99');
    expect((await place.cli('apply', 'plan.json', '--yes')).stderr).toMatch(
      /since it was made: what is managed on "main" has changed; a step is .*role shop_user/,
    );
    expect(await applied()).toEqual(stale);
    expect(await limitOf(server().url, 'shop_user')).toBe(99);
  });

  it('is stale after a change of the manifest', async () => {
    await place.write(wider.replace('connections: 6', 'connections: 8'));
    expect(await applied()).toEqual(stale);
  });

  it('is stale when the file was changed, so that no other statement than ours is ever sent', async () => {
    const text = await readFile(saved(), 'utf8');
    const changed = text.replace('CONNECTION LIMIT 6', 'CONNECTION LIMIT 6 SUPERUSER');
    expect(changed).not.toBe(text);
    await writeFile(saved(), changed);
    expect(await applied()).toEqual(stale);
  });

  it('of one app touches that app only', async () => {
    expect((await place.cli('plan', '--app', 'shop', '--out', 'plan.json')).code).toBe(0);
    expect(await applied()).toMatchObject({ code: 0, isStale: false });
    expect([await limitOf(server().url, 'shop_user'), await limitOf(server().url, 'blog_user')]).toEqual([6, 4]);
  });
});
