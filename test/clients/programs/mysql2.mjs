import mysql from 'mysql2/promise';

const pool = mysql.createPool({ uri: process.env.MYSQL_URL, connectionLimit: 3 });
await pool.query('CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(40), INDEX (note))');
await pool.execute('INSERT INTO orders (note) VALUES (?)', ['one']);
await pool.query("CREATE PROCEDURE told() SELECT 'told' AS word");
await pool.query('CREATE VIEW notes AS SELECT note FROM orders');
await pool.query('CREATE TRIGGER touch BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = UPPER(NEW.note)');
await pool.query('CREATE TEMPORARY TABLE passing (x INT)');
const [rows] = await pool.query('SELECT * FROM notes');
if (rows.length !== 1) throw new Error(JSON.stringify(rows));
await pool.query('CALL told()');
await pool.query("SELECT GET_LOCK('work', 1), RELEASE_LOCK('work')");
await pool.end();
