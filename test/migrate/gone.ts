import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly isZombie: boolean;
}

function processes(): readonly Seen[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [state = '', parent = '', group = ''] = readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ');
        return [{ pid: Number(name), parent: Number(parent), group: Number(group), isZombie: state === 'Z' }];
      } catch {
        return [];
      }
    });
}

/** Process groups of the tools that this process runs: each has one of its own. */
export function toolsOf(pid: number): readonly number[] {
  return processes().flatMap((one) => (one.parent === pid && one.group === one.pid ? [one.group] : []));
}

/** Waits until nobody of these groups lives. The time limit of the test ends a wait in vain. */
export async function untilGone(groups: readonly number[]): Promise<void> {
  while (processes().some(({ group, isZombie }) => groups.includes(group) && !isZombie)) await delay(20);
}
