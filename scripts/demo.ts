// The main job on servers of its own: plan, apply, status, env, verify, on every engine that this machine can start. Leaves nothing behind.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, DatabaseError } from 'pg';
import color from 'picocolors';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { engineIds, loadEngine } from '../src/engines/index.ts';
import { DiagnosticError } from '../src/model/index.ts';
import { localMachine, privateTempFolder } from '../src/runtime/index.ts';
import { onShutdown } from '../src/runtime/shutdown.ts';

const checkout = fileURLToPath(new URL('..', import.meta.url));
const unpacked = join(process.env['COTENANT_CACHE'] ?? join(checkout, '.cache'), 'debian');
const app = 'lernmi';
/** Another app; its database has its name. */
const neighbour = 'digi_core';
/** Apps that use every engine. */
const everywhere = ['digi_core', 'lernmi', 'beep_boop'];
/** What the instance of an engine is called; else as the engine. */
const instanceNames: Readonly<Record<string, string>> = { postgres: 'main', redis: 'cache', mysql: 'scheduler' };
/** Ways to start a server that need no download. */
const ways = ['local', 'unpacked', 'embedded'].flatMap((way) => ['--way', way]);

interface Place {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

async function demo(): Promise<void> {
  await using folder = await privateTempFolder('cotenant-demo-');
  // The servers run as another user where this is root, and have to pass.
  await chmod(folder.path, 0o711);
  const cache = await showCase(join(folder.path, 'cache'));
  const { here, missing } = await engines(cache);
  await writeManifest(join(folder.path, 'cotenant.yaml'), here);
  const place = { cwd: folder.path, env: { ...process.env, COTENANT_CACHE: cache, COTENANT_SERVERS: join(folder.path, 'servers') } };
  await using _end = ending(place, here);
  heading('The manifest is examples/digi/cotenant.yaml without addresses: cotenant starts the servers itself.');
  await cotenant(place, 'up', ...ways);
  for (const { title, why } of missing) console.log(color.dim(`${title}: ${why}`));
  heading('What is missing on these servers?');
  await cotenant(place, 'plan');
  heading('Make it so.');
  await cotenant(place, 'apply', '--yes');
  heading('Once more: nothing is left to do.');
  await cotenant(place, 'plan', '--detailed-exitcode');
  await cotenant(place, 'status');
  heading(`What ${app} gets. A terminal shows its secrets masked without --reveal; into a pipe or file nothing is written then.`);
  await cotenant(place, 'env', app, ...(process.stdout.isTTY ? [] : ['--reveal']));
  heading(`${app} at work, with its own credentials`);
  await work(await urlOf(place, app));
  heading('Do the walls hold? Every app attacks the others, with its own credentials.');
  await cotenant(place, 'verify');
}

interface Engines {
  /** Ids of those that this machine can start, and whose walls can be proved. */
  readonly here: readonly string[];
  readonly missing: readonly { readonly title: string; readonly why: string }[];
}

/** What is left out of the show where the other one of its kind is there too. */
const standIns: readonly (readonly [string, string])[] = [
  ['mysql', 'mariadb'],
  ['valkey', 'redis'],
];

/** A cache with one server of each kind among those that `scripts/debian-root` unpacked. */
async function showCase(cache: string): Promise<string> {
  await mkdir(join(cache, 'debian'), { recursive: true });
  const all = await readdir(unpacked).catch(() => []);
  const has = (kind: string): boolean => all.some((name) => name.startsWith(kind));
  const shown = all.filter((name) => !standIns.some(([kind, other]) => name.startsWith(kind) && has(other)));
  for (const name of shown) await symlink(join(unpacked, name), join(cache, 'debian', name));
  return cache;
}

async function engines(cache: string): Promise<Engines> {
  const here: string[] = [];
  const missing: { title: string; why: string }[] = [];
  for (const id of engineIds) {
    const engine = await loadEngine(id);
    if (!engine?.local || !engine.probes) {
      missing.push({ title: engine?.title ?? id, why: 'not shown: this version cannot start it, or cannot prove its walls yet' });
      continue;
    }
    const runtime = await engine.local.runtime();
    const found = await runtime.find(localMachine(), { config: engine.instanceSchema.parse({}), data: null, cache });
    if (found.some((one) => !('why' in one))) here.push(id);
    else {
      const commands = found.flatMap((one) => ('why' in one && one.get ? [one.get] : []));
      missing.push({ title: engine.title, why: `not on this machine. To see it here: ${commands.join('  or  ')}` });
    }
  }
  if (!here.includes('postgres')) throw new Error('this machine has no PostgreSQL, and npm brought none');
  return { here, missing };
}

async function writeManifest(file: string, here: readonly string[]): Promise<void> {
  const document = parseDocument(await readFile(join(checkout, 'examples/digi/cotenant.yaml'), 'utf8'));
  for (const field of ['url', 'password']) document.deleteIn(['instances', 'main', field]);
  for (const id of here) {
    const name = instanceNames[id] ?? id;
    if (name === 'main') continue;
    document.setIn(['instances', name], document.createNode({ engine: id }));
    for (const one of everywhere) document.setIn(['apps', one, 'uses', name], document.createNode({}));
  }
  await writeFile(file, document.toString());
}

/** Ends the servers and their data at the end of the block, and when the demo is told to stop. */
function ending(place: Place, here: readonly string[]): AsyncDisposable {
  let done: Promise<unknown> | null = null;
  const confirm = here.map((id) => `--confirm=${instanceNames[id] ?? id}`);
  // In a process group of its own: Ctrl-C is for the demo, and this is what it does then.
  const end = async (): Promise<void> => void (await (done ??= run(place, ['down', '--volumes', ...confirm], 'pipe', true)));
  const takeBack = onShutdown(end);
  return {
    [Symbol.asyncDispose]: async () => {
      await end();
      takeBack();
    },
  };
}

/** Runs the CLI as a person would, and shows the command. Throws where it fails. */
async function cotenant(place: Place, ...args: readonly string[]): Promise<void> {
  console.log(color.bold(color.cyan(`\n$ cotenant ${args.join(' ')}`)));
  await run(place, args, 'inherit');
}

/** COTENANT_CLI: where a test keeps it. */
const cli =
  [process.env['COTENANT_CLI'] ?? '', join(checkout, 'dist/cli/main.js'), join(checkout, 'src/cli/main.ts')].find((file) =>
    existsSync(file),
  ) ?? '';

async function run(place: Place, args: readonly string[], stdout: 'inherit' | 'pipe', detached = false): Promise<string> {
  const child = spawn(process.execPath, [cli, ...args], { ...place, detached, stdio: ['ignore', stdout, 'inherit'] });
  const parts: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => parts.push(text));
  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  if (code === 130 || signal === 'SIGINT') throw new Error('interrupted');
  if (code !== 0) throw new Error(`cotenant ${args[0]} ended with ${signal ?? `code ${code}`}`);
  return parts.join('');
}

