import { beforeEach, expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { manifestOf, wipe, workplace } from './harness.ts';

const app = (more = ''): string => `apps:\n  shop: { uses: { main: { connections: 5, adopt: true, names: { login: keeper }${more} } } }\n`;
const other = 'apps:\n  blog: { uses: { main: { connections: 5 } } }\n';

describeEachMysql('remarks of an administrator', { versions: 'all' }, (server) => {
  beforeEach(async () => await wipe(server()));

  it('stay on accounts and databases, whatever is done with them, and name nobody’s app', { timeout: 120_000 }, async () => {
    const isMaria = server().flavor === 'mariadb';
    const remark = "'cotenant: app wiki of project main; call Ann'";
    const make = async (...statements: readonly string[]): Promise<void> => {
      for (const sql of statements) await ask(server(), sql);
    };
    await make(
      `CREATE DATABASE shop${isMaria ? ` COMMENT ${remark}` : ''}`,
      `CREATE USER 'keeper'@'%' IDENTIFIED BY 'x'${isMaria ? '' : ` COMMENT ${remark}`}`,
      `CREATE USER 'ann'@'%' IDENTIFIED BY 'x'${isMaria ? '' : ` ATTRIBUTE '{"cotenant": "blog", "team": "a"}'`}`,
      "GRANT ALL ON shop.* TO 'keeper'@'%'",
      "GRANT SELECT ON shop.* TO 'ann'@'%'",
    );
    if (isMaria)
      await make(
        "UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, '$.note', 'call Ann') WHERE User IN ('keeper', 'ann')",
        'FLUSH PRIVILEGES',
      );
    const remarks = async (): Promise<unknown> =>
      isMaria
        ? [
            await ask(server(), "SELECT SCHEMA_COMMENT AS c FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shop'"),
            await ask(
              server(),
              "SELECT User AS u, JSON_VALUE(Priv, '$.note') AS n FROM mysql.global_priv WHERE User IN ('keeper', 'ann') ORDER BY 1",
            ),
          ]
        : await ask(
            server(),
            "SELECT USER AS u, ATTRIBUTE AS a FROM information_schema.USER_ATTRIBUTES WHERE USER IN ('keeper', 'ann') ORDER BY 1",
          );
    const before = await remarks();
    await using place = await workplace(server(), manifestOf(app()));
    expect((await place.plan()).plan.steps.flatMap(({ app: of }) => of ?? [])).not.toContain('wiki');
    for (const manifest of [app(), app(', hosts: ["%"], charset: utf8mb4, collation: utf8mb4_bin'), other, other]) {
      await place.write(manifestOf(manifest));
      expect(['done', 'nothing-to-do']).toContain((await place.apply()).ending);
      expect(await remarks()).toEqual(before);
    }
    const status = await place.cli('status');
    expect(status.stdout).not.toContain('wiki');
    expect((await place.cli('restore-app', 'shop', '--yes')).code).toBe(0);
    await place.write(manifestOf(app()));
    expect((await place.apply()).ending).toBe('done');
    expect(await remarks()).toEqual(before);
  });
});
