import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// This file also runs on the older versions of Node that it leads away from.

/** The program of the `node` package that is installed beside this one, or null where there is none that is new enough. */
function installedNode(minimum: number): string | null {
  try {
    const file = createRequire(import.meta.url).resolve('node/package.json');
    const found = /"version":\s*"(\d+)\./.exec(readFileSync(file, 'utf8'))?.[1];
    return Number(found) >= minimum ? join(dirname(file), 'bin/node') : null;
  } catch {
    return null;
  }
}

/**
 * Runs this program again on the Node that is installed beside it, with the same arguments and streams. Answers with how it
 * ended, or null where there is no such Node.
 */
export async function runOnInstalledNode(minimum: number): Promise<number | NodeJS.Signals | null> {
  const program = installedNode(minimum);
  if (program === null) return null;
  const child = spawn(program, process.argv.slice(1), { stdio: 'inherit' });
  const { stdin, stdout, stderr } = process;
  const atTerminal = stdin.isTTY || stdout.isTTY || stderr.isTTY;
  // Ctrl-C at a terminal reaches the child by itself; a second one would mean "do not clean up".
  process.on('SIGINT', () => {
    if (!atTerminal) child.kill('SIGINT');
  });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? code ?? 1));
  });
}
