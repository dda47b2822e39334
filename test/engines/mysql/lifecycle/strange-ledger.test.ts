import { beforeEach, expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const manifest = manifestOf('apps:\n  shop: { uses: { main: { connections: 5 } } }\n');
const SHAPE =
  'kind VARCHAR(16) NOT NULL, name VARCHAR(255) NOT NULL, project VARCHAR(255) NOT NULL, app VARCHAR(255), applied VARCHAR(64), retired DATE';
const KEY = 'PRIMARY KEY (kind, name)';
const UTF8 = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';

/** What a stranger keeps in a database that is called as the one of the ledger, and what the refusal says of it. */
const strange: readonly (readonly [what: string, statements: readonly string[], why: RegExp])[] = [
  ['tables of its own', ['CREATE TABLE cotenant.tenants (id INT)'], /has no table "ledger"/],
  ['a table of that name with other columns', ['CREATE TABLE cotenant.ledger (id INT PRIMARY KEY, amount INT)'], /no column "kind"/],
  [
    'columns of other types',
    [`CREATE TABLE cotenant.ledger (${SHAPE.replace('app VARCHAR(255)', 'app INT')}, ${KEY})`],
    /column "app" is int/,
  ],
  ['no key', [`CREATE TABLE cotenant.ledger (${SHAPE})`], /other key/],
  ['a column more, and nothing of cotenant in it', [`CREATE TABLE cotenant.ledger (${SHAPE}, amount INT, ${KEY})`], /column "amount"/],
  [
    'a view',
    ['CREATE TABLE cotenant.t (a INT)', "CREATE VIEW cotenant.ledger AS SELECT 'secret' AS kind, 'x' AS name, a FROM cotenant.t"],
    /"ledger" is no table/,
  ],
  ['only a procedure', [`ALTER DATABASE cotenant ${UTF8}`, 'CREATE PROCEDURE cotenant.p() SELECT 1'], /has no table "ledger"/],
  ['nothing yet, and a login', [`ALTER DATABASE cotenant ${UTF8}`, 'GRANT ALL ON cotenant.* TO dev'], /no table "ledger".*dev@%/],
  ['nothing, in another form', ['ALTER DATABASE cotenant CHARACTER SET latin1'], /no table "ledger"/],
];

describeEachMysql('a database of somebody else that is called as that of the ledger', { versions: 'kinds' }, (server) => {
  let place: Workplace;

  beforeEach(async () => {
    await wipe(server());
    place = await workplace(server(), manifest);
    await place.root('CREATE DATABASE cotenant');
    await place.root("CREATE USER dev@'%' IDENTIFIED BY 'A-long-1-word'");
  });

  const state = async (): Promise<unknown> => [
    await place.root("SELECT TABLE_NAME AS n, TABLE_TYPE AS t FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'cotenant' ORDER BY 1"),
    await place.root("SELECT COLUMN_NAME AS n FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'cotenant' ORDER BY 1"),
    await place.root("SELECT DEFAULT_COLLATION_NAME AS c FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'cotenant'"),
    await place.root("SELECT Db AS d, User AS u FROM mysql.db WHERE Db = 'cotenant'"),
    await place.root('SELECT User AS u, Host AS h FROM mysql.user ORDER BY 1, 2'),
  ];

  it.each(strange)('is refused before anything is touched: %s', { timeout: 60_000 }, async (_what, statements, why) => {
    for (const one of statements) await place.root(one);
    const before = await state();
    const { plan } = await place.plan();
    const errors = plan.diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ code, message }) => `${code} ${message}`)).toEqual([expect.stringMatching(why)]);
    expect(errors[0]).toMatchObject({ code: 'CT2005', hint: expect.stringContaining('another name'), path: ['instances', 'main'] });
    expect((await place.apply()).ending).toBe('failed');
    expect(await state()).toEqual(before);
  });

  it('ends no command with what the server says', { timeout: 60_000 }, async () => {
    await place.root('CREATE TABLE cotenant.ledger (id INT PRIMARY KEY, amount INT)');
    for (const words of [['apply', '--yes'], ['status'], ['verify'], ['restore-app', 'shop', '--yes'], ['doctor']]) {
      const done = await place.cli(...words);
      expect([words, done.stderr]).toEqual([words, expect.not.stringMatching(/\b(1054|1146|1356|CT3003|CT9001|Unknown column)\b/)]);
    }
  });

  it('is the ledger’s where a run was cut before its table was made, or before its first row', { timeout: 60_000 }, async () => {
    await place.root(`ALTER DATABASE cotenant ${UTF8}`);
    expect((await place.plan()).plan.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    await place.root(`CREATE TABLE cotenant.ledger (${SHAPE}, ${KEY}) ENGINE = InnoDB ${UTF8}`);
    expect((await place.apply()).ending).toBe('done');
    // Whoever wrote a remark beside the rows made nobody else's of it.
    await place.root('ALTER TABLE cotenant.ledger ADD remark TEXT');
    await place.root('CREATE TABLE cotenant.notes (a INT)');
    expect((await place.plan()).plan).toMatchObject({ steps: [], diagnostics: [] });
  });
});
