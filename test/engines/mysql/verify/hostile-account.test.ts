import { expect, it } from 'vitest';
import { applyFixes, fixPlan } from '../../../../src/app/fix.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { accountName } from '../../../../src/engines/mysql/quote.ts';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { manifestOf, wipe, workplace } from '../lifecycle/harness.ts';

/** Whoever may make accounts chooses their names; a fix runs as the operator. */
const HOSTS = ["x'; drop database other; #", "a' identified by '", 'back\\'] as const;

describeEachMysql('an account whose name is a statement', { versions: 'kinds' }, (server) => {
  it('is named in a fix as it is called, and nothing else is run', { timeout: 300_000 }, async () => {
    await using place = await workplace(server(), manifestOf('apps: { shop: { uses: { main: {} } } }\n'));
    expect((await place.apply()).ending).toBe('done');
    await place.root('CREATE DATABASE other');
    for (const host of HOSTS) {
      await place.root(`CREATE USER ${accountName({ user: 'shop_user', host })}`);
      await place.root(`GRANT PROCESS ON *.* TO ${accountName({ user: 'shop_user', host })}`);
    }
    const project = await place.open();
    const { report } = await verifyProject(project, { seed: 1 });
    const texts = fixPlan(project, report).steps.flatMap(({ commands }) => commands.map(({ text }) => text));
    for (const host of HOSTS) expect(texts.filter((text) => text.includes(accountName({ user: 'shop_user', host })))).not.toEqual([]);
    const confirm = fixPlan(project, report).steps.flatMap(({ confirm: word, losses = [] }) => [
      ...(word === undefined ? [] : [word]),
      ...losses.map(({ who }) => who),
    ]);
    for await (const event of applyFixes(project, report, { confirm, consent: () => Promise.resolve(true) }))
      if (event.type === 'result') expect(event.ending).not.toBe('refused');
    expect(await place.root("SELECT 1 FROM mysql.user WHERE User = 'shop_user' AND Host <> '%'")).toEqual([]);
    expect(await place.root("SHOW DATABASES LIKE 'other'")).toHaveLength(1);
    await place.as('shop', 'SELECT 1');
    await place.root('DROP DATABASE other');
    await wipe(server());
  });
});
