import { expect, it } from 'vitest';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { loginOf, manifestOf, wipe } from '../lifecycle/harness.ts';
import { ground } from './harness.ts';

describeEachMysql('what a server of these cannot close', { versions: 'all' }, (server) => {
  it('is listed where it is so, and is so', { timeout: 120_000 }, async () => {
    await using made = await ground(
      server(),
      manifestOf('apps:\n  r_a: { uses: { main: { connections: 5 } } }\n  r_b: { uses: { main: { connections: 5 } } }\n'),
    );
    await made.place.as('r_b', 'CREATE TABLE orders (id INT PRIMARY KEY)');
    const { host, port, flavor } = server();
    const as = async (app: string): Promise<Connection> => {
      const { user, password } = loginOf(await made.place.reveal(app));
      return await createConnection({ host, port, user, password, database: app, disableEval: true });
    };
    const theirs = await as('r_b');
    for (const sql of ["XA START 'guessed'", 'INSERT INTO orders VALUES (1)', "XA END 'guessed'", "XA PREPARE 'guessed'"])
      await theirs.query(sql);
    await theirs.end();
    const mine = await as('r_a');
    const asked = async (sql: string): Promise<string> =>
      await mine.query<RowDataPacket[]>(sql).then(
        ([rows]) => (Array.isArray(rows) ? rows.map((row) => Object.values(row).map(String).join(' ')).join('\n') : 'done'),
        (error: unknown) => String((error as { errno?: number }).errno),
      );
    const listed = await asked('XA RECOVER');
    const names = await asked('SELECT TABLESPACE_NAME FROM information_schema.TABLESPACES_EXTENSIONS');
    const [there, none] = [await asked('SHOW TABLES FROM r_b'), await asked('SHOW TABLES FROM r_z')];
    const ended = await asked("XA ROLLBACK 'guessed'");
    await mine.end();
    await made.place.root("XA ROLLBACK 'guessed'").catch(() => undefined);
    const { residual } = await made.verify();
    const probes = residual.map(({ probe }) => probe);
    await wipe(server());
    expect({ listed: listed.includes('guessed'), names: names.includes('r_b'), told: there !== none, ended }).toEqual(
      flavor === 'mysql'
        ? { listed: false, names: true, told: true, ended: 'done' }
        : { listed: true, names: false, told: false, ended: 'done' },
    );
    expect(probes.filter((one) => ['MY-Y36', 'MY-Y37', 'MY-Y38'].includes(one))).toEqual(
      flavor === 'mysql' ? ['MY-Y36', 'MY-Y37', 'MY-Y38'] : ['MY-Y38'],
    );
  });
});
