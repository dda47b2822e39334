import type { Slow, SlowAsked } from '../../../engine/index.ts';
import type { SlowStatement } from '../../../model/index.ts';
import { prefixOfApp } from '../compile/places.ts';
import type { Input } from '../compile/draft.ts';
import { type Connection, listOf } from '../connect/connection.ts';

const KEPT = '1000';
/** Commands whose first argument is no key. */
const NO_KEY = /^(EVAL|FCALL|SCRIPT|FUNCTION|AUTH|HELLO|ACL|CONFIG|CLIENT|INFO|SCAN|XREAD|BITOP|MEMORY|OBJECT|DEBUG)/;

/** What was slow, by command: of its arguments nothing is shown but the prefix of the app to which the first key belongs. */
export async function slow(connection: Connection, input: Input, { app, most }: SlowAsked): Promise<Slow> {
  const entries = listOf(await connection.send('SLOWLOG', 'GET', KEPT));
  const prefixes = input.placements.flatMap((placed) =>
    placed.placement.isolation === 'prefix' ? [{ app: placed.app, prefix: prefixOfApp(placed) }] : [],
  );
  const sums = new Map<string, SlowStatement>();
  for (const entry of entries) {
    const [, , micros, words] = listOf(entry);
    const [name = '', first = ''] = listOf(words).map(String);
    const command = /^[A-Za-z.|]{1,40}$/.test(name) ? name.toUpperCase() : '?';
    const owner = NO_KEY.test(command) ? undefined : prefixes.find(({ prefix }) => first.startsWith(prefix));
    const text = owner === undefined ? command : `${command} ${owner.prefix}…`;
    const key = `${owner?.app ?? ''} ${text}`;
    const seconds = Number(micros) / 1_000_000;
    const before = sums.get(key) ?? { app: owner?.app ?? null, text, calls: 0, seconds: 0, longest: 0, rows: null };
    sums.set(key, { ...before, calls: before.calls + 1, seconds: before.seconds + seconds, longest: Math.max(before.longest, seconds) });
  }
  const hidden = input.placements.some((placed) => placed.app === app && placed.placement.isolation !== 'prefix');
  return {
    statements: [...sums.values()]
      .filter((one) => app === null || one.app === app)
      .toSorted((a, b) => b.seconds - a.seconds)
      .slice(0, most),
    untold: hidden ? [`commands of ${app ?? ''}: the server's list does not say of which database they are`] : [],
  };
}
