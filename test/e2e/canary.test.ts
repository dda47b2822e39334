import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliResult, startCli } from '../support/cli.ts';
import { freshPostgres } from '../support/engines.ts';
import { at, query } from '../support/query.ts';
import { tempDir } from '../support/temp-dir.ts';

/** A place that was looked at, and what it held. */
type Seen = readonly [place: string, text: string];

const manifest = `cotenant: 1
project: canary
instances:
  main:
    engine: postgres
    url: postgres://postgres@127.0.0.1:\${PORT}/postgres
    password: { env: ADMIN_PASSWORD }
apps:
  shop: { uses: { main: {} } }
  blog: { uses: { main: { isolation: schema, database: shared } } }
  team: { uses: { main: { isolation: rows, database: pool } } }
readers:
  lens: { reads: [shop, blog] }
`;

const SETTING = 'canary-of-a-setting-7f3a';

/** Every command at every verbosity, wrong input included. What must not show a secret; \`env --reveal\` is tried apart. */
const commands: readonly (readonly string[])[] = [
  ['plan', '--debug', '--sql'],
  ['apply', '--dry-run', '--verbose'],
  ['apply', '--yes', '--output', 'stream-json'],
  ['plan', '--json'],
  ['plan', '--out', 'plan.json'],
  ['apply', 'plan.json', '--yes', '--debug'],
  ['status', '--verbose'],
  ['status', '--json'],
  ['env', 'shop'],
  ['env', 'blog', '--format', 'json'],
  ['env', 'team', '--format', 'k8s'],
  ['verify', '--json'],
  ['verify', '--verbose'],
  ['doctor', '--json'],
  ['doctor', '--fix'],
  ['import', 'postgres://postgres@127.0.0.1:PORT/postgres', '--password-file', 'admin.pw', '--out', 'imported.yaml'],
  ['history', '--steps'],
  ['history', '--json'],
  ['restore-app', 'nobody', '--debug'],
  ['env', 'nobody', '--debug'],
  ['plan', '--file', 'wrong.yaml', '--debug'],
  ['schema'],
  ['init'],
  ['explain', 'CT3002'],
];

describe('secrets', () => {
  it('stand nowhere but where they belong', { timeout: 600_000 }, async () => {
    await using server = await freshPostgres({
      settings: {
        log_statement: 'all',
        log_min_duration_statement: 0,
        log_connections: true,
        shared_preload_libraries: 'pg_stat_statements',
        'pg_stat_statements.track_utility': true,
      },
    });
    await using folder = await tempDir();
    await query(server.url, 'CREATE EXTENSION pg_stat_statements');
    await writeFile(join(folder.path, 'cotenant.yaml'), manifest);
    await writeFile(join(folder.path, 'wrong.yaml'), manifest.replace('postgres@127', `postgres:${server.password}@127`));
    await writeFile(join(folder.path, 'admin.pw'), `${server.password}\n`, { mode: 0o600 });
    const env = { PORT: String(server.port), ADMIN_PASSWORD: server.password };
    const seen: Seen[] = [];
    await using watch = watchActivity(server.url, seen);
    for (const args of commands) {
      const call = args.map((part) => part.replace('PORT', env.PORT));
      const result = await observed(call, folder.path, env, seen);
      seen.push([`stdout of ${call.join(' ')}`, result.stdout], [`stderr of ${call.join(' ')}`, result.stderr]);
    }
    // What somebody keeps in a setting, as PostgREST's examples do, is put back by an apply and shown by nobody.
    await query(at(server.url, { database: 'postgres' }), `ALTER ROLE shop_user SET app.jwt_secret = '${SETTING}'`);
    await query(at(server.url, { database: 'postgres' }), `ALTER DATABASE shop SET app.api_key = '${SETTING}'`);
    for (const args of [
      ['plan', '--sql'],
      ['plan', '--json', '--out', 'drift.json'],
      ['apply', '--yes', '--output', 'stream-json'],
    ]) {
      const result = await observed(args, folder.path, env, seen);
      expect(result.code).toBe(0);
      seen.push([`stdout of ${args.join(' ')}`, result.stdout], [`stderr of ${args.join(' ')}`, result.stderr]);
    }
    const secrets = [server.password, ...(await storedPasswords(folder.path))];
    expect(secrets.length, 'the admin, three apps, the migrator and the reader').toBe(6);
    await wrongPassword(server.url, secrets);
    const revealed = await observed(['env', 'shop', '--reveal'], folder.path, env, []);
    expect(
      secrets.some((secret) => revealed.stdout.includes(secret)),
      'the search finds a secret where there is one',
    ).toBe(true);
    await watch[Symbol.asyncDispose]();
    seen.push(...(await files(folder.path)), ...(await leftInTemp()));
    seen.push(['server log', await readFile(server.logFile, 'utf8')]);
    const statements = await query(server.url, 'SELECT query FROM pg_stat_statements');
    seen.push(['pg_stat_statements', JSON.stringify(statements)]);
    expect(statements.length).toBeGreaterThan(50);
    expect(seen.filter(([place]) => place === 'pg_stat_activity').length, 'the server was watched while it worked').toBeGreaterThan(3);
    const said = seen.filter(([place, text]) => place.startsWith('std') && text.includes(SETTING)).map(([place]) => place);
    expect(said).toEqual([]);
    const found = seen.filter(([, text]) => secrets.some((secret) => text.includes(secret))).map(([place]) => place);
    expect(found).toEqual([]);
  });
});

