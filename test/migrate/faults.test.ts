import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { urlOf, type Workplace } from '../engines/postgres/lifecycle/harness.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { query } from '../support/query.ts';
import { asleep, kills, sleepy } from './asleep.ts';
import { byHand, put, rowOf, usable, world } from './drive.ts';
import { journal, type Kit, kits } from './kits.ts';

const LONG = { timeout: 240_000 };

const kit = (tool: Kit['tool']): Kit | undefined => usable(kits()).find((one) => one.tool === tool);

describeEachPostgres('faults of migration tools', { versions: 'ends' }, (server) => {
  describe('a tool that is killed in the middle', () => {
    for (const [tool, , , drift, state] of kills) {
      const one = kit(tool);
      test.skipIf(!one)(`${tool}: what it leaves is told`, LONG, async () => {
        if (!one) return;
        await using place = await world(server(), [one]);
        await put(place, one.app, one.revisions[0].files);
        await byHand(place, one);
        await put(place, one.app, sleepy(one));
        await killed(server().url, place, one);
        const row = await rowOf(place, one.app);
        expect(row).toMatchObject({ state, pending: [one.revisions[1].id] });
        if (state === 'drifted') expect(row.drift).toEqual([expect.stringMatching(drift)]);
        else expect(row.drift).toEqual([]);
      });
    }
  });
});

describeEachPostgres('older migrations that come later', { versions: 'ends' }, (server) => {
  test.skipIf(!kit('drizzle'))('drizzle-kit says that all is well, and has passed over an older migration', LONG, async () => {
    const one = kit('drizzle');
    if (!one) return;
    await using place = await world(server(), [one]);
    const [first, second, third] = one.revisions;
    const sql = (files: Kit['files']): Kit['files'] => Object.fromEntries(Object.entries(files).filter(([name]) => name.endsWith('.sql')));
    await put(place, one.app, { ...sql(first.files), ...sql(third.files), 'drizzle/meta/_journal.json': journal([1, 3]) });
    await byHand(place, one);
    expect(await rowOf(place, one.app)).toMatchObject({ state: 'current', current: [third.id] });
    await put(place, one.app, { ...sql(second.files), 'drizzle/meta/_journal.json': journal([1, 2, 3]) });
    await byHand(place, one);
    expect(await rowOf(place, one.app)).toMatchObject({
      state: 'drifted',
      current: [third.id],
      pending: [second.id],
      drift: [`${second.id} is older than what was applied last: drizzle-kit passes over it and says that all is well`],
    });
    // Its time is put after the others': now it runs.
    await put(place, one.app, { 'drizzle/meta/_journal.json': journal([1, 3, 2], (n) => 1_700_000_000_000 + (n === 2 ? 9 : n)) });
    await byHand(place, one);
    expect(await rowOf(place, one.app)).toMatchObject({ state: 'current', current: [second.id], pending: [], drift: [] });
    await rm(join(place.folder, one.app, 'drizzle/0001_t.sql'));
    expect((await rowOf(place, one.app)).drift).toEqual([`${first.id} is in the journal and has no file`]);
  });

  for (const tool of ['node-pg-migrate', 'goose', 'flyway'] as const) {
    test.skipIf(!kit(tool))(`${tool}: an older migration that comes later is pending and drift`, LONG, async () => {
      const one = kit(tool);
      if (!one) return;
      await using place = await world(server(), [one]);
      const [first, second, third] = one.revisions;
      await put(place, one.app, { ...first.files, ...third.files });
      await byHand(place, one);
      await put(place, one.app, second.files);
      expect(await rowOf(place, one.app)).toMatchObject({
        state: 'drifted',
        current: [third.id],
        pending: [second.id],
        drift: [`${second.id} is not applied, and later ones are`],
      });
      await expect(byHand(place, one)).rejects.toThrow();
    });
  }
});

