import mariadb from 'mariadb';

const { hostname, port, username, password, pathname } = new URL(process.env.MYSQL_URL);
const pool = mariadb.createPool({
  host: hostname,
  port: Number(port),
  user: decodeURIComponent(username),
  password: decodeURIComponent(password),
  database: decodeURIComponent(pathname.slice(1)),
  connectionLimit: 3,
  allowPublicKeyRetrieval: true,
});
await pool.query('CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(40))');
await pool.batch('INSERT INTO orders (note) VALUES (?)', [['one'], ['two']]);
const rows = await pool.query('SELECT * FROM orders');
if (rows.length !== 2) throw new Error(JSON.stringify(rows));
await pool.end();
