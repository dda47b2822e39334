import 'reflect-metadata';
import { DataSource, EntitySchema } from 'typeorm';

const isMysql = process.env.CLIENT_ENGINE === 'mysql';
const Person = new EntitySchema({
  name: 'Person',
  columns: { id: { type: Number, primary: true, generated: true }, name: { type: String, unique: true } },
});
const source = new DataSource({
  type: isMysql ? 'mysql' : 'postgres',
  url: isMysql ? process.env.MYSQL_URL : process.env.DATABASE_URL,
  ...(isMysql || !process.env.POSTGRES_SCHEMA ? {} : { schema: process.env.POSTGRES_SCHEMA }),
  entities: [Person],
  synchronize: true,
});
await source.initialize();
await source.transaction((manager) => manager.save(Person, { name: 'a' }));
if ((await source.getRepository(Person).find()).length !== 1) throw new Error('not there');
await source.synchronize();
await source.destroy();
