import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { fail } from '../model/index.ts';
import { jsonOrNull } from '../util/json.ts';
import { runProgram } from '../util/program.ts';
import type { Progress } from '../util/progress.ts';
import { findRestic } from './restic.ts';

/** Where backups are kept, and what opens it. */
export interface RepositoryAccess {
  /** As restic writes it. */
  readonly at: string;
  readonly password: string;
  /** All that restic finds in its environment besides. */
  readonly env: Readonly<Record<string, string>>;
  /** Folders with programs. */
  readonly programs: readonly string[];
}

export interface Snapshot {
  readonly id: string;
  /** ISO time. */
  readonly time: string;
  readonly project: string;
  readonly app: string;
  readonly run: string;
  /** ISO time of the last drill that brought all of it back; null: none has. */
  readonly proved: string | null;
  /** Seconds that this drill took; null: not known. */
  readonly took: number | null;
  /** What of it is one moment: `independent`, `ordered`; null: not known. */
  readonly grade: string | null;
  /** Bytes of its files; null: not known. */
  readonly bytes: number | null;
  /** Bytes that the repository has grown by; null: not known. */
  readonly added: number | null;
}

const listed = z.array(
  z.object({
    id: z.string(),
    time: z.string(),
    tags: z.array(z.string()).default([]),
    summary: z.object({ total_bytes_processed: z.number(), data_added_packed: z.number().optional(), data_added: z.number() }).optional(),
  }),
);

const forgotten = z.array(z.object({ remove: z.array(z.object({ id: z.string() })).nullish() }));

/** Milliseconds in which restic has to say something. It tries again for a quarter of an hour by itself, with errors too that cannot heal. */
const SILENCE = 60_000;
/** The same while it reads or writes data, where it reports each second. */
const SILENCE_AT_WORK = 300_000;
/** How long somebody else's lock is waited for: less than that. */
const LOCK_WAIT = '4m';

/** A repository of restic's, which does storage, encryption, deduplication and integrity. */
export class Repository {
  readonly #access: RepositoryAccess;
  readonly #program: string;
  /** restic's version. */
  readonly version: string;

  private constructor(access: RepositoryAccess, { program, version }: { readonly program: string; readonly version: string }) {
    this.#access = access;
    this.#program = program;
    this.version = version;
  }

  /** Throws CT4311 where there is no restic, or one that is too old. */
  static async open(access: RepositoryAccess): Promise<Repository> {
    return new Repository(access, await findRestic(access.programs));
  }

