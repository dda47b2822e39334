import { sql } from 'drizzle-orm';

const isMysql = process.env.CLIENT_ENGINE === 'mysql';
if (isMysql) {
  const { drizzle } = await import('drizzle-orm/mysql2');
  const { int, mysqlTable, varchar } = await import('drizzle-orm/mysql-core');
  const people = mysqlTable('people', { id: int().primaryKey(), name: varchar({ length: 40 }) });
  const db = drizzle(process.env.MYSQL_URL);
  await db.execute(sql`CREATE TABLE people (id int PRIMARY KEY, name varchar(40))`);
  await db.insert(people).values({ id: 1, name: 'a' });
  if ((await db.select().from(people)).length !== 1) throw new Error('not there');
  await db.$client.end();
} else {
  const { drizzle } = await import('drizzle-orm/node-postgres');
  const { integer, pgTable, text } = await import('drizzle-orm/pg-core');
  const people = pgTable('people', { id: integer().primaryKey(), name: text() });
  const db = drizzle(process.env.DATABASE_URL);
  await db.execute(sql`CREATE TABLE people (id int PRIMARY KEY, name text)`);
  await db.transaction((tx) => tx.insert(people).values({ id: 1, name: 'a' }));
  if ((await db.select().from(people)).length !== 1) throw new Error('not there');
  await db.$client.end();
}
