import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BackupContext } from '../../../engine/index.ts';
import { fail } from '../../../model/index.ts';
import { runProgram } from '../../../util/program.ts';
import { optionsFile, ownOptions } from '../env/terminal.ts';
import type { Login } from './login.ts';
import { Moved } from './moved.ts';
import { DUMP, type Place } from './place.ts';

/** Milliseconds without a byte more in the dump after which it waits for somebody. */
const SILENCE = 60_000;
const POLL = 500;

export interface Dumping {
  readonly program: string;
  readonly login: Login;
  readonly place: Place;
  readonly context: BackupContext;
  readonly instance: string;
  /** The login may see events. */
  readonly events: boolean;
}

/** Runs the server's dump client to its end. Throws CT4317 with what it says, also where it ended well beside an error, and `Moved`. */
export async function runDump({ program, login, place, context, instance, events }: Dumping): Promise<void> {
  const file = join(context.folder, DUMP);
  const stalled = new AbortController();
  const signal = AbortSignal.any([context.signal, stalled.signal]);
  const { host, port, user, password } = login.target;
  const watch = stopWhereItWaits(file, stalled, signal);
  const { code, errors } = await runProgram({
    program,
    args: argsFor(login, place, file, events),
    cwd: context.folder,
    // Neither a file of this user's nor one of the machine says where and as whom.
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', MYSQL_TEST_LOGIN_FILE: '/dev/null/none' },
    secret: optionsFile({ host, port: String(port), user, password }, login.tls),
    signal,
  }).finally(() => watch.stop());
  context.signal.throwIfAborted();
  if (stalled.signal.aborted) throw new Moved(`the dump has waited for ${SILENCE / 1000} s: somebody holds a table`);
  const said = errors
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const wrong = said.filter((line) => !/^(?:[\w./-]+: )?\[?warning\]?\b/iu.test(line));
  if (code === 0 && wrong.length === 0) return;
  const name = program.split('/').at(-1) ?? program;
  throw fail('CT4317', `${name} failed: ${wrong[0] ?? said[0] ?? `it ended with ${code ?? 'a signal'}`}`, {
    instance,
    hint: 'nothing was kept; correct the cause and run it again',
  });
}

function argsFor({ tls, database }: Login, { product }: Place, file: string, events: boolean): readonly string[] {
  const own = ['--set-gtid-purged=OFF', '--skip-column-statistics', '--loose-skip-masking-policies', ...ownOptions(tls.sslmode)];
  return [
    '--defaults-file=/dev/fd/3',
    ...(product === 'mysql' ? own : []),
    '--single-transaction',
    '--quick',
    '--complete-insert',
    '--no-tablespaces',
    '--routines',
    '--triggers',
    events ? '--events' : '--skip-events',
    // A comment holds names, and a name can hold what ends it.
    '--skip-comments',
    '--skip-add-drop-table',
    '--skip-add-locks',
    '--default-character-set=utf8mb4',
    '--max-allowed-packet=1G',
    `--result-file=${file}`,
    '--',
    database,
  ];
}

function stopWhereItWaits(file: string, stalled: AbortController, signal: AbortSignal): { stop(): void } {
  const ended = new AbortController();
  const all = AbortSignal.any([signal, ended.signal]);
  const look = async (): Promise<void> => {
    let [size, since] = [-1, performance.now()];
    while (!all.aborted) {
      const now = await stat(file).then(
        (found) => found.size,
        () => 0,
      );
      if (now !== size) [size, since] = [now, performance.now()];
      else if (performance.now() - since > SILENCE) stalled.abort();
      await sleep(POLL, undefined, { signal: all }).catch(() => undefined);
    }
  };
  void look();
  return { stop: () => ended.abort() };
}