  /** Makes it where there is none yet. Throws CT4312. */
  async init(signal: AbortSignal): Promise<void> {
    const end = await this.#run(['cat', 'config', '--no-lock'], signal, { silence: SILENCE });
    if (end.code === 0) return;
    signal.throwIfAborted();
    if (end.code !== NO_REPOSITORY) throw troubleOf(end, this.#access.at);
    await this.#done(['init'], signal);
  }

  /** Keeps a folder as one snapshot. Gives its id. */
  async keep(
    folder: string,
    { project, app, run, grade }: Pick<Snapshot, 'project' | 'app' | 'run'> & { readonly grade?: string },
    signal: AbortSignal,
    progress: (done: number, total: number | null) => void,
  ): Promise<Pick<Snapshot, 'id' | 'bytes' | 'added'>> {
    const said = ['cotenant', `project=${project}`, `app=${app}`, `run=${run}`, ...(grade === undefined ? [] : [`grade=${grade}`])];
    const tags = said.flatMap((tag) => ['--tag', tag]);
    let summary: z.infer<typeof kept> | null = null;
    const line = (text: string): void => {
      const said = message.safeParse(jsonOrNull(text));
      if (said.success && said.data.message_type === 'status') progress(said.data.bytes_done, said.data.total_bytes);
      else if (said.success && said.data.message_type === 'summary') summary = said.data;
    };
    await this.#done(['backup', '--json', '--host', 'cotenant', ...tags, '.'], signal, { cwd: folder, line, silence: SILENCE_AT_WORK });
    const end = kept.parse(summary);
    return { id: end.snapshot_id, bytes: end.total_bytes_processed, added: end.data_added_packed ?? end.data_added };
  }

  /** Of a project, and one app, the newest first. */
  async list({ project, app }: { readonly project: string; readonly app?: string }, signal: AbortSignal): Promise<readonly Snapshot[]> {
    const tag = ['cotenant', `project=${project}`, ...(app === undefined ? [] : [`app=${app}`])].join(',');
    return newestFirst(await this.#done(['snapshots', '--json', '--tag', tag], signal));
  }

  /** The same without a lock, for whoever only looks; null: there is no repository. */
  async peek(project: string, signal: AbortSignal): Promise<readonly Snapshot[] | null> {
    const args = ['snapshots', '--json', '--no-lock', '--tag', `cotenant,project=${project}`];
    const end = await this.#run(args, signal, {});
    if (end.code === NO_REPOSITORY) return null;
    signal.throwIfAborted();
    if (end.code !== 0) throw troubleOf(end, this.#access.at);
    return newestFirst(end.output);
  }

  /** Writes what a snapshot holds into a folder. */
  async restore({ id }: Pick<Snapshot, 'id'>, folder: string, signal: AbortSignal): Promise<void> {
    await this.#done(['restore', id, '--target', folder, '--verify'], signal, { silence: SILENCE_AT_WORK });
  }

  async file({ id }: Pick<Snapshot, 'id'>, name: string, signal: AbortSignal): Promise<string> {
    return await this.#done(['dump', id, `/${name}`], signal);
  }

  /** Writes down that a drill has brought it back. */
  async prove(
    { id, proved, took }: Pick<Snapshot, 'id' | 'proved' | 'took'>,
    { at, seconds }: { readonly at: string; readonly seconds: number },
    signal: AbortSignal,
  ): Promise<void> {
    const old = [...(proved === null ? [] : [`proved=${proved}`]), ...(took === null || took === seconds ? [] : [`took=${took}`])];
    const args = ['tag', '--add', `proved=${at}`, '--add', `took=${seconds}`, ...old.flatMap((tag) => ['--remove', tag]), id];
    await this.#done(args, signal);
  }

  /** Ids that a rule of restic's own does not keep, among those of one app. Changes nothing. */
  async unkept(
    { project, app }: Pick<Snapshot, 'project' | 'app'>,
    keep: Readonly<Record<string, number>>,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const rule = Object.entries(keep).map(([age, n]) => `--keep-${age}=${n}`);
    const tag = ['cotenant', `project=${project}`, `app=${app}`].join(',');
    // Every backup has tags of its own: grouped by them each would be the newest of its group.
    const args = ['forget', '--dry-run', '--json', '--group-by', '', '--tag', tag, ...rule];
    const groups = forgotten.parse(jsonOrNull(await this.#done(args, signal)));
    return groups.flatMap(({ remove }) => (remove ?? []).map(({ id }) => id));
  }

  /** Removes snapshots, and the data that nothing else needs. Nothing goes where it is not told: no id, no word to restic. */
  async forget(ids: readonly string[], signal: AbortSignal, progress?: Progress): Promise<void> {
    if (ids.length === 0) return;
    await this.#done(['forget', ...ids], signal, { line: told(progress) });
    await this.#done(['prune'], signal, { silence: SILENCE_AT_WORK, line: told(progress) });
  }

  /** Throws CT4312 where its structure is broken, or, with `share` such as `5%`, what it holds. */
  async check(share: string | null, signal: AbortSignal, progress?: Progress): Promise<void> {
    const args = ['check', ...(share === null ? [] : [`--read-data-subset=${share}`])];
    await this.#done(args, signal, { silence: SILENCE_AT_WORK, line: told(progress) });
  }

  async #done(args: readonly string[], signal: AbortSignal, how: How = {}): Promise<string> {
    let end = await this.#run(args, signal, how);
    if (end.code === LOCKED) {
      // On a folder's locks restic knows for sure whose process is gone: it removes only those. Whoever is at work is waited for.
      if (isAbsolute(this.#access.at)) await this.#run(['unlock'], signal, {});
      end = await this.#run([...args, '--retry-lock', LOCK_WAIT], signal, { ...how, silence: SILENCE_AT_WORK });
    }
    if (end.code === 0) return end.output;
    signal.throwIfAborted();
    throw troubleOf(end, this.#access.at);
  }

  async #run(args: readonly string[], signal: AbortSignal, { cwd = '/', line, silence = SILENCE }: How): ReturnType<typeof runProgram> {
    const { at, password, env } = this.#access;
    return await runProgram({
      program: this.#program,
      args: [...args, '--password-file', '/dev/fd/3'],
      cwd,
      env: { ...env, RESTIC_REPOSITORY: at, RESTIC_PROGRESS_FPS: '1' },
      secret: password,
      signal,
      silence,
      ...(line === undefined ? {} : { line }),
    });
  }
}

interface How {
  readonly cwd?: string;
  readonly silence?: number;
  readonly line?: (text: string) => void;
}

/** Hands on what restic says for people: `[0:01] 40.00%  2 / 5 packs processed`. */
function told(progress: Progress | undefined): (line: string) => void {
  return (line) => {
    const [, done, all, of = ''] = /^\[[\d:]+\] .*?(\d+) \/ (\d+) (\S.*)$/u.exec(line.trim()) ?? [];
    if (done !== undefined) progress?.(Number(done), Number(all), of);
  };
}

const kept = z.object({
  snapshot_id: z.string(),
  total_bytes_processed: z.number(),
  data_added_packed: z.number().optional(),
  data_added: z.number(),
});
const message = z.discriminatedUnion('message_type', [
  z.object({ message_type: z.literal('status'), bytes_done: z.number().default(0), total_bytes: z.number().nullable().default(null) }),
  kept.extend({ message_type: z.literal('summary') }),
]);

function newestFirst(output: string): readonly Snapshot[] {
  const found = listed.parse(jsonOrNull(output));
  return found.map(snapshotOf).sort((a, b) => (a.run < b.run ? 1 : a.run > b.run ? -1 : 0));
}

function snapshotOf({ id, time, tags, summary }: z.infer<typeof listed>[number]): Snapshot {
  const said = (name: string): string | null => tags.findLast((tag) => tag.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
  return {
    id,
    time,
    project: said('project') ?? '',
    app: said('app') ?? '',
    run: said('run') ?? id,
    proved: said('proved'),
    took: said('took') === null ? null : Number(said('took')),
    grade: said('grade'),
    bytes: summary?.total_bytes_processed ?? null,
    added: summary?.data_added_packed ?? summary?.data_added ?? null,
  };
}

/** restic's exit codes, since 0.17. */
const PARTLY = 3;
const NO_REPOSITORY = 10;
const LOCKED = 11;
const WRONG_PASSWORD = 12;

const WHY: ReadonlyMap<number | null, readonly [string, string]> = new Map([
  [PARTLY, ['some of the data could not be read, so nothing counts as kept', 'look at what it says, and run it again']],
  [NO_REPOSITORY, ['there is no repository', 'cotenant backup makes it; correct `repository` of `backup` where it is elsewhere']],
  [LOCKED, ['somebody else has it locked', 'wait for them; where their process is gone, `restic unlock` removes what it left']],
  [WRONG_PASSWORD, ['the password is not its own', 'correct `password` of `backup`, or RESTIC_PASSWORD']],
]);

function troubleOf(
  {
    code,
    errors,
    output,
    silent,
  }: { readonly code: number | null; readonly errors: string; readonly output: string; readonly silent: boolean },
  at: string,
): Error {
  const lines = `${errors}\n${output}`
    .split('\n')
    .flatMap((line) => said(line).split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const first = lines.find((line) => /fatal|error|unable|fail|denied|refused/iu.test(line)) ?? lines[0] ?? 'it said nothing';
  const [why, hint] = (silent ? null : WHY.get(code)) ?? [
    silent ? 'restic was given up, as it did not get on' : 'restic failed',
    'correct the cause and run it again',
  ];
  return fail('CT4312', `the repository ${shown(at)}: ${why}: ${first}`, { hint });
}

/** Its messages are JSON where that was asked for. */
function said(line: string): string {
  const json = z
    .object({ message_type: z.string(), message: z.string().optional(), error: z.object({ message: z.string() }).optional() })
    .safeParse(jsonOrNull(line));
  if (!json.success) return line.trim();
  return json.data.message ?? json.data.error?.message ?? '';
}

/** Without a password in its address. */
function shown(at: string): string {
  return at.replace(/(:\/\/[^/@:]*):[^/@]*@/u, '$1:***@');
}