describeEachPostgres('files that take the place of others', { versions: 'ends' }, (server) => {
  test.skipIf(!kit('flyway'))('flyway: what repeats is pending whenever it has changed', LONG, async () => {
    const one = kit('flyway');
    if (!one) return;
    await using place = await world(server(), [one]);
    const [first, second] = one.revisions;
    await put(place, one.app, { ...first.files, 'sql/R__some_views.sql': 'CREATE OR REPLACE VIEW v AS SELECT 1 AS a' });
    await byHand(place, one);
    expect(await rowOf(place, one.app)).toMatchObject({ state: 'current', pending: [], drift: [] });
    await put(place, one.app, { ...second.files, 'sql/R__some_views.sql': 'CREATE OR REPLACE VIEW v AS SELECT 1 AS a, 2 AS b' });
    expect(await rowOf(place, one.app)).toMatchObject({
      state: 'behind',
      current: [first.id],
      pending: [second.id, 'R__some_views'],
      drift: [],
    });
    await byHand(place, one);
    expect(await rowOf(place, one.app)).toMatchObject({ state: 'current', pending: [], drift: [] });
  });

  test.skipIf(!kit('django'))('django: squashed migrations, two heads, one applied before what it needs', LONG, async () => {
    const one = kit('django');
    if (!one) return;
    await using place = await world(server(), [one]);
    const [first, second, third] = one.revisions;
    await put(place, one.app, { ...first.files, ...second.files });
    await byHand(place, one);
    await put(place, one.app, {
      'shop/migrations/0001_squashed_0002_t.py': `from django.db import migrations


class Migration(migrations.Migration):
    replaces = [("shop", "0001_t"), ("shop", "0002_t")]
    dependencies = []
    operations = [migrations.RunSQL("SELECT 1")]
`,
    });
    expect(await rowOf(place, one.app)).toMatchObject({ state: 'current', current: ['shop.0001_squashed_0002_t'], pending: [], drift: [] });
    await put(place, one.app, third.files);
    expect(await rowOf(place, one.app)).toMatchObject({ state: 'behind', pending: [third.id], drift: [] });
    await byHand(place, one);
    for (const name of ['0001_t', '0002_t']) await rm(join(place.folder, one.app, `shop/migrations/${name}.py`));
    expect(await rowOf(place, one.app)).toMatchObject({ state: 'current', current: [third.id], pending: [], drift: [] });
    await put(place, one.app, {
      'shop/migrations/0003_other.py': `from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_t")]
`,
    });
    expect((await rowOf(place, one.app)).drift).toEqual(['shop has 2 heads: shop.0003_other, shop.0003_t']);
    await query(await urlOf(place, one.app), `DELETE FROM django_migrations WHERE name <> '0003_t' AND app = 'shop'`);
    expect((await rowOf(place, one.app)).drift).toContain(`${third.id} is applied, and shop.0001_squashed_0002_t before it is not`);
  });
});

describeEachPostgres('ledgers of Prisma, and one key for a whole database', { versions: 'ends' }, (server) => {
  test('prisma: half applied, rolled back, changed, gone; by its ledger alone', async () => {
    const one: Kit = { ...(kits()[0] as Kit), tool: 'prisma', app: 'pr', files: {} };
    await using place = await world(server(), [one]);
    for (const n of [1, 2]) await put(place, 'pr', { [`prisma/migrations/2024010${n}_t/migration.sql`]: `CREATE TABLE t${n} (id int);\n` });
    await writeFile(join(place.folder, 'pr/prisma/migrations/migration_lock.toml'), 'provider = "postgresql"\n');
    const url = await urlOf(place, 'pr');
    await query(
      url,
      `CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
         logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`,
    );
    const add = async (id: string, name: string, sum: string, more: string): Promise<unknown> =>
      await query(
        url,
        `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, rolled_back_at) VALUES ('${id}', '${sum}', '${name}', ${more})`,
      );
    await add('a', '20240101_t', '9e8d', 'NULL, now()');
    expect(await rowOf(place, 'pr')).toMatchObject({ state: 'behind', pending: ['20240101_t', '20240102_t'], drift: [] });
    await add('b', '20240101_t', '9e8d', 'NULL, NULL');
    expect(await rowOf(place, 'pr')).toMatchObject({
      state: 'drifted',
      pending: ['20240101_t', '20240102_t'],
      drift: [expect.stringMatching(/it was begun and not ended/), '20240101_t: its file has changed since it was applied'],
    });
    await query(
      url,
      `UPDATE _prisma_migrations SET finished_at = now(), checksum = encode(sha256(E'CREATE TABLE t1 (id int);\\n'::bytea), 'hex') WHERE id = 'b'`,
    );
    expect(await rowOf(place, 'pr')).toMatchObject({ state: 'behind', current: ['20240101_t'], pending: ['20240102_t'], drift: [] });
    await rm(join(place.folder, 'pr/prisma/migrations/20240101_t'), { recursive: true });
    expect((await rowOf(place, 'pr')).drift).toEqual(['20240101_t is in the ledger and has no file']);
  });

  test.skipIf(!kit('node-pg-migrate'))(
    'two node-pg-migrate in one database keep each other out, as the constant key says',
    LONG,
    async () => {
      const one = kit('node-pg-migrate');
      if (!one) return;
      const other: Kit = { ...one, app: 'nq' };
      await using place = await world(server(), [one, other]);
      await put(place, one.app, { 'migrations/1700000000001_t.sql': '-- Up Migration\nSELECT pg_sleep(100);\n-- Down Migration\n' });
      await put(place, other.app, other.revisions[0].files);
      const child = await asleep(server().url, place, one);
      await expect(byHand(place, other)).rejects.toThrow(/Another migration is already running/);
      await child.kill();
      await byHand(place, other);
    },
  );
});

async function killed(operator: string, place: Workplace, one: Kit): Promise<void> {
  await (await asleep(operator, place, one)).kill();
}
