import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeEachMysql } from '../../support/engines-mysql.ts';
import { manifestOf, type Workplace, workplace } from './lifecycle/harness.ts';

const SHOP = "'shop_user'@'%'";

const manifest = manifestOf(
  `apps:
  shop: { uses: { main: { connections: 5, statementTimeout: 30s, charset: utf8mb4, collation: utf8mb4_bin } } }
  blog: { uses: { main: { connections: 5 } } }
readers:
  lens: { reads: [blog] }
shares:
  - { from: blog, tables: [posts], to: shop, via: grant }
  - { from: shop, tables: [items], columns: [id], to: blog, via: grant }
`,
  '    requireSsl: false\n',
);

interface Change {
  /** The managed attribute. */
  readonly what: string;
  readonly sql: readonly string[];
  readonly flavor?: 'mysql' | 'mariadb';
  /** Field of the step that corrects it. */
  readonly field: RegExp;
  /** Statements that take back what is not cotenant's. */
  readonly after?: readonly string[];
}

const change = (what: string, sql: string, field: RegExp, more: Partial<Change> = {}): Change => ({
  what,
  sql: sql.split('; '),
  field,
  ...more,
});

/** One change by hand for each attribute that cotenant manages. */
const changes: readonly Change[] = [
  change('lock', `ALTER USER ${SHOP} ACCOUNT LOCK`, /^locked$/),
  change('lock of the waiting login', "ALTER USER 'shop_user_2'@'%' ACCOUNT UNLOCK", /^locked$/),
  change('password', `ALTER USER ${SHOP} IDENTIFIED BY 'other'`, /^password$/),
  change('empty password', `ALTER USER ${SHOP} IDENTIFIED BY ''`, /^password$/),
  change('password of the waiting login', "ALTER USER 'shop_user_2'@'%' IDENTIFIED BY 'other'", /^password$/),
  change('expired password', `ALTER USER ${SHOP} PASSWORD EXPIRE`, /^expired$/),
  change('second password', `ALTER USER ${SHOP} IDENTIFIED BY 'second' RETAIN CURRENT PASSWORD`, /^(secondWay|password)$/, {
    flavor: 'mysql',
  }),
  change(
    'second way in',
    `ALTER USER ${SHOP} IDENTIFIED VIA mysql_native_password USING PASSWORD('x') OR unix_socket`,
    /^(secondWay|password)$/,
    {
      flavor: 'mariadb',
    },
  ),
  change('plugin', `ALTER USER ${SHOP} IDENTIFIED WITH sha256_password BY 'x'`, /^password$/, { flavor: 'mysql' }),
  change('MAX_USER_CONNECTIONS', `ALTER USER ${SHOP} WITH MAX_USER_CONNECTIONS 50`, /^maxUserConnections$/),
  change('MAX_CONNECTIONS_PER_HOUR', `ALTER USER ${SHOP} WITH MAX_CONNECTIONS_PER_HOUR 7`, /^maxConnectionsPerHour$/),
  change('MAX_QUERIES_PER_HOUR', `ALTER USER ${SHOP} WITH MAX_QUERIES_PER_HOUR 7`, /^maxQueriesPerHour$/),
  change('MAX_UPDATES_PER_HOUR', `ALTER USER ${SHOP} WITH MAX_UPDATES_PER_HOUR 7`, /^maxUpdatesPerHour$/),
  change('MAX_STATEMENT_TIME', `ALTER USER ${SHOP} WITH MAX_STATEMENT_TIME 0`, /^maxStatementTime$/, { flavor: 'mariadb' }),
  change('REQUIRE', `ALTER USER ${SHOP} REQUIRE X509`, /^ssl$/),
  change('account', `DROP USER ${SHOP}`, /^$/),
  change('own grant, less', `REVOKE DELETE, TRIGGER ON \`shop\`.* FROM ${SHOP}`, /^grant shop\.\*$/),
  change('own grant, more', `GRANT EVENT ON \`shop\`.* TO ${SHOP}`, /^grant shop\.\*$/),
  change('grant option', `GRANT SELECT ON \`shop\`.* TO ${SHOP} WITH GRANT OPTION`, /^grant shop\.\*$/),
  change('all grants', `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${SHOP}`, /^grant /),
  change('global grant', `GRANT PROCESS ON *.* TO ${SHOP}`, /^grant \*\.\*$/),
  change('grant on another database', `GRANT SELECT ON blog.* TO ${SHOP}`, /^grant blog\.\*$/),
  change('grant on a pattern', `GRANT SELECT ON \`bl%\`.* TO ${SHOP}`, /^grant pattern bl%\.\*$/),
  change('grant on a table', `GRANT INSERT ON blog.posts TO ${SHOP}`, /^grant blog\.posts$/),
  change('grant on a column', `GRANT UPDATE (id) ON blog.posts TO ${SHOP}`, /^grant blog\.posts \(id\)$/),
  change('grant on a routine', `GRANT EXECUTE ON FUNCTION blog.answer TO ${SHOP}`, /^grant function blog\.answer$/),
  change('share of a table', `REVOKE SELECT ON blog.posts FROM ${SHOP}`, /^grant blog\.posts$/),
  change('share of a column', "REVOKE SELECT (id) ON shop.items FROM 'blog_user'@'%'", /^grant shop\.items \(id\)$/),
  change('grant of a reader', "REVOKE SELECT ON blog.* FROM 'lens_user'@'%'", /^grant blog\.\*$/),
  change('more for a reader', "GRANT INSERT ON blog.* TO 'lens_user'@'%'", /^grant blog\.\*$/),
  change('role', `CREATE ROLE ops; GRANT ops TO ${SHOP}`, /^role ops/, { after: ['DROP ROLE ops'] }),
  change('proxy', `GRANT PROXY ON 'blog_user'@'%' TO ${SHOP}`, /^proxy blog_user@%$/),
  change(
    'somebody who acts as it',
    "CREATE USER 'x'@'%' IDENTIFIED BY 'x'; GRANT PROXY ON 'shop_user'@'%' TO 'x'@'%'",
    /^member proxy x@%$/,
    {
      after: ["DROP USER 'x'@'%'"],
    },
  ),
  change('somebody who has it as a role', "CREATE USER 'x'@'%' IDENTIFIED BY 'x'; GRANT 'shop_user'@'%' TO 'x'@'%'", /^member role x@%$/, {
    flavor: 'mysql',
    after: ["DROP USER 'x'@'%'"],
  }),
  change('character set', 'ALTER DATABASE shop CHARACTER SET latin1', /^charset$/),
  change('collation', 'ALTER DATABASE shop COLLATE utf8mb4_unicode_ci', /^collation$/),
  change('others in the database', "CREATE USER 'x'@'%' IDENTIFIED BY 'x'; GRANT SELECT ON shop.* TO 'x'@'%'", /^x@% on shop\.\*$/, {
    after: ["DROP USER 'x'@'%'"],
  }),
  change('others on a table', "CREATE USER 'x'@'%' IDENTIFIED BY 'x'; GRANT SELECT ON shop.items TO 'x'@'%'", /^x@% on shop\.items$/, {
    after: ["DROP USER 'x'@'%'"],
  }),
  change('anonymous accounts', "CREATE USER ''@'localhost'", /^anonymous account from localhost$/),
  change('PUBLIC', 'GRANT SELECT ON shop.* TO PUBLIC', /^everybody on shop\.\*$/, { flavor: 'mariadb' }),
  change('PUBLIC on test', 'GRANT ALL ON `test\\_%`.* TO PUBLIC', /^everybody on pattern test/, { flavor: 'mariadb' }),
  change(
    'rows without a user',
    "INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('%', 'shop', '', 'Y'); FLUSH PRIVILEGES",
    /^everybody on shop\.\*, by a row/,
  ),
  change('a line of the ledger', "DELETE FROM cotenant.ledger WHERE name = 'shop_user@%'", /^in the ledger$/),
  change('the line of a database', "DELETE FROM cotenant.ledger WHERE kind = 'database' AND name = 'shop'", /^in the ledger$/),
  change('the whole book', 'DROP DATABASE cotenant', /^(in the ledger|)$/),
  change('the key of the lock', "DELETE FROM cotenant.ledger WHERE kind = 'secret'", /^complete$/),
];

