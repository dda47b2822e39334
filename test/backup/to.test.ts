import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { restoreBackup } from '../../src/app/backup/restore.ts';
import { backupApps } from '../../src/app/backup/save.ts';
import type { Project, RunOptions } from '../../src/app/types.ts';
import { localInstallations, type Major, unpackedInstallations } from '../../src/engines/postgres/local/find.ts';
import { findRestic } from '../engines/postgres/harness.ts';
import type { PostgresServer } from '../engines/postgres/runtime.ts';
import { describeEachPostgres, freshPostgres } from '../support/engines.ts';
import { cache } from '../support/places.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { at, query } from '../support/query.ts';
import { endOf } from './ended.ts';

const OLDER: Major = 15;
const restic = findRestic(cache)?.folder ?? '/nowhere';
const installed = [...unpackedInstallations(cache), ...localInstallations()].filter(({ prefix, bin }) =>
  existsSync(join(prefix, bin, 'pg_dump')),
);
const programs = [restic, ...installed.map(({ prefix, bin }) => join(prefix, bin)), '/usr/bin', '/bin'];
const hasClients = (major: number): boolean => installed.some((one) => one.major === major);

const instance = (port: number, admin: string): string =>
  `{ engine: postgres, url: 'postgres://postgres@127.0.0.1:${port}/postgres', password: { env: ${admin} } }`;

const options: RunOptions = { consent: async () => await Promise.resolve(true) };

const CONTENT = `CREATE TABLE people (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL DEFAULT 'x', n int CHECK (n > 0), made timestamptz DEFAULT now());
INSERT INTO people (name, n) SELECT 'Ünïcode 🦊 ' || i, i FROM generate_series(1, 300) AS i;
CREATE VIEW good AS SELECT p.name, count(*) AS c FROM people p WHERE p.n > 3 GROUP BY p.name;
CREATE MATERIALIZED VIEW counts AS SELECT n % 3 AS k, count(*) FROM people GROUP BY 1;
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.made := now(); RETURN NEW; END$$;
CREATE TRIGGER stamped BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION stamp();
ALTER TABLE people ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON people USING (n > 0);
CREATE INDEX named ON people (lower(name)) WHERE n > 3; COMMENT ON TABLE people IS 'who''s who'`;

describeEachPostgres('a restore to another instance', { versions: 'newest' }, (server, major) => {
  const has = existsSync(join(restic, 'restic')) && hasClients(major) && hasClients(OLDER) && major > OLDER;
  describe.skipIf(!has)('of a newer version', () => {
    let older: PostgresServer;
    let project: TestProject;
    const manifest = (shop: string, more = ''): string => `cotenant: 1
project: saved
instances: { old: ${instance(older.port, 'ADMIN2')}, new: ${instance(server().port, 'ADMIN')} }
apps:
  shop: { uses: { old: ${shop} } }
  back: { uses: { old: {} } }
${more}
backup: { repository: ./backups }
`;
    const open = async (): Promise<Project> => ({
      ...(await project.open()),
      env: {
        ADMIN: server().password,
        ADMIN2: older.password,
        RESTIC_PASSWORD: 'word',
        PATH: programs.join(delimiter),
        HOME: process.env['HOME'],
      },
    });
    const request = { app: 'shop', from: 'latest', as: 'moved', to: 'new' } as const;
    const shop = '{ extensions: [citext] }';

    beforeAll(async () => {
      older = await freshPostgres({ major: OLDER });
      project = await testProject(manifest(shop), { ADMIN: server().password, ADMIN2: older.password });
      expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
      await query(at(older.url, { database: 'shop' }), `SET ROLE shop_owner; ${CONTENT}`);
      expect(await endOf(backupApps(await open(), ['shop'], options))).toMatchObject({ ending: 'done', trouble: '' });
      return async () => {
        await project[Symbol.asyncDispose]();
        await older.stop();
      };
    });

    test.each([
      [
        'an instance that is not there',
        { ...request, as: 'back', to: 'nowhere' },
        /CT4315: nothing can be brought back to "nowhere": there is no/,
      ],
      ['an app that is not on it', { ...request, as: 'back' }, /CT4315: "back" is not on "new"/],
    ])('%s is told before anything is done', async (_name, asked, message) => {
      await expect(endOf(restoreBackup(await open(), asked, options))).rejects.toThrow(message);
    });

    test('all that collides is told at once, and nothing is changed', async () => {
      await project.write(manifest(shop, '  moved: { uses: { new: { schema: other, encoding: LATIN1, locale: C } } }'));
      expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
      const refused = await endOf(restoreBackup(await open(), request, options));
      expect(refused.ending).toBe('failed');
      expect(refused.trouble).toMatch(/CT4304: .*schema "public".*schema "other".*extensions that are not there: citext.*UTF8.*LATIN1/u);
      expect(
        await query(at(server().url, { database: 'moved' }), "SELECT count(*)::int AS n FROM pg_class WHERE relname = 'people'"),
      ).toEqual([{ n: 0 }]);
    });

    test('it comes back there, and what that version says otherwise is told', async () => {
      const there = '  there: { uses: { new: { extensions: [citext] } } }';
      await project.write(manifest(shop, `${there}\n  moved: { uses: { new: { schema: other, encoding: LATIN1, locale: C } } }`));
      expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
      const done = await endOf(restoreBackup(await open(), { ...request, as: 'there' }, options));
      expect(done).toMatchObject({ ending: 'done', trouble: '' });
      expect(done.said).toContain(`PostgreSQL ${major} says`);
      expect(done.said).not.toMatch(/otherwise.*table public\.people/u);
      const url = at(server().url, { database: 'there' });
      expect(await query(url, 'SELECT count(*)::int AS n FROM people')).toEqual([{ n: 300 }]);
      expect(await query(url, 'SELECT count(*)::int AS n FROM good')).toEqual([{ n: 297 }]);
    });

    test('no dump goes to an older server', async () => {
      const there = '  there: { uses: { new: { extensions: [citext] } } }';
      const lower = '  lower: { uses: { old: { extensions: [citext] } } }';
      await project.write(manifest(shop, `${there}\n${lower}\n  moved: { uses: { new: { schema: other, encoding: LATIN1, locale: C } } }`));
      expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
      expect(await endOf(backupApps(await open(), ['there'], options))).toMatchObject({ ending: 'done', trouble: '' });
      expect(await endOf(restoreBackup(await open(), { app: 'there', from: 'latest', as: 'lower', to: 'old' }, options))).toMatchObject({
        trouble: expect.stringMatching(/CT4304: the backup is of PostgreSQL \d+, and "old" is 15: no dump is for an older server/u),
      });
    });
  });
});
