import knex from 'knex';

const [client, connection] = process.env.CLIENT_ENGINE === 'mysql' ? ['mysql2', process.env.MYSQL_URL] : ['pg', process.env.DATABASE_URL];
const db = knex({ client, connection, pool: { min: 0, max: 3 } });
const migrations = [
  {
    name: '1',
    up: async (k) => {
      await k.schema.createTable('people', (t) => {
        t.increments();
        t.string('name').unique();
        t.enum('mood', ['sad', 'glad']);
      });
      await k.schema.createTable('orders', (t) => {
        t.increments();
        t.integer('who').unsigned().references('id').inTable('people');
        t.timestamps(true, true);
      });
    },
    down: async (k) => {
      await k.schema.dropTable('orders');
      await k.schema.dropTable('people');
    },
  },
  { name: '2', up: (k) => k.schema.alterTable('people', (t) => t.integer('age')), down: (k) => k.schema.alterTable('people', (t) => t.dropColumn('age')) },
];
const migrationSource = { getMigrations: async () => migrations, getMigrationName: (one) => one.name, getMigration: async (one) => one };
await db.migrate.latest({ migrationSource });
await db.transaction(async (tx) => {
  await tx('people').insert({ name: 'a', mood: 'glad' });
});
if ((await db('people').where({ mood: 'glad' })).length !== 1) throw new Error('not there');
await db.migrate.rollback({ migrationSource }, true);
await db.destroy();
