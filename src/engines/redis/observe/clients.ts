import { RESERVED } from '../names.ts';

/** Connections of each user, from CLIENT LIST. cotenant's own do not count. */
export function connectionsOf(list: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of list.split('\n')) {
    const user = / user=(\S+)/.exec(line)?.[1];
    if (user !== undefined && !line.includes(` name=${RESERVED}`)) counts.set(user, (counts.get(user) ?? 0) + 1);
  }
  return counts;
}

/** What the open connections of each user ran last. */
export function runningIn(list: string): ReadonlyMap<string, ReadonlySet<string>> {
  const out = new Map<string, Set<string>>();
  for (const line of list.split('\n')) {
    const [user, last] = [/ user=(\S+)/.exec(line)?.[1], / cmd=(\S+)/.exec(line)?.[1]];
    if (user !== undefined && last !== undefined) out.set(user, (out.get(user) ?? new Set()).add(last.toLowerCase()));
  }
  return out;
}
