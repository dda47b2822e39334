import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { firstMoment, strideOn } from '../../../support/sample.ts';
import { isFull } from '../../../support/thorough.ts';
import { killedAt, tap, type Tap, untilNoOrphan } from './faults/harness.ts';
import { apps, threeLevels, unfinished, wipe, workplace } from './harness.ts';

const minutes = 60_000;

/** Both ways in a full run; day by day the one where the server goes on alone, which is the harder. */
const waysOn = (version: string): readonly ('sent' | 'lost')[] => (isFull(version, 'moments') ? ['sent', 'lost'] : ['sent']);

/** How many statements an undisturbed first apply sends, reads included. One message can carry a whole transaction. */
async function countStatements(url: string, { proxy }: Tap): Promise<number> {
  await wipe(url);
  proxy.reset();
  await using place = await workplace({ ...pointOf(url), port: proxy.port }, threeLevels());
  expect((await place.cli('apply', '--yes')).code).toBe(0);
  return proxy.statements.length;
}

function pointOf(url: string) {
  const { hostname, port, password } = new URL(url);
  return { host: hostname, port: Number(port), password };
}

describeEachPostgres('a first apply ended by SIGKILL', { versions: 'newest', whole: 'moments' }, (server, major) => {
  it.each(waysOn(`postgres${major}`))(
    'at every statement in turn (%s): the next one makes all good',
    { timeout: 10 * minutes },
    async (how) => {
      const { url } = server();
      await using line = await tap(server());
      const total = await countStatements(url, line);
      expect(total).toBeGreaterThan(20);
      const wrong: unknown[] = [];
      const stride = strideOn(`postgres${major}`, { daily: 8, ci: 4 });
      for (let n = firstMoment({ oneOf: stride }); n <= total; n += stride) {
        await wipe(url);
        await using place = await workplace({ ...pointOf(url), port: line.proxy.port }, threeLevels());
        const { signal } = await killedAt(place, line, ['apply', '--yes'], { n, how });
        // `sent`: the server may still be at work, and the next apply comes at once.
        if (how === 'lost') await untilNoOrphan(url);
        const { placements } = await place.status();
        const hidden = how === 'lost' ? placements.filter(({ state, pending }) => (state === 'ready') !== (pending === 0)) : [];
        const after = await unfinished(place);
        if (signal !== 'SIGKILL' || placements.length !== apps.length || hidden.length > 0 || after.length > 0)
          wrong.push({ n, signal, placements, hidden, after });
      }
      expect(wrong).toEqual([]);
    },
  );
});
