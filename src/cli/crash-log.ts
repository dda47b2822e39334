import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Io } from './io.ts';

/**
 * Keeps what a report of an internal error needs in a file that only its owner reads, and gives its path; null where it cannot
 * be written. Without values of the command line: they may be secrets.
 */
export function keepCrash(error: unknown, argv: readonly string[], { version, env }: Pick<Io, 'version' | 'env'>): string | null {
  const home = env['XDG_STATE_HOME'] ?? (env['HOME'] ? join(env['HOME'], '.local/state') : '');
  if (!home.startsWith('/')) return null;
  const words = argv
    .filter((word, at) => (at === 0 ? /^[a-z-]+$/.test(word) : word.startsWith('-')))
    .map((word) => word.replace(/=.*/s, '=…'));
  const now = new Date().toISOString();
  const text = [
    `cotenant ${version}, Node ${process.version}, ${process.platform} ${process.arch}, ${now}`,
    `cotenant ${words.join(' ')}`,
    error instanceof Error ? (error.stack ?? error.message) : String(error),
  ];
  try {
    const folder = join(home, 'cotenant');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, `error-${now.replaceAll(/[:.]/g, '-')}-${process.pid}.log`);
    writeFileSync(file, `${text.join('\n')}\n`, { mode: 0o600, flag: 'wx' });
    return file;
  } catch {
    return null;
  }
}
