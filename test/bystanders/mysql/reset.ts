import type { Connection } from 'mysql2/promise';
import { rows } from './session.ts';
import { ident, text } from './world.ts';

const SERVER = "('mysql', 'sys', 'information_schema', 'performance_schema')";
const SYSTEM = "User NOT LIKE 'mysql.%' AND User NOT LIKE 'mariadb.%' AND User <> 'root'";

/** A server as it was when it was new, but for what a world sets with SET GLOBAL: worlds set nothing. */
export async function cleaned(root: Connection, flavor: 'mysql' | 'mariadb'): Promise<void> {
  await root.query('SET SESSION foreign_key_checks = 0');
  for (const { n } of await rows(root, `SELECT SCHEMA_NAME AS n FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ${SERVER}`))
    await root.query(`DROP DATABASE ${ident(String(n))}`);
  await root.query('SET SESSION foreign_key_checks = 1');
  if (flavor === 'mysql') await root.query("SET GLOBAL mandatory_roles = ''");
  const accounts = await rows(root, `SELECT User AS u, Host AS h FROM mysql.user WHERE ${SYSTEM} AND User <> 'PUBLIC'`);
  const roles = accounts.filter(({ h }) => flavor === 'mariadb' && h === '');
  const users = accounts.filter((one) => !roles.includes(one));
  if (users.length > 0) await root.query(`DROP USER ${users.map(({ u, h }) => `${text(String(u))}@${text(String(h))}`).join(', ')}`);
  if (roles.length > 0) await root.query(`DROP ROLE ${roles.map(({ u }) => text(String(u))).join(', ')}`);
  for (const table of ['db', 'tables_priv', 'columns_priv', 'procs_priv']) await root.query(`DELETE FROM mysql.${table} WHERE ${SYSTEM}`);
  await root.query('DELETE FROM mysql.servers');
  if (flavor === 'mariadb') await root.query("DELETE FROM mysql.global_priv WHERE User = 'PUBLIC'");
  await root.query('FLUSH PRIVILEGES');
}
