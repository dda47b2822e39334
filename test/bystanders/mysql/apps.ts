import type { Document, Variables } from '../frame.ts';
import { databaseOf, fieldOf, loginsOf } from './owners.ts';
import { attempt, connect, type Point } from './session.ts';
import { type Act, act, ident, type Line, type Login, rowsOf } from './world.ts';

/** What every app makes: a table, a view, a function, a procedure and a trigger that writes into another table. */
const own = (database: string): readonly string[] => {
  const db = ident(database);
  return [
    `CREATE TABLE ${db}.items (id INT PRIMARY KEY, body VARCHAR(50), tenant VARCHAR(20))`,
    `CREATE TABLE ${db}.history (id INT AUTO_INCREMENT PRIMARY KEY, item INT)`,
    `INSERT INTO ${db}.items VALUES (1, 'one', 'a'), (2, 'two', 'b')`,
    `CREATE VIEW ${db}.seen AS SELECT id, body FROM ${db}.items`,
    `CREATE FUNCTION ${db}.total() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM ${db}.items)`,
    `CREATE PROCEDURE ${db}.put(k INT) INSERT INTO ${db}.items VALUES (k, 'put', 'a')`,
    `CREATE TRIGGER ${db}.remember AFTER INSERT ON ${db}.items FOR EACH ROW INSERT INTO ${db}.history (item) VALUES (NEW.id)`,
  ];
};

const THERE = /^(?:1050|1304|1359|1062) /;

/** A new app makes its things with the login that may; where none may, the operator does. */
export async function settleApp(
  server: Point,
  root: Login,
  app: string,
  variables: Variables,
  document: Document,
): Promise<readonly Line[]> {
  const logins = loginsOf(variables);
  const maker = logins.find(({ user }) => levelOf(document, app, user) === 'owner');
  const database = databaseOf(document, app);
  const login = maker ?? root;
  const client = await connect(server, login);
  try {
    for (const sql of own(database)) {
      const { works, answer } = await attempt(client, [sql, 'COMMIT']);
      if (!works && !THERE.test(answer)) throw new Error(`${login.user}: ${sql}: ${answer}`);
    }
  } finally {
    client.destroy();
  }
  return own(database).map((sql) => [sql, login]);
}

/** What the manifest lets a login do. */
function levelOf(document: Document, app: string, user: string): string {
  const logins = fieldOf(document, app, 'logins');
  if (typeof logins !== 'object' || logins === null) return 'owner';
  const found = Object.entries(logins).find(([name]) => user.startsWith(`${app.replaceAll('-', '_')}_${name === 'app' ? 'user' : name}`));
  const fields: unknown = found?.[1];
  const level = typeof fields === 'object' && fields !== null && 'as' in fields ? fields.as : fields;
  return typeof level === 'string' ? level : 'owner';
}

/** What the app does with them. */
export function actsOfApp(document: Document, app: string, login: Login, database = databaseOf(document, app)): readonly Act[] {
  const db = ident(database);
  const level = levelOf(document, app, login.user);
  const data = `database "${database}"`;
  const reads = [
    act(login, `reads items of "${database}"`, rowsOf(database, 'items'), ['SELECT', database], [data]),
    act(login, `reads seen of "${database}"`, rowsOf(database, 'seen'), ['SELECT', database], [data], [`${database}.seen`]),
  ];
  if (level === 'read') return reads;
  const writes = [
    act(login, `calls total of "${database}"`, `SELECT ${db}.total() AS n`, ['EXECUTE', database], [`${database}.total`], [data]),
    act(
      login,
      `calls put of "${database}"`,
      [`CALL ${db}.put(88)`, `SELECT COUNT(*) AS n FROM ${db}.items`],
      ['EXECUTE', database],
      [`${database}.put`],
      [data],
    ),
    act(
      login,
      `writes items of "${database}"`,
      [
        `INSERT INTO ${db}.items VALUES (77, 'new', 'a')`,
        `UPDATE ${db}.items SET body = 'x' WHERE id = 77`,
        `DELETE FROM ${db}.items WHERE id = 77`,
        'SELECT 1 AS done',
      ],
      ['INSERT', database],
      [`${database}.remember`],
      ['trigger'],
      [data],
    ),
  ];
  if (level === 'rw') return [...reads, ...writes];
  return [
    ...reads,
    ...writes,
    act(
      login,
      `makes a table in "${database}"`,
      [`CREATE TABLE ${db}.made (id INT PRIMARY KEY)`, `ALTER TABLE ${db}.made ADD COLUMN more INT`, `DROP TABLE ${db}.made`],
      ['CREATE', database],
      [data],
    ),
  ];
}
