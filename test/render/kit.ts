import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openProject } from '../../src/app/project.ts';
import { render, type RenderOutcome, type RenderRequest } from '../../src/app/render/render.ts';
import { execFile } from '../support/children.ts';
import { cache } from '../support/places.ts';
import { ended } from '../support/rendered.ts';
import { tempDir } from '../support/temp-dir.ts';

export interface RenderPlace extends AsyncDisposable {
  readonly folder: string;
  /** Where the files go. */
  readonly out: string;
  write(manifest: string): Promise<void>;
  render(request?: Partial<RenderRequest>): Promise<RenderOutcome>;
  /** States of all files that are not `same`, by path. */
  states(request?: Partial<RenderRequest>): Promise<Readonly<Record<string, string>>>;
  read(path: string): Promise<string>;
  /** Every file, by path. */
  all(): Promise<ReadonlyMap<string, string>>;
}

/** A folder with a manifest, out of which files are rendered. */
export async function renderPlace(manifest: string, env: Readonly<Record<string, string>> = {}): Promise<RenderPlace> {
  const dir = await tempDir();
  const folder = join(dir.path, 'project');
  await mkdir(folder);
  const out = join(folder, 'deploy');
  const write = async (text: string): Promise<void> => await writeFile(join(folder, 'cotenant.yaml'), text);
  await write(manifest);
  const run = async (request: Partial<RenderRequest> = {}): Promise<RenderOutcome> => {
    const project = await openProject({ cwd: folder, env: { XDG_CACHE_HOME: cache, ...env } });
    const usual = { out, strategy: 'hybrid', size: 'minimum', targets: [], external: [], publish: new Map<string, number>() } as const;
    return await render(project, { ...usual, check: false, version: '0.0.1', ...request });
  };
  return {
    folder,
    out,
    write,
    render: run,
    states: async (request) =>
      Object.fromEntries((await run(request)).files.flatMap(({ path, state }) => (state === 'same' ? [] : [[path, state]]))),
    read: async (path) => await readFile(join(out, path), 'utf8'),
    all: async () => new Map(await filesIn(out)),
    [Symbol.asyncDispose]: async () => await dir[Symbol.asyncDispose](),
  };
}

async function filesIn(folder: string): Promise<readonly (readonly [string, string])[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return await Promise.all(files.sort().map(async (file) => [file.slice(folder.length + 1), await readFile(file, 'utf8')] as const));
}

/** Runs a program to its end. */
export async function runTool(program: string, args: readonly string[], cwd: string): ReturnType<typeof ended> {
  return await ended(execFile(program, args, { cwd, env: { PATH: '/usr/bin:/bin', HOME: cwd }, timeout: 60_000 }));
}

/** One server of each engine, and apps that use some of them. */
export const everyEngine = `cotenant: 1
project: Every_One
instances:
  main: { engine: postgres, connections: { reserve: 5 } }
  scheduler: { engine: mysql }
  cache: { engine: redis }
  graph: { engine: neo4j }
apps:
  digi_core: { uses: { main: { extensions: [vector] }, cache: {}, graph: {} } }
  shop: { after: [digi_core], uses: { main: { isolation: schema, database: shared }, scheduler: {} } }
  plain: { uses: {} }
`;
