import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { execFileSync, spawnSync } from '../support/children.ts';
import { nodePath } from '../support/cli.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { picture } from '../support/picture.ts';
import { checkout } from '../support/places.ts';
import { query } from '../support/query.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { type OwnAuthority, ownAuthority, tlsFilesIn } from '../support/tls-files.ts';

const readme = await readFile(join(checkout, 'README.md'), 'utf8');

/** The blocks of one language under a heading of the README. */
function blocks(heading: string, language: string): readonly string[] {
  const section = readme.split(/^## /m).find((text) => text.startsWith(heading)) ?? '';
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);
}

/** The same commands, each with its output where it is asked for by `record`. */
const RECORD = 'record() { printf "%s\\n" "@@ $*"; "$@"; }';

describeEachPostgres('the README alone, in the home of somebody who has never seen it', { versions: 'newest' }, (server, major) => {
  let home: TempDir;
  let own: OwnAuthority;
  let env: Readonly<Record<string, string>> = {};
  const shell = (script: string, cwd: string) =>
    spawnSync('bash', ['--noprofile', '--norc', '-euo', 'pipefail', '-c', script], { cwd, env, encoding: 'utf8', timeout: 300_000 });

  beforeAll(async () => {
    home = await tempDir();
    await mkdir(join(home.path, 'npm'));
    // A machine with Node and npm, and the prefix of npm in its PATH.
    const node = dirname(nodePath());
    const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
    const certificates = process.env['NODE_EXTRA_CA_CERTS'];
    env = {
      HOME: home.path,
      PATH: [join(home.path, 'npm/bin'), node, ...path].join(delimiter),
      npm_config_prefix: join(home.path, 'npm'),
      npm_config_cache: process.env['npm_config_cache'] ?? join(process.env['HOME'] ?? '', '.npm'),
      npm_config_prefer_offline: 'true',
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      ...(certificates === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificates }),
    };
    const { dataDir, url } = server();
    own = await ownAuthority(dataDir);
    await tlsFilesIn(dataDir, 'server', await own.ca.issue({ dns: ['localhost'] }));
    await query(url, 'ALTER SYSTEM SET ssl = on');
    const rules = join(dataDir, 'pg_hba.conf');
    // By TCP nobody comes in without TLS but this test.
    await writeFile(rules, 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
    await query(url, 'SELECT pg_reload_conf()');
  }, 60_000);
  afterAll(async () => await home[Symbol.asyncDispose]());

  it('installs the package by the words of the page', () => {
    const [make = ''] = blocks('Install', 'sh');
    expect(make).toContain('npm ci && npm pack');
    execFileSync(nodePath(), ['scripts/build.ts', '--if-stale'], { cwd: checkout });
    // `npm ci` has been done: this is its checkout.
    const packed = shell(`npm pack --ignore-scripts --pack-destination "$HOME" "${checkout}" >&2 && ls "$HOME"`, home.path);
    expect(packed.stdout).toContain('cotenant-0.1.0.tgz');
    const install = make.split('\n').find((line) => line.startsWith('npm install --global')) ?? '';
    expect(shell(install, home.path)).toMatchObject({ status: 0 });
    expect(shell('cotenant --version; man -w cotenant 2>/dev/null || true', home.path).stdout).toMatch(/^0\.1\.0\n/);
  });

  it('gets from nothing to three walled apps on a server with TLS', async () => {
    const [commands = '', ...more] = blocks('Five minutes', 'sh');
    expect(more).toEqual([]);
    const script = commands
      .replace('the password of the admin', server().password)
      .replace('db.example.com:5432', `localhost:${server().port}`)
      .replace('/path/to/ca.pem', own.path('CA'))
      .replaceAll(/^cotenant (plan|verify)(?= |$)/gm, 'record env FORCE_COLOR=1 cotenant $1')
      // It finds that servers of the tests have autovacuum off, and that 14 has no fixes any more.
      .replaceAll(/^(cotenant doctor)\b.*$/gm, '$1 || [ $? = 2 ]');
    const { status, stdout, stderr } = shell(`${RECORD}\n${script}`, home.path);
    expect([status, stdout.slice(-3000), stderr]).toEqual([0, stdout.slice(-3000), stderr]);
    const plain = stdout.replaceAll(/\u001B\[[0-9;]*m/g, '');
    expect(plain).toContain('Apply complete');
    expect(plain).toContain('Clean: no way from one app to another was found.');
    expect(plain).toContain('3 apps, 0 pending, 0 drift.');
    const written: unknown = parse(await readFile(join(home.path, 'digi/cotenant.yaml'), 'utf8'));
    const [yaml = ''] = blocks('Five minutes', 'yaml');
    const shown = yaml.replace('db.example.com:5432', `localhost:${server().port}`).replace('/path/to/ca.pem', own.path('CA'));
    expect(written).toEqual(parse(shown));

    const urls = new Map<string, string>();
    for (const app of ['shop', 'blog', 'wiki']) {
      const { stdout: text } = shell(`cd digi; ADMIN_PASSWORD=x cotenant env ${app} --reveal --format json`, home.path);
      urls.set(app, String((JSON.parse(text) as Record<string, unknown>)['DATABASE_URL']));
    }
    expect(await readFile(join(home.path, 'digi/shop.env'), 'utf8')).toContain(urls.get('shop'));
    for (const [app, url] of urls) {
      expect(url).toContain('sslmode=verify-full');
      expect(await query(url, 'SELECT current_database() AS here')).toEqual([{ here: app }]);
      await expect(query(url.replace(/\?.*/, '?sslmode=disable'), 'SELECT 1')).rejects.toThrow(/no encryption/);
      for (const other of ['shop', 'blog', 'wiki'].filter((one) => one !== app))
        await expect(query(url.replace(/\/[a-z]+\?/, `/${other}?`), 'SELECT 1')).rejects.toThrow(/permission denied for database/);
    }
    const records = stdout.split(/^@@ env FORCE_COLOR=1 /m).slice(1);
    const pictured = records.map((text) => {
      const [command = '', ...lines] = text.split('\n');
      const end = lines.findIndex((line) => /^.{0,20}(?:Plan:|Clean)/.test(line));
      return {
        command,
        output: lines
          .slice(0, end + 1)
          .join('\n')
          .replaceAll(/--seed \d+/g, '--seed 20261129'),
      };
    });
    expect(pictured.map(({ command }) => command)).toEqual(['cotenant plan', 'cotenant verify']);
    const file = join(checkout, 'docs/picture.svg');
    const made = picture(pictured);
    // Probes come and go, and so do their numbers; the words are those of the newest version.
    const words = (text: string): string => text.replaceAll(/\d+/g, '0');
    if (major === 18 && words(made) !== words(await readFile(file, 'utf8').catch(() => ''))) await expect(made).toMatchFileSnapshot(file);
  });
});
