import { mkdir, open, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Engine, InstanceInput, Lane, Session, StepIo } from '../../src/engine/index.ts';
import type { Command, Step } from '../../src/model/index.ts';
import { takeFileLock } from '../../src/util/file-lock.ts';

const configSchema = z.strictObject({ path: z.string() });
type Config = z.infer<typeof configSchema>;
const placementSchema = z.strictObject({});

/** A place is a folder, an app a folder in it, its data are files. As small as an engine gets that can do the acts of a move. */
export const folderEngine: Engine<Config, object> = {
  id: 'folder',
  title: 'Folder',
  schemes: ['folder'],
  instanceSchema: configSchema,
  placementSchema,
  defaultsSchema: placementSchema,
  compile: () => ({ resources: [], diagnostics: [], relaxations: [] }),
  diff: () => [],
  steps: () => ({ steps: [], diagnostics: [] }),
  env: () => null,
  connect: async (input) => Promise.resolve(sessionOf(input)),
  operations: {
    count: async () =>
      Promise.resolve({
        args: z.json(),
        locks: 'none',
        plan: (app, _args, { input }) => ({
          steps: [folderStep(input, app, 'count', { facts: {}, commands: [{ op: 'count', text: `count ${app}`, args: [app] }] })],
          diagnostics: [],
        }),
      }),
  },
};

export function folderStep(
  { name: instance }: Pick<InstanceInput, 'name'>,
  app: string,
  part: string,
  more: Pick<Step, 'commands'> & Partial<Step>,
): Step {
  return {
    id: `${instance}/${app}#${part}`,
    address: { engine: 'folder', instance, kind: 'folder', name: app },
    app,
    action: 'run',
    cause: 'intended',
    title: part,
    facts: {},
    fields: [],
    reverse: null,
    risk: 'safe',
    needs: [],
    lane: part,
    unit: null,
    ...more,
  };
}

/** Names of the apps in a place, with the files of each. */
export type Content = Readonly<Record<string, Readonly<Record<string, string>>>>;

export async function contentOf(path: string): Promise<Content> {
  const content: Record<string, Record<string, string>> = {};
  for (const app of (await readdir(path)).filter((name) => !name.startsWith('.'))) {
    const files: Record<string, string> = {};
    for (const file of await readdir(join(path, app))) files[file] = await readFile(join(path, app, file), 'utf8');
    content[app] = files;
  }
  return content;
}

function sessionOf({ config, name, project }: InstanceInput<Config, object>): Session {
  return {
    observe: async () => ({ resources: [], marks: [], foreign: [], server: {}, diagnostics: [], facts: await contentOf(config.path) }),
    lock: async () => {
      const lock = await takeFileLock(join(config.path, '.lock'), 0);
      const release = async (): Promise<void> => {
        await Promise.resolve();
        lock?.release();
      };
      return lock === null ? { ok: false, holder: null } : { ok: true, lock: { [Symbol.asyncDispose]: release } };
    },
    lane: async () => Promise.resolve(laneOf(config.path)),
    usage: async () =>
      Promise.resolve([
        {
          app: project,
          instance: name,
          engine: 'folder',
          isolation: 'folder',
          location: config.path,
          size: null,
          connections: null,
          connectionLimit: null,
          state: 'ready',
        },
      ]),
    [Symbol.asyncDispose]: async () => Promise.resolve(),
  };
}

function laneOf(path: string): Lane {
  return {
    run: async (unit, io) => {
      for (const command of unit.flatMap((step) => step.commands)) await doIt(path, command, io);
      return { ok: true };
    },
    [Symbol.asyncDispose]: async () => Promise.resolve(),
  };
}

const args = z.tuple([z.string()]).rest(z.string());

async function doIt(path: string, command: Command, io: StepIo): Promise<void> {
  const [app, more = ''] = args.parse(command.args);
  const folder = join(path, app);
  if (command.op === 'count') io.progress((await readdir(folder)).length, null, 'items');
  else if (command.op === 'export') await exportApp(folder, more, io);
  else if (command.op === 'import') await importApp(folder, more, io);
  else if (command.op === 'publish') await rename(folder, join(path, more));
  else if (command.op === 'retire') await rename(folder, join(path, more));
  else throw new Error(`no such op: ${command.op ?? ''}`);
}

/** One line for each file, in the order of their names. */
async function exportApp(folder: string, artifact: string, io: StepIo): Promise<void> {
  const writer = io.write(artifact).getWriter();
  const files = (await readdir(folder)).sort();
  for (const [index, file] of files.entries()) {
    io.signal.throwIfAborted();
    const text = await readFile(join(folder, file), 'utf8');
    await writer.write(new TextEncoder().encode(`${JSON.stringify([file, text])}\n`));
    io.progress(index + 1, files.length, 'items');
  }
  await writer.close();
}

const frame = z.tuple([z.string(), z.string()]);

/** Each file is on disk before its number is kept, and a file that is there is not written again. */
async function importApp(folder: string, artifact: string, io: StepIo): Promise<void> {
  await mkdir(folder, { recursive: true });
  const had = z.number().catch(0).parse(io.resume);
  let count = 0;
  for await (const line of linesOf(io.read(artifact))) {
    count += 1;
    if (count <= had) continue;
    const [file, text] = frame.parse(JSON.parse(line));
    await writeFile(join(folder, file), text);
    await using handle = await open(join(folder, file), 'r');
    await handle.sync();
    await io.checkpoint(count);
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
