import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { loginOf, manifestOf, session, wipe } from '../lifecycle/harness.ts';
import { ground } from './harness.ts';

const LOCKS = ['LOCK TABLES orders WRITE', 'HANDLER orders OPEN', 'FLUSH TABLES orders WITH READ LOCK'];

describeEachMysql('verify beside an app that holds its tables', { versions: 'all' }, (server) => {
  it('waits for none of them, and finds nothing in it', { timeout: 120_000 }, async () => {
    await using made = await ground(
      server(),
      manifestOf('apps:\n  h_a: { uses: { main: { connections: 5 } } }\n  h_b: { uses: { main: { connections: 5 } } }\n'),
    );
    await made.place.as('h_a', 'CREATE TABLE orders (id INT PRIMARY KEY)');
    for (const sql of LOCKS) {
      await using busy = await session(loginOf(await made.place.reveal('h_a')));
      await busy.query(sql).catch(() => []);
      await using changing = await session(loginOf(await made.place.reveal('h_a')));
      // Whoever waits for the lock stands before all who come after.
      const waits = changing.query('ALTER TABLE orders ADD COLUMN more INT').catch(() => []);
      expect((await made.place.plan()).plan.steps).toEqual([]);
      expect((await made.verify()).findings.map(({ probe, statement, answer }) => `${probe} ${statement}: ${answer}`)).toEqual([]);
      await busy[Symbol.asyncDispose]();
      await waits;
      await made.place.as('h_a', 'ALTER TABLE orders DROP COLUMN more').catch(() => []);
    }
    await wipe(server());
  });
});
