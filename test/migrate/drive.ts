import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { migrationStatus } from '../../src/app/migrate/status.ts';
import type { Place, Target } from '../../src/migrate/tool.ts';
import { toolOf } from '../../src/migrate/tools/index.ts';
import type { MigrationRow } from '../../src/model/index.ts';
import { execFile } from '../support/children.ts';
import { cache } from '../support/places.ts';
import { wipe, workplace, type Workplace } from '../engines/postgres/lifecycle/harness.ts';
import type { PostgresServer } from '../engines/postgres/runtime.ts';
import { manifestFor } from '../support/workplace.ts';
import type { Kit, KitRevision } from './kits.ts';
import { toolAt } from './tools.ts';

/** The kits whose tools are installed. */
export function usable(kits: readonly Kit[]): readonly Kit[] {
  return kits.filter(({ tool }) => tool === 'command' || toolAt(tool) !== null);
}

/** A line of the manifest for each, all of them in one database. */
function appsFor(kits: readonly Kit[]): string {
  const lines = kits.map(
    ({ tool, app, directory, placement, more, env }) =>
      `  ${app}: { uses: { main: { isolation: schema, database: shared, connections: 5${placement === undefined ? '' : `, ${placement}`} } }, migrations: { tool: ${tool}, directory: ${join(app, directory ?? '')}${more === undefined ? '' : `, ${more}`}${env === undefined ? '' : `, env: ${JSON.stringify(env)}`} } }`,
  );
  return `apps:\n${lines.join('\n')}\n`;
}

/** Lays the project, and what its tool needs to be found. */
async function lay(place: Workplace, { app, files }: Kit): Promise<void> {
  await mkdir(join(place.folder, app), { recursive: true });
  for (const [name, target] of [
    ['node_modules', 'clients/node/node_modules'],
    ['.venv', 'clients/python'],
  ] as const)
    await symlink(join(cache, target), join(place.folder, name)).catch(() => undefined);
  await put(place, app, files);
}

export async function put(place: Workplace, app: string, files: KitRevision['files']): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(place.folder, app, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

export async function rowOf(place: Workplace, app: string): Promise<MigrationRow> {
  const { rows, diagnostics } = await migrationStatus(await place.open(), [app]);
  const [row] = rows;
  if (!row || diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
  return row;
}

/** How the tool is started by hand, as its adapter says. */
export async function startOf(
  place: Workplace,
  { tool, app, directory = '', env: own = {} }: Kit,
  target: Target = { to: 'head' },
): Promise<Started> {
  const at: Place = { app, directory: join(place.folder, app, directory), ledger: {} };
  const variables = await place.reveal(app);
  const url = (variables['DATABASE_URL'] ?? '').replace(/:[^:@/]*@/, '@');
  const {
    args,
    cwd,
    env = {},
    times = 1,
  } = await toolOf(tool).start(
    at,
    target,
    { dialect: 'postgres', url, schema: variables['POSTGRES_SCHEMA'] ?? null, variables, dsn: null },
    await rowOf(place, app),
  );
  const programs: Readonly<Record<string, string>> = { command: process.execPath, django: join(cache, 'clients/python/bin/python3') };
  return {
    program: programs[tool] ?? toolAt(tool) ?? '',
    args: tool === 'command' ? ['../migrate.mjs', ...args] : args,
    options: { cwd, env: { PATH: process.env['PATH'] ?? '', HOME: place.folder, ...variables, ...own, ...env } },
    times,
  };
}

interface Started {
  readonly program: string;
  readonly args: readonly string[];
  readonly options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> };
  readonly times: number;
}

/** Runs the tool by hand. Gives what it said; throws where it failed. */
export async function byHand(place: Workplace, kit: Kit, target?: Target): Promise<string> {
  const { program, args, options, times } = await startOf(place, kit, target);
  const said: string[] = [];
  for (let count = 0; count < times; count += 1) {
    const { stdout, stderr } = await execFile(program, args, options);
    said.push(stdout, stderr);
  }
  return said.join('');
}

/** A workplace with the projects of these tools, applied. */
export async function world(server: PostgresServer, some: readonly Kit[]): Promise<Workplace> {
  await wipe(server.url);
  const url = 'postgres://postgres@${PGHOST}:${PGPORT}/postgres?sslmode=disable';
  const tools = ['clients/go/bin', 'clients/java', 'clients/node/node_modules/.bin'].map((one) => join(cache, one));
  const path = [...tools, dirname(process.execPath), '/usr/bin', '/bin'].join(':');
  const place = await workplace(server, manifestFor('postgres', url, appsFor(some)), { PATH: path, HOME: '/tmp' });
  for (const kit of some) await lay(place, kit);
  const { ending, diagnostics } = await place.apply();
  if (ending !== 'done') throw new Error(JSON.stringify(diagnostics));
  return place;
}