/** Runs a command and reads the argument lists of all processes while it runs. */
async function observed(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>, seen: Seen[]): Promise<CliResult> {
  const cli = startCli(args, { cwd, env });
  const timer = setInterval(() => void readFile(`/proc/${cli.pid}/cmdline`, 'utf8').then((text) => seen.push(['argv', text]), ignore), 20);
  try {
    return await cli.done;
  } finally {
    clearInterval(timer);
  }
}

/** What the server says that its sessions are doing, again and again. */
function watchActivity(url: string, seen: Seen[]): AsyncDisposable {
  const stop = new AbortController();
  const done = (async () => {
    while (!stop.signal.aborted) {
      const rows = await query(url, 'SELECT query, application_name FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
      seen.push(['pg_stat_activity', JSON.stringify(rows)]);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await done;
    },
  };
}

async function storedPasswords(folder: string): Promise<readonly string[]> {
  const text = await readFile(join(folder, '.cotenant/secrets.json'), 'utf8');
  return [...text.matchAll(/"value":\s*"([^"]+)"/g)].map((match) => match[1] ?? '');
}

/** A login that fails is logged too. */
async function wrongPassword(url: string, secrets: readonly string[]): Promise<void> {
  await query(at(url, { user: 'shop_user', password: secrets[0] ?? '', database: 'shop' }), 'SELECT 1').catch(ignore);
}

/** Every file that a run has left, the store and the inputs apart. The store must be its owner's alone. */
async function files(folder: string): Promise<readonly Seen[]> {
  const out: Seen[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || entry.name === 'admin.pw' || entry.name === 'wrong.yaml') continue;
    if (entry.name === 'secrets.json') expect((await stat(path)).mode & 0o077, 'mode of the secret store').toBe(0);
    else out.push([path, await readFile(path, 'latin1')]);
  }
  return out;
}

/** Files of the last minutes in the system's temporary folder, at its top. */
async function leftInTemp(): Promise<readonly Seen[]> {
  const out: Seen[] = [];
  for (const entry of await readdir(tmpdir(), { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const text = await stat(path).then(
      async ({ mtimeMs, size }) => (Date.now() - mtimeMs < 600_000 && size < 1_048_576 ? await readFile(path, 'latin1') : ''),
      () => '',
    );
    out.push([path, text]);
  }
  return out;
}

function ignore(): void {}
