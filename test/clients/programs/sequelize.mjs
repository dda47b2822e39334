import { DataTypes, Sequelize } from 'sequelize';

const url = process.env.CLIENT_ENGINE === 'mysql' ? process.env.MYSQL_URL : process.env.DATABASE_URL;
const schema = process.env.CLIENT_ENGINE === 'mysql' ? undefined : process.env.POSTGRES_SCHEMA;
const db = new Sequelize(url, { logging: false, pool: { max: 3 }, ...(schema ? { define: { schema } } : {}) });
const Person = db.define('person', { name: { type: DataTypes.STRING, unique: true }, mood: DataTypes.ENUM('sad', 'glad') });
const Order = db.define('order', { note: DataTypes.TEXT });
Person.hasMany(Order);
await db.sync();
await db.sync({ alter: true });
await db.transaction(async (transaction) => {
  const who = await Person.create({ name: 'a', mood: 'glad' }, { transaction });
  await who.createOrder({ note: 'one' }, { transaction });
});
const found = await Person.findAll({ include: Order });
if (found[0].orders.length !== 1) throw new Error('not there');
await db.close();
