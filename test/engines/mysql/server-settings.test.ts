import { describe, expect, it } from 'vitest';
import { describeEachMysql } from '../../support/engines-mysql.ts';
import { openProject } from '../../../src/app/project.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestOf, workplace } from './lifecycle/harness.ts';

const trusting = { 'log-bin': 'binlog', 'server-id': 7 } as const;

describeEachMysql('a server that writes a binary log', { versions: 'all', settings: trusting }, (server) => {
  it('lets apps make triggers and functions where it was told to, and is named where it was not', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf('apps:\n  shop: { uses: { main: { connections: 5 } } }\n'));
    await place.apply();
    expect(String((await place.root('SELECT @@log_bin AS n'))[0]?.['n'])).toBe('1');
    await place.as('shop', 'CREATE TABLE orders (id INT)');
    const trigger = 'CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.id = 1';
    await place.as('shop', trigger);
    await place.as('shop', 'CREATE FUNCTION f() RETURNS INT NO SQL RETURN 1');
    expect((await place.plan()).plan.diagnostics).toEqual([]);
    await place.root('SET GLOBAL log_bin_trust_function_creators = 0');
    const { plan } = await place.plan();
    expect(plan.diagnostics.map(({ code, severity }) => [code, severity])).toEqual([['CT2065', 'warning']]);
    expect(plan.steps).toEqual([]);
    await expect(place.as('shop', trigger.replace(' t ', ' u '))).rejects.toThrow(/SUPER|1419/);
  });
});

describe('an address of a server', () => {
  it.each([
    '127.0.0.1:3306',
    'localhost',
    '',
    ' ',
    'mysql:',
    'mysql://',
    'mysql://root@h:99999',
    'mysql://root@h:abc',
    'mysql://%zz@h',
    'http://h',
    'postgres://h',
    'redis://h',
  ])('is no fault of cotenant where it is %j', async (url) => {
    await using folder = await tempDir();
    for (const field of ['url', 'publicUrl']) {
      const other = field === 'url' ? '' : '    url: mysql://root@h\n';
      const text = `cotenant: 1\nproject: p\ninstances:\n  main:\n    engine: mysql\n${other}    ${field}: ${JSON.stringify(url)}\napps: {}\n`;
      await writeFile(join(folder.path, 'cotenant.yaml'), text);
      await expect(openProject({ cwd: folder.path, env: {} })).rejects.toThrow(/^CT1\d\d\d: .*Not the address of a MySQL/s);
    }
  });
});
