import { Kysely, MysqlDialect, PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';

const isMysql = process.env.CLIENT_ENGINE === 'mysql';
const dialect = isMysql
  ? new MysqlDialect({ pool: (await import('mysql2')).default.createPool({ uri: process.env.MYSQL_URL, connectionLimit: 3 }) })
  : new PostgresDialect({ pool: new (await import('pg')).default.Pool({ connectionString: process.env.DATABASE_URL, max: 3 }) });
const db = new Kysely({ dialect });
const migrations = {
  1: {
    up: (k) => k.schema.createTable('people').addColumn('id', 'integer', (c) => c.primaryKey()).addColumn('name', 'varchar(40)').execute(),
    down: (k) => k.schema.dropTable('people').execute(),
  },
};
const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest();
if (error) throw error;
await db.insertInto('people').values({ id: 1, name: 'a' }).execute();
if ((await db.selectFrom('people').selectAll().execute()).length !== 1) throw new Error('not there');
await db.destroy();