const environment = z.record(z.string(), z.string());

async function urlOf(place: Place, name: string): Promise<string> {
  const variables = environment.parse(JSON.parse(await run(place, ['env', name, '--format', 'json', '--reveal'], 'pipe')));
  const url = variables['DATABASE_URL'];
  if (url === undefined) throw new Error(`the environment of ${name} has no DATABASE_URL`);
  return url;
}

/** The app makes a table, writes a row and reads it; then it tries the neighbour's database and must fail. */
async function work(own: string): Promise<void> {
  await session(own, async (client) => {
    await show(client, 'CREATE TABLE notes (id serial PRIMARY KEY, note text NOT NULL)');
    await show(client, `INSERT INTO notes (note) VALUES ('hello')`);
    await show(client, 'SELECT session_user, current_user, note FROM notes');
  });
  const wall = new URL(own);
  wall.pathname = `/${neighbour}`;
  console.log(color.bold(color.cyan(`\n${wall.username} -> database ${wall.pathname.slice(1)}`)));
  try {
    await session(wall.href, async () => undefined);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== '42501') throw error;
    console.log(color.green(`refused: ${error.message}`));
    return;
  }
  throw new Error(`${app} came into the database of ${neighbour}: the wall is open`);
}

async function session(url: string, body: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  // Ctrl-C stops the server under it: what is being asked then fails, and that is enough.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await body(client);
  } finally {
    await client.end();
  }
}

async function show(client: Client, sql: string): Promise<void> {
  console.log(color.bold(color.cyan(`\n${app}=> ${sql};`)));
  const { rows, command } = await client.query<Record<string, unknown>>(sql);
  if (rows.length === 0) console.log(command);
  for (const row of rows)
    console.log(
      Object.entries(row)
        .map(([name, value]) => `${name}: ${String(value)}`)
        .join('   '),
    );
}

function heading(text: string): void {
  console.log(`\n${color.dim('#')} ${color.bold(text)}`);
}

const begun = performance.now();
try {
  await demo();
  heading(`Done in ${((performance.now() - begun) / 1000).toFixed(1)} s. The servers are stopped and their data is gone.`);
} catch (error) {
  console.error(`\n${color.red('demo failed:')} ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof DiagnosticError) for (const { hint } of error.diagnostics) if (hint !== undefined) console.error(hint);
  process.exitCode = 1;
}
