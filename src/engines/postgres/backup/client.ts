import type { BackupContext } from '../../../engine/index.ts';
import { fail } from '../../../model/index.ts';
import { runProgram } from '../../../util/program.ts';

/** Runs pg_dump or pg_restore to its end. Throws CT4303 with what it says. */
export async function runClient(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { signal, folder }: BackupContext,
  instance: string,
): Promise<string> {
  const { code, output, errors } = await runProgram({
    program,
    args,
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    signal,
  });
  if (code === 0) return output;
  signal.throwIfAborted();
  const name = program.split('/').at(-1) ?? program;
  const said = firstError(errors);
  const hint = said.includes('row-level security')
    ? 'FORCE ROW LEVEL SECURITY hides rows from the owner too, and a backup leaves none out: ALTER TABLE … NO FORCE ROW LEVEL SECURITY, at least while it runs'
    : 'nothing was kept; correct the cause and run it again';
  throw fail('CT4303', `${name} failed: ${said}`, { instance, hint });
}

function firstError(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.find((line) => /error|fatal/iu.test(line)) ?? lines[0] ?? 'it said nothing';
}
