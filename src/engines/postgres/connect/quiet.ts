import { errorCode } from '../../../util/system.ts';

/**
 * How much of what others have hung on a database runs in the operator's session. `off`: no event trigger. `replica`: those
 * alone that are enabled for replicas or always. `all`: this admin may not keep them away.
 */
export type Quiet = 'off' | 'replica' | 'all';

/** Options of the connection, the best first: from 17 on; for a superuser of an older server; for everybody. */
const QUIET: readonly (readonly [Quiet, string])[] = [
  ['off', ' -c event_triggers=off'],
  ['replica', ' -c session_replication_role=replica'],
  ['all', ''],
];

/** What a server let this login do the last time. */
const known = new Map<string, number>();

/** Opens with the best options that the server lets this login have, and remembers which. */
export async function openQuietly<T>(key: string, open: (quiet: Quiet, options: string) => Promise<T>): Promise<T> {
  for (let at = known.get(key) ?? 0; ; at++) {
    const [quiet, options] = QUIET[at] ?? ['all', ''];
    try {
      const opened = await open(quiet, options);
      known.set(key, at);
      return opened;
    } catch (error) {
      if (quiet === 'all' || !isAboutOption(error)) throw error;
    }
  }
}

/** The server does not know the option, or this login may not set it. Its words depend on its language, the place in its source does not. */
function isAboutOption(error: unknown): boolean {
  const code = errorCode(error);
  const routine = typeof error === 'object' && error !== null && 'routine' in error ? String(error.routine) : '';
  return code === '42704' || (code === '42501' && routine.startsWith('set_config'));
}

/** Whether an event trigger, by its `evtenabled`, runs in such a session. */
export function runsHere(enabled: string, quiet: Quiet): boolean {
  if (quiet === 'off' || enabled === 'D') return false;
  return enabled === 'A' || enabled === (quiet === 'replica' ? 'R' : 'O');
}
