// Shows the main job on a PostgreSQL of its own: plan, apply, plan again, status, one app's environment, that app at work, and the proof.
// Everything lies in temporary folders that go at the end, on Ctrl-C too.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, DatabaseError } from 'pg';
import color from 'picocolors';
import { z } from 'zod';
import { startPostgres } from '../src/engines/postgres/runtime.ts';
import { embeddedInstallations, type Installation, localInstallations } from '../src/engines/postgres/runtime-find.ts';
import { DiagnosticError } from '../src/model/index.ts';
import { localMachine, privateTempFolder } from '../src/runtime/index.ts';

const checkout = fileURLToPath(new URL('..', import.meta.url));
const app = 'lernmi';
/** Another app; its database has its name. */
const neighbour = 'digi_core';

interface Place {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

async function demo(): Promise<void> {
  await using folder = await privateTempFolder('cotenant-demo-');
  await cp(join(checkout, 'examples/digi/cotenant.yaml'), join(folder.path, 'cotenant.yaml'));
  const installation = newest();
  // Nothing here has to outlive a power cut.
  await using server = await startPostgres(localMachine(), { installation, auth: 'scram', settings: { fsync: false } });
  heading(`PostgreSQL ${server.version} runs on port ${server.port}; the manifest is examples/digi/cotenant.yaml`);
  const env = {
    ...process.env,
    POSTGRES_HOST: server.host,
    POSTGRES_PORT: String(server.port),
    POSTGRES_PASSWORD: server.password,
  };
  const place = { cwd: folder.path, env };
  heading('What is missing on this server?');
  await cotenant(place, 'plan');
  heading('Make it so.');
  await cotenant(place, 'apply', '--yes');
  heading('Once more: nothing is left to do.');
  await cotenant(place, 'plan', '--detailed-exitcode');
  await cotenant(place, 'status');
  heading(`What ${app} gets. Its secrets are shown only with --reveal.`);
  await cotenant(place, 'env', app);
  heading(`${app} at work, with its own credentials`);
  await work(await urlOf(place, app));
  heading('Do the walls hold? Every app attacks the others, with its own credentials.');
  await cotenant(place, 'verify');
}

function newest(): Installation {
  const found = [...localInstallations(), ...embeddedInstallations()].toSorted((a, b) => a.major - b.major).at(-1);
  if (!found) throw new Error(`no PostgreSQL for ${process.platform}-${process.arch} was installed by npm, and the system has none`);
  return found;
}

/** Runs the CLI as a person would, and shows the command. Throws where it fails. */
async function cotenant(place: Place, ...args: readonly string[]): Promise<void> {
  console.log(color.bold(color.cyan(`\n$ cotenant ${args.join(' ')}`)));
  await run(place, args, 'inherit');
}

const cli = [join(checkout, 'dist/cli/main.js'), join(checkout, 'src/cli/main.ts')].find((file) => existsSync(file)) ?? '';

async function run(place: Place, args: readonly string[], stdout: 'inherit' | 'pipe'): Promise<string> {
  const child = spawn(process.execPath, [cli, ...args], { ...place, stdio: ['ignore', stdout, 'inherit'] });
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
  heading(`Done in ${((performance.now() - begun) / 1000).toFixed(1)} s. The server is stopped and its folders are gone.`);
} catch (error) {
  console.error(`\n${color.red('demo failed:')} ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof DiagnosticError) for (const { hint } of error.diagnostics) if (hint !== undefined) console.error(hint);
  process.exitCode = 1;
}
