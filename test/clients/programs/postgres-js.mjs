import postgres from 'postgres';

const sql = postgres(process.env.DATABASE_URL, { max: 3, onnotice: () => {} });
await sql`CREATE TABLE orders (id serial PRIMARY KEY, note text)`;
await sql.begin(async (tx) => {
  await tx`INSERT INTO orders ${tx([{ note: 'one' }, { note: 'two' }])}`;
});
const seen = [];
for await (const rows of sql`SELECT * FROM orders`.cursor(1)) seen.push(...rows);
if (seen.length !== 2) throw new Error(JSON.stringify(seen));
await sql.end();
