import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { found, look } from '../../../support/doctor.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, until, urlOf, type Workplace, workplace } from '../lifecycle/harness.ts';

const manifest = manifestOf('apps:\n  shop: { uses: { main: {} } }\n  crm: { uses: { main: { isolation: schema, database: shared } } }\n');

describeEachPostgres(
  'doctor and the server',
  {
    versions: 'ends',
    settings: { wal_level: 'logical', max_wal_size: '2MB', max_slot_wal_keep_size: '20MB', archive_mode: true, archive_command: 'true' },
  },
  (server, major) => {
    let place: Workplace;

    beforeAll(async () => {
      place = await workplace(server(), manifest, { WATCHER: 'w' });
      expect((await place.apply()).ending).toBe('done');
      return async () => await place[Symbol.asyncDispose]();
    });

    it('autovacuum that is off, and --fix turns it on and nothing else', async () => {
      const [finding] = await found(place, ['CT-D203']);
      expect(finding).toMatchObject({ severity: 'error', apps: [], evidence: { autovacuum: 'off' } });
      const dry = await place.cli('doctor', '--fix', '--dry-run');
      expect(dry).toMatchObject({
        code: 2,
        stdout: expect.stringContaining('Dry run: 2 statements would be sent. Nothing was sent.') as unknown,
      });
      expect(await found(place, ['CT-D203'])).toHaveLength(1);
      // What somebody has written and not put in force yet stays so.
      await query(server().url, "ALTER SYSTEM SET work_mem = '13MB'");
      const waits = await place.cli('doctor', '--fix');
      expect(waits.stdout).toContain('together with what else somebody has written into its files');
      expect(waits.stdout).not.toContain('statements sent');
      expect(await query(server().url, 'SHOW work_mem')).not.toEqual([{ work_mem: '13MB' }]);
      await query(server().url, 'ALTER SYSTEM RESET work_mem');
      await query(server().url, 'SELECT pg_reload_conf()');
      await query(server().url, 'SELECT pg_sleep(0.2)');
      const fixed = await place.cli('doctor', '--fix');
      expect(fixed.stdout).toContain('2 statements sent. Looking again.');
      expect(await found(place, ['CT-D203'])).toEqual([]);
      expect(await query(server().url, `SELECT name, setting FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'`)).toEqual([
        { name: 'autovacuum', setting: 'on' },
      ]);
      expect(await place.cli('doctor', '--fix')).toMatchObject({ stderr: expect.not.stringContaining('CT') as unknown });
    });

    it('databases whose numbers of transactions run out, and those that were not vacuumed in time', async () => {
      expect(await found(place, ['CT-D201', 'CT-D202'])).toEqual([]);
      const old = await found(place, ['CT-D201'], { limits: { wraparound: 1e-9 } });
      expect(old.find(({ apps }) => apps.includes('shop'))).toMatchObject({
        severity: 'warning',
        what: expect.stringMatching(/^database "shop" is \d+ transactions old/) as unknown,
      });
      const late = await found(place, ['CT-D202'], { limits: { behind: 1e-9 } });
      expect(late.some(({ apps }) => apps.includes('shop'))).toBe(true);
      await query(at(server().url, { database: 'shop' }), late[0]?.remedy[1]?.text ?? '');
    });

    it('slots that hold the log, until they have lost it, and the log itself', async () => {
      const { url } = server();
      expect(await found(place, ['CT-D204', 'CT-D206'], { limits: { retained: 0 } })).toEqual([]);
      await query(at(url, { database: 'shop' }), `SELECT pg_create_logical_replication_slot('out''s', 'test_decoding')`.replace("''", ''));
      for (let n = 0; n < 10; n++) await query(url, `SELECT pg_logical_emit_message(true, 'x', 'y'); SELECT pg_switch_wal()`);
      const held = await found(place, ['CT-D204', 'CT-D206'], { limits: { retained: 5 * 2 ** 20 } });
      expect(held.map(({ id, severity, apps }) => [id, severity, apps])).toEqual([
        ['CT-D204', 'warning', ['shop']],
        ['CT-D206', 'warning', []],
      ]);
      expect(held[0]?.what).toMatch(/^the logical replication slot "outs", which nobody uses, holds \d+(\.\d)? MiB of the log$/);
      for (let n = 0; n < 40; n++) await query(url, `SELECT pg_logical_emit_message(true, 'x', 'y'); SELECT pg_switch_wal()`);
      await query(url, 'CHECKPOINT');
      const [lost] = await found(place, ['CT-D204']);
      expect(lost).toMatchObject({ severity: 'error', evidence: { status: 'lost' } });
      await query(url, lost?.remedy.find(({ text }) => text !== undefined)?.text ?? '');
      await query(url, 'CHECKPOINT');
      expect(await found(place, ['CT-D204'])).toEqual([]);
    });

    it('an archive that fails, until it works again', async () => {
      const { url } = server();
      const archive = async (command: string, then: string): Promise<void> => {
        await query(url, `ALTER SYSTEM SET archive_command = '${command}'`);
        await query(url, 'SELECT pg_reload_conf()');
        await query(url, `SELECT pg_logical_emit_message(true, 'x', 'y'); SELECT pg_switch_wal()`);
        await until(url, `SELECT 1 FROM pg_stat_archiver WHERE ${then}`);
      };
      expect(await found(place, ['CT-D205'])).toEqual([]);
      await archive('false', 'last_failed_time IS NOT NULL');
      expect(await found(place, ['CT-D205'])).toMatchObject([{ severity: 'error', apps: [] }]);
      await archive('true', 'last_archived_time > last_failed_time');
      expect(await found(place, ['CT-D205'])).toEqual([]);
    });

    it('what of an app is gone', async () => {
      expect(await found(place, ['CT-D102'])).toEqual([]);
      await query(at(server().url, { database: 'shared' }), 'DROP SCHEMA crm');
      await query(server().url, 'DROP DATABASE shop');
      const gone = await found(place, ['CT-D102']);
      expect(gone.map(({ severity, apps, what }) => [severity, apps, what])).toEqual([
        ['error', ['crm'], 'crm lacks schema "crm" in database "shared"'],
        ['error', ['shop'], expect.stringContaining('shop lacks database "shop"')],
      ]);
      expect((await place.apply()).ending).toBe('done');
      expect(await found(place, ['CT-D102'])).toEqual([]);
    });

    it('sees less as a login without rights, and says what', async () => {
      await query(server().url, `CREATE ROLE watcher LOGIN PASSWORD 'w'; GRANT CONNECT ON DATABASE postgres TO watcher`);
      await place.write(manifest.replace('postgres://postgres@', 'postgres://watcher@').replace('ADMIN_PASSWORD', 'WATCHER'));
      const { report } = await look(place);
      await place.write(manifest);
      const lost = report.blind.flatMap(({ checks }) => checks);
      expect(lost).toEqual(expect.arrayContaining(['CT-D107', 'CT-D108', 'CT-D206']));
      expect(report.instances[0]?.checks).toEqual(expect.arrayContaining(['CT-D102', 'CT-D103', 'CT-D201']));
      expect(report.instances[0]?.checks).not.toContain('CT-D107');
      await query(server().url, 'REVOKE CONNECT ON DATABASE postgres FROM watcher; DROP ROLE watcher');
    });

    it.skipIf(major < 18)('pages that are damaged on the disk', async () => {
      const shop = await urlOf(place, 'shop');
      await query(shop, 'CREATE TABLE broken AS SELECT repeat($$x$$, 100) FROM generate_series(1, 1000)');
      const [row] = await query(shop, `SELECT pg_relation_filepath('broken') AS path`);
      await query(server().url, 'CHECKPOINT');
      await server().restart();
      const file = await open(join(server().dataDir, String(row?.['path'])), 'r+');
      await file.write(Buffer.alloc(64, 7), 0, 64, 8192 + 4000);
      await file.close();
      expect((await look(place)).report.findings.filter(({ id }) => id === 'CT-D207')).toEqual([]);
      await query(shop, 'SELECT count(*) FROM broken').catch(() => undefined);
      await until(server().url, 'SELECT 1 FROM pg_stat_database WHERE checksum_failures > 0');
      expect(await found(place, ['CT-D207'])).toMatchObject([{ severity: 'error', apps: ['shop'] }]);
    });
  },
);
