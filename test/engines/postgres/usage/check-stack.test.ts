import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { stackDocument } from '../../../../src/report/documents/check-stack.ts';
import { statusDocument } from '../../../../src/report/documents/status.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { threeLevels, workplace } from '../lifecycle/harness.ts';

describeEachPostgres('a morning look', { versions: 'newest' }, (server) => {
  it('passes what is well, tells drift and what could not be asked, and gives the exit code for it', async () => {
    await using place = await workplace(server(), threeLevels());
    expect((await place.apply()).ending).toBe('done');
    const look = async (...args: readonly string[]) => {
      const { code, stdout } = await place.cli('check-stack', '--json', ...args);
      const { answers } = stackDocument.parse(JSON.parse(stdout));
      return { code, states: Object.fromEntries(answers.map(({ question, state }) => [question, state])) };
    };
    const first = await look('--verify');
    expect(first).toMatchObject({
      code: 2,
      states: { reached: 'pass', drift: 'pass', backups: 'unknown', migrations: 'pass', walls: 'pass' },
    });
    await query(server().url, 'ALTER ROLE shop_user CONNECTION LIMIT 1');
    expect(await look()).toMatchObject({ code: 2, states: { drift: 'warn', walls: 'skipped' } });
    const watch = place.start('status', '--watch', '1s', '--json');
    while (watch.stdout().split('\n').length < 3) await delay(50);
    watch.kill('SIGINT');
    const { code, stdout } = await watch.done;
    expect(code).toBe(130);
    for (const line of stdout.trim().split('\n').slice(0, 2)) expect(statusDocument.parse(JSON.parse(line)).placements).toHaveLength(4);
    await server().stop();
    expect(await look('--deadline', '2s')).toMatchObject({ code: 5, states: { reached: 'fail' } });
  });
});
