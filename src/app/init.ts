import { access, writeFile } from 'node:fs/promises';
import { basename, dirname, relative, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { Initial } from '../engine/index.ts';
import { engineIds, loadEngine } from '../engines/index.ts';
import { fail } from '../model/index.ts';
import { errorCode, replaceFile } from '../util/system.ts';

export interface InitOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Overwrites a manifest that is there. */
  readonly force: boolean;
  /** Default: `cotenant.yaml` in `cwd`. */
  readonly file?: string;
}

export interface InitOutcome {
  /** Relative to `cwd`. */
  readonly file: string;
  readonly apps: readonly string[];
  /** It has instances whose servers cotenant is to start. */
  readonly local: boolean;
}

const header = `# Which apps share which databases. Check it with \`cotenant plan\`, put it into effect with \`cotenant apply\`.
# Refer to secrets by name ({ env: NAME } or { file: path }); never write them here.
`;

/** Writes a first manifest from what the environment says. Throws a DiagnosticError where one is there already. */
export async function initManifest(options: InitOptions): Promise<InitOutcome> {
  const target = resolve(options.cwd, options.file ?? 'cotenant.yaml');
  const name = relative(options.cwd, target);
  if (!options.force && (await exists(target))) throw there(name);
  const project = projectName(basename(dirname(target)));
  const initials = await initialOf(options.env);
  const { instances, apps } = combine(initials, project);
  const text = header + stringify({ cotenant: 1, project, instances, apps }, { lineWidth: 120 });
  await write(target, name, text, options.force);
  const local = initials.some(([, { instance }]) => !Object.hasOwn(instance, 'url'));
  return { file: name, apps: Object.keys(apps), local };
}

const bare: Initial = { found: false, name: 'main', instance: {}, apps: {} };

type Named = readonly [engine: string, initial: Initial];

async function initialOf(env: InitOptions['env']): Promise<readonly Named[]> {
  const all: Named[] = [];
  for (const id of engineIds) {
    const engine = await loadEngine(id);
    if (engine !== null) all.push([id, engine.initial?.(env) ?? bare]);
  }
  const found = all.filter(([, initial]) => initial.found);
  return found.length > 0 ? found : all.slice(0, 1);
}

interface Combined {
  readonly instances: Readonly<Record<string, unknown>>;
  readonly apps: Readonly<Record<string, { readonly uses: Readonly<Record<string, unknown>> }>>;
}

function combine(initials: readonly Named[], project: string): Combined {
  const instances = new Map<string, unknown>();
  const uses = new Map<string, Record<string, unknown>>();
  for (const [engine, initial] of initials) {
    const name = instances.has(initial.name) ? engine : initial.name;
    instances.set(name, { engine, ...initial.instance });
    for (const [app, placement] of Object.entries(initial.apps)) uses.set(app, { ...uses.get(app), [name]: placement });
  }
  if (uses.size === 0) uses.set(project, Object.fromEntries([...instances.keys()].map((name) => [name, {}])));
  return {
    instances: Object.fromEntries(instances),
    apps: Object.fromEntries([...uses].map(([app, placements]) => [app, { uses: placements }])),
  };
}

/** The folder's name in the letters that a project's name may have. */
export function projectName(folder: string): string {
  const plain = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 40);
  return plain === '' ? 'project' : plain;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function write(target: string, name: string, text: string, force: boolean): Promise<void> {
  try {
    await (force ? replaceFile(target, text, 0o644) : writeFile(target, text, { flag: 'wx', mode: 0o644 }));
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw there(name);
    throw fail('CT9002', `The file ${name} could not be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function there(name: string): Error {
  return fail('CT4008', `${name} already exists and was not changed.`, {
    hint: 'Overwrite it with --force, or choose another file with --file',
  });
}
