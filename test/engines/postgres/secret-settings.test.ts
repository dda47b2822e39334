import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../support/engines.ts';
import { query } from '../../support/query.ts';
import { manifestOf, workplace } from './lifecycle/harness.ts';

const CANARY = 'canary-of-the-manifest-51c9';
const NEXT = 'canary-of-the-manifest-next';
const withSecret = (value: string, login = value): string =>
  manifestOf(`apps:
  shop:
    uses:
      main:
        settings: { app.jwt_secret: ${value}, app.colour: red }
        logins: { app: owner, reports: { as: read, settings: { app.api_key: ${login} } } }
`);

describeEachPostgres('a setting of the manifest that may be a secret', { versions: 'ends' }, (server) => {
  it('is set, and stands in no plan, no event, no saved plan and no history', async () => {
    await using place = await workplace(server(), withSecret(CANARY));
    const seen: string[] = [];
    const cli = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await place.cli(...args);
      expect(code, stderr).toBe(0);
      seen.push(stdout, stderr);
    };
    const settings = async () =>
      (await query(server().url, `SELECT DISTINCT unnest(setconfig) AS s FROM pg_db_role_setting ORDER BY 1`)).flatMap(({ s }) =>
        /canary|colour/.test(String(s)) ? [String(s)] : [],
      );
    await cli('plan', '--sql');
    await cli('plan', '--json', '--out', 'first.json');
    await cli('apply', 'first.json', '--yes', '--output-format', 'stream-json');
    expect(await settings()).toEqual([`app.api_key=${CANARY}`, 'app.colour=red', `app.jwt_secret=${CANARY}`]);
    expect((await place.plan()).plan.steps).toEqual([]);

    await place.write(withSecret(NEXT));
    await cli('plan', '--sql');
    await cli('apply', '--yes');
    expect(await settings()).toEqual([`app.api_key=${NEXT}`, 'app.colour=red', `app.jwt_secret=${NEXT}`]);
    expect((await place.plan()).plan.steps).toEqual([]);
    await cli('history', '--steps');
    await cli('history', '--json');
    await cli('verify', '--verbose');
    await cli('status', '--json');
    for (const entry of await readdir(place.folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile() && entry.name !== 'cotenant.yaml') seen.push(await readFile(join(entry.parentPath, entry.name), 'utf8'));
    expect(seen.filter((text) => text.includes('canary'))).toEqual([]);
    expect(seen.some((text) => text.includes('app.colour') || text.includes('"colour"'))).toBe(true);

    // What the server refuses is told with the statement, and that holds no value.
    await place.write(withSecret(NEXT).replace('app.api_key', 'ssl_key.secret'));
    const out = await place.cli('apply', '--yes');
    expect(out.stdout + out.stderr).not.toContain('canary');
  });
});
