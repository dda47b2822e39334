import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';

/** Linux counts in these, whatever the machine. */
const TICK = 10;

/** The fields of `/proc/<pid>/stat` from the third on; null: there is no such process, or no such file on this system. */
function statOf(pid: number | 'self'): readonly string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in parentheses, may hold anything.
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

function ticks(fields: readonly string[], from: number, count: number): number {
  return fields.slice(from, from + count).reduce((sum, text) => sum + Number(text), 0);
}

/** Milliseconds of processor time of all children of this process that have ended, and of those whom they have waited for. NaN: not told here. */
export function spentByChildren(): number {
  const fields = statOf('self');
  return fields ? ticks(fields, 13, 2) * TICK : Number.NaN;
}

/** The same of a server's first process, its own and that of those that it has waited for or that still run. NaN: not told here. */
export async function spentByServer(pid: number): Promise<number> {
  const own = statOf(pid);
  if (!own) return Number.NaN;
  let sum = ticks(own, 11, 4);
  for (const name of await readdir('/proc')) {
    const fields = /^\d+$/.test(name) ? statOf(Number(name)) : null;
    if (fields && Number(fields[1]) === pid) sum += ticks(fields, 11, 2);
  }
  return sum * TICK;
}
