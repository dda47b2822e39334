import { existsSync, readdirSync } from 'node:fs';
import { cp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeEachPostgres } from '../../support/engines.ts';
import { cache } from '../../support/places.ts';
import { at, changeMark, query } from '../../support/query.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { newPassword } from '../../support/template.ts';
import { type Diagnostic, DiagnosticError } from '../../../src/model/index.ts';
import { localMachine } from '../../../src/runtime/index.ts';
import { postgresTemplate, startPostgres } from './runtime.ts';
import {
  embeddedInstallations,
  type Installation,
  localInstallations,
  makeLinks,
  unpackedInstallations,
} from '../../../src/engines/postgres/local/find.ts';
import { initData, writeSettings } from '../../../src/engines/postgres/local/init.ts';

const machine = localMachine();
const embedded = embeddedInstallations();
const newest = embedded.at(-1);

function anyInstallation(): Installation {
  const found = newest ?? [...unpackedInstallations(cache), ...localInstallations()].at(-1);
  if (!found) throw new Error('this machine has no PostgreSQL');
  return found;
}

function diagnosticOf(error: unknown): Diagnostic | undefined {
  return error instanceof DiagnosticError ? error.diagnostics[0] : undefined;
}

describeEachPostgres('a PostgreSQL of our own', { versions: 'each' }, (server, major) => {
  it('is of the major, listens on loopback only and uses SCRAM for every login', async () => {
    const [row] = await query(
      server().url,
      `SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('listen_addresses') AS listen,
        current_setting('unix_socket_directories') AS sockets, current_setting('data_directory_mode') AS mode,
        (SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules) AS auth,
        (SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = 'postgres') AS scram,
        (SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'template0') AS encoding`,
    );
    expect(row).toEqual({ major, listen: '127.0.0.1', sockets: '', mode: '0700', auth: 'scram-sha-256', scram: true, encoding: 'UTF8' });
  });

  it('lets nobody in without the password', async () => {
    await expect(query(at(server().url, { password: 'wrong' }), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('keeps the password out of its log and its files', async () => {
    expect(await readFile(server().logFile, 'utf8')).not.toContain(server().password);
    expect(readdirSync(join(server().dataDir, '..')).filter((name) => name.includes('password'))).toEqual([]);
  });

  it.runIf(machine.user)('runs as an unprivileged user', async () => {
    const status = await readFile(`/proc/${server().pid}/status`, 'utf8');
    expect(/^Uid:\s+(\d+)\s+(\d+)/m.exec(status)?.slice(1)).toEqual([String(machine.user?.uid), String(machine.user?.uid)]);
  });

  it('comes back after a crash with what was committed, and with new settings', async () => {
    await query(server().url, 'CREATE TABLE kept AS SELECT 1 AS n');
    const before = server().pid;
    await server().kill();
    await expect(query(server().url, 'SELECT 1')).rejects.toThrow();
    await server().restart({ work_mem: '5MB', 'cotenant.note': "it's \\ here" });
    expect(server().pid).not.toBe(before);
    const [row] = await query(
      server().url,
      `SELECT n, current_setting('work_mem') AS mem, current_setting('cotenant.note') AS note FROM kept`,
    );
    expect(row).toEqual({ n: 1, mem: '5MB', note: "it's \\ here" });
  });

  it('shows by its change mark whether anything was changed', async () => {
    const first = await changeMark(server().url);
    await query(server().url, 'SELECT * FROM pg_catalog.pg_roles');
    expect(await changeMark(server().url)).toBe(first);
    await query(server().url, 'GRANT CONNECT ON DATABASE postgres TO PUBLIC');
    expect(await changeMark(server().url)).not.toBe(first);
  });
});

describe('a server of a test', () => {
  it('stops without waiting for its clients', async () => {
    const server = await startPostgres(machine, { installation: anyInstallation(), auth: 'scram', templates: join(cache, 'templates') });
    const sleeping = query(server.url, 'SELECT pg_sleep(600)').catch((error: unknown) => error);
    await server.stop();
    expect(await sleeping).toBeInstanceOf(Error);
    expect(existsSync(server.dataDir)).toBe(false);
  });
});

describe('a data folder', () => {
  it('is made without leaving the password in a file', async () => {
    await using folder = await machine.tempFolder('cotenant-test-');
    const { prefix, bin } = anyInstallation();
    const data = await initData(machine, join(prefix, bin), folder.path, newPassword(), { sync: false, segment: 1 });
    expect((await stat(data)).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder.path)).toEqual(['data']);
  });

  it('that cannot be made is told with what initdb said', async () => {
    await using folder = await machine.tempFolder('cotenant-test-');
    const { prefix, bin } = anyInstallation();
    const error = await initData(machine, join(prefix, bin), folder.path, newPassword(), { sync: false, segment: 3 }).catch(
      (reason: unknown) => reason,
    );
    expect(diagnosticOf(error)).toMatchObject({ code: 'CT6010' });
    expect(diagnosticOf(error)?.hint).toContain('wal-segsize');
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('is made once for all when several ask at the same time', async () => {
    await using dir = await tempDir();
    const { prefix, bin } = anyInstallation();
    const made = await Promise.all([1, 2].map(() => postgresTemplate(machine, join(prefix, bin), dir.path)));
    expect(made[0]).toEqual(made[1]);
    const names = readdirSync(dir.path);
    expect(names).toHaveLength(1);
    expect((await stat(join(dir.path, names[0] ?? '', 'password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir.path, names[0] ?? ''))).mode & 0o777).toBe(0o700);
  });

  it('takes no setting that would smuggle in another one', async () => {
    await using dir = await tempDir();
    await expect(writeSettings(machine, dir.path, { work_mem: "1'\nfsync = off" })).rejects.toThrow('more than one line');
    await expect(writeSettings(machine, dir.path, { 'a = 1\nb': 1 })).rejects.toThrow('not a name');
  });
});

describe.runIf(newest)('the npm package', () => {
  it('works where its install script did not run, also when two processes repair it at once', async () => {
    await using dir = await machine.tempFolder('cotenant-test-');
    const installation = { ...anyInstallation(), prefix: join(dir.path, 'native') };
    await machine.copyTree(anyInstallation().prefix, installation.prefix);
    const links = JSON.parse(await readFile(join(installation.prefix, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
    for (const { target } of links) await rm(join(dir.path, target));
    await machine.chownToServer(dir.path);
    await Promise.all([1, 2, 3].map(() => makeLinks(installation)));
    expect(links.every(({ target }) => existsSync(join(dir.path, target)))).toBe(true);
    await using server = await startPostgres(machine, { installation, auth: 'scram' });
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('tells a link that leads elsewhere', async () => {
    await using dir = await tempDir();
    const installation = { ...anyInstallation(), prefix: join(dir.path, 'native') };
    await cp(join(anyInstallation().prefix, 'pg-symlinks.json'), join(dir.path, 'list.json'));
    await machine.copyTree(anyInstallation().prefix, installation.prefix);
    const [first] = JSON.parse(await readFile(join(dir.path, 'list.json'), 'utf8')) as { target: string }[];
    await rm(join(dir.path, first?.target ?? ''));
    await symlink('elsewhere', join(dir.path, first?.target ?? ''));
    await expect(makeLinks(installation)).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it.runIf(machine.user)('runs from a checkout that only root can enter', async () => {
    await using dir = await tempDir();
    const installation = { ...anyInstallation(), prefix: join(dir.path, 'native') };
    await machine.copyTree(anyInstallation().prefix, installation.prefix);
    expect(machine.canRead(installation.prefix)).toBe(false);
    await using server = await startPostgres(machine, { installation, auth: 'scram', templates: join(cache, 'templates') });
    expect(server.binDir.startsWith(dir.path)).toBe(false);
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
    expect(existsSync(server.binDir)).toBe(false);
  });
});

describe('unpacked servers', () => {
  it('count only once they are complete', async () => {
    await using dir = await tempDir();
    const bin = join(dir.path, 'debian/suite/usr/lib/postgresql/17/bin');
    await cp(join(import.meta.dirname, 'runtime.ts'), join(bin, 'postgres'));
    expect(unpackedInstallations(dir.path)).toEqual([]);
    await writeFile(join(dir.path, 'debian/suite/.complete'), '');
    expect(unpackedInstallations(dir.path)).toMatchObject([{ major: 17, way: 'unpacked' }]);
    await rename(join(dir.path, 'debian/suite/usr/lib/postgresql/17'), join(dir.path, 'debian/suite/usr/lib/postgresql/99'));
    expect(unpackedInstallations(dir.path)).toEqual([]);
  });
});