describeEachMysql('what somebody changes by hand', { versions: 'kinds' }, (server) => {
  let place: Workplace;
  beforeAll(async () => {
    place = await workplace(server(), manifest);
    await place.apply();
    await place.as('shop', 'CREATE TABLE items (id INT, secret INT)');
    await place.as('blog', 'CREATE TABLE posts (id INT)');
    await place.as('blog', 'CREATE FUNCTION answer() RETURNS INT NO SQL DETERMINISTIC RETURN 42');
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
  }, 120_000);
  afterAll(async () => await place[Symbol.asyncDispose]());

  describe.each(changes)('$what', ({ sql, flavor, field, after = [] }) => {
    it('is shown as drift, corrected, and gone', { timeout: 60_000 }, async (context) => {
      if (flavor !== undefined && flavor !== server().flavor) context.skip();
      for (const text of sql) await place.root(text);
      const { plan } = await place.plan();
      const fields = plan.steps.flatMap((step) => (step.fields.length === 0 ? [''] : step.fields.map((one) => one.field)));
      expect(fields.filter((one) => field.test(one)).length, fields.join(', ')).toBeGreaterThan(0);
      const { ending, diagnostics } = await place.apply();
      expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([]);
      expect(ending).toBe('done');
      for (const text of after) await place.root(text);
      expect((await place.plan()).plan.steps.map((step) => step.id)).toEqual([]);
      const [row] = await place.as('shop', 'SELECT CURRENT_USER() AS me');
      expect(row?.['me']).toBe('shop_user@%');
    });
  });
});
