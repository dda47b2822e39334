import { dirname, join } from 'node:path';
import type { ClientStart, ClientTarget } from '../engine/index.ts';
import type { InstanceDecl } from '../manifest/types.ts';
import { fail } from '../model/index.ts';
import { publicFile } from '../secrets/input.ts';
import { appExists, instanceNamed, nearOf } from './apps.ts';
import { isOn } from './env-names.ts';
import { hasAddress } from './own.ts';
import { contextOf, DEADLINE } from './sessions.ts';
import type { Project } from './types.ts';

export interface ClientChoice {
  /** An app or a reader. */
  readonly app: string;
  /** The instance, where it is on several. */
  readonly on?: string;
  /** A login of the app, a reader of it, or `admin`; left out: the app's usual login. */
  readonly as?: string;
}

/** The server's own client, and how it is started. */
export interface Client extends ClientStart {
  readonly instance: string;
  /** Where the programs of a local server lie, which are in PATH or not. */
  readonly folders: readonly string[];
}

/** How to open the server's own client as a login of an app. Throws CT2016, CT2049, CT2051, CT2055, CT5007 and what keeps the operator out. */
export async function clientOf(project: Project, choice: ClientChoice): Promise<Client> {
  const { app, as } = choice;
  appExists(project, app);
  const instance = instanceOf(project, choice);
  const own = project.own.get(instance.name);
  if (own) hasAddress(instance, own);
  const ability = await instance.engine.client?.();
  if (!ability) throw new Error(`${instance.engine.id} has no client`);
  const logins = instance.engine.logins?.(instance.input, app) ?? [];
  const start =
    as === 'admin' && !logins.includes(as)
      ? await ability.startAdmin(instance.input, app, await contextOf(project, instance, DEADLINE))
      : ability.start(instance.input, targetOf(project, instance, choice, logins), {
          secret: (ref) => project.secrets.peek(ref),
          derived: (ref) => project.secrets.derived(ref),
          file: (input) => publicFile(input, { env: project.env, baseDir: dirname(project.manifest.file) }),
        });
  if (start === null) throw new Error(`${app} is on ${instance.name}`);
  return { ...start, instance: instance.name, folders: foldersOf(own?.state?.run) };
}

function instanceOf(project: Project, { app, on }: ClientChoice): InstanceDecl {
  const all = project.manifest.instances.filter(({ input, engine }) => engine.client && isOn(input, app));
  const names = all.map(({ name }) => name);
  if (on !== undefined) {
    const named = instanceNamed(project, on);
    if (all.includes(named)) return named;
    throw fail('CT2051', `"${app}" is not on "${on}"`, { hint: nearOf(on, names, 'instances') });
  }
  const [first, second] = all;
  if (first && !second) return first;
  throw fail('CT2055', `"${app}" is on ${all.length} instances: ${names.join(', ')}`, { hint: `name one of them: --on ${names[0]}` });
}

function targetOf(
  { manifest }: Project,
  { name, input }: InstanceDecl,
  { app, as }: ClientChoice,
  logins: readonly string[],
): ClientTarget {
  if (as === undefined) return { who: app };
  if (logins.includes(as)) return { who: app, login: as };
  const readers = manifest.readers.filter((reader) => reader.reads.includes(app) && isOn(input, reader.name)).map((one) => one.name);
  const reader = as === 'reader' && readers.length === 1 ? readers[0] : readers.find((one) => one === as);
  if (reader !== undefined) return { who: reader, where: app };
  const known = [...logins, ...readers, 'admin'];
  throw fail('CT2049', `"${app}" has no login "${as}" on "${name}"`, { hint: nearOf(as, known, 'logins') });
}

type Run = NonNullable<NonNullable<ReturnType<Project['own']['get']>>['state']>['run'];

/** A server that runs from a folder of its own often has its client there too. */
function foldersOf(run: Run | undefined): readonly string[] {
  if (run === undefined || run.way === 'container') return [];
  const folder = dirname(run.launch.command);
  return [folder, join(folder, '../bin')];
}
