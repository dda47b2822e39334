import { beforeEach, expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { loginOf, manifestOf, twoApps, wipe, type Workplace, workplace } from './harness.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';

const without = manifestOf('apps:\n  shop: { uses: { main: { connections: 5 } } }\nreaders:\n  lens: { reads: [shop] }\n');
const DIGI = "app = 'digi_core'";

describeEachMysql('an entry of the ledger that somebody deleted', { versions: 'kinds' }, (server) => {
  let place: Workplace;
  const locked = async (): Promise<unknown> =>
    await ask(loginOf(login), 'SELECT 1').then(
      () => 'open',
      () => 'closed',
    );
  let login: Readonly<Record<string, string>>;
  const told = async () => (await place.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2068');

  beforeEach(async () => {
    await wipe(server());
    place = await workplace(server(), twoApps);
    expect((await place.apply()).ending).toBe('done');
    login = await place.reveal('digi_core');
  });

  it.each([
    ["DELETE FROM cotenant.ledger WHERE kind = 'account' AND name LIKE 'digi_core_user@%'"],
    ["DELETE FROM cotenant.ledger WHERE kind = 'account' AND name LIKE 'digi_core_user_2@%'"],
    ["DELETE FROM cotenant.ledger WHERE kind = 'database' AND name = 'digi_core'"],
    ["DELETE FROM cotenant.ledger WHERE kind = 'app' AND app = 'digi_core'"],
  ])('does not keep its app from leaving whole: %s', async (statement) => {
    const before = await place.root(`SELECT kind, name FROM cotenant.ledger WHERE ${DIGI} ORDER BY kind, name`);
    await place.root(statement);
    await place.write(without);
    expect(await told()).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    expect(await locked()).toBe('closed');
    expect((await place.plan()).plan.steps).toEqual([]);
    const after = await place.root(`SELECT kind, name FROM cotenant.ledger WHERE ${DIGI} ORDER BY kind, name`);
    expect(after).toEqual(before.filter(({ kind }) => kind !== 'app' || !statement.includes("kind = 'app'")));
    await place.write(twoApps);
    expect((await place.restore('digi_core')).ending).toBe('done');
    expect((await place.apply()).ending).toBe('done');
    expect(await locked()).toBe('open');
  });

  it.each([[`DELETE FROM cotenant.ledger WHERE ${DIGI}`], ['DROP DATABASE cotenant']])(
    'is told where nothing of the app is left: %s',
    async (statement) => {
      await place.root(statement);
      await place.write(without);
      const found = await told();
      expect(found.map(({ message }) => message).join()).toMatch(/account "digi_core_user@.*database "digi_core"/);
      expect((await place.apply()).ending).toBe('waiting');
      for (const { hint = '' } of await told()) await place.root(/^(INSERT .*) puts the row back/.exec(hint)?.[1] ?? hint);
      expect((await place.apply()).ending).toBe('done');
      expect(await locked()).toBe('closed');
      expect(await told()).toEqual([]);
      expect((await place.plan()).plan.steps).toEqual([]);
    },
  );
});
