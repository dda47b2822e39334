import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 3 });
await pool.query('CREATE TABLE orders (id serial PRIMARY KEY, note text NOT NULL)');
const client = await pool.connect();
await client.query('BEGIN');
await client.query({ name: 'put', text: 'INSERT INTO orders (note) VALUES ($1)', values: ['one'] });
await client.query('COMMIT');
const heard = new Promise((resolve) => client.once('notification', resolve));
await client.query('LISTEN news');
await pool.query("NOTIFY news, 'x'");
await heard;
client.release();
const { rows } = await pool.query('SELECT note FROM orders');
if (rows[0].note !== 'one') throw new Error(JSON.stringify(rows));
await pool.end();
