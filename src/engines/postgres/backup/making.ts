import { randomBytes } from 'node:crypto';
import type { BackupContext, InstanceInput } from '../../../engine/index.ts';
import type { Config, Placement } from '../config.ts';
import { Connection, targetOf } from '../connect/connection.ts';
import { scramVerifier } from '../connect/scram.ts';
import { ident, literal } from '../quote.ts';
import type { Place } from './place.ts';
import { type Login, NAME } from './session.ts';

/** Connections that a login of ours may have at once: a session that compares, and pg_restore. */
const CONNECTIONS = 3;

/** A database in which a backup is brought back, and the login that does it: closed to everybody else. */
export interface Making {
  readonly database: string;
  readonly login: string;
  /** For whoever looks at them. */
  readonly mark: string;
  /** What `CREATE DATABASE` says of encoding and locale. */
  readonly form: string;
  /** The app's own. */
  readonly own: Login;
}

/** As it was where the backup was taken. */
export function formOf({ encoding, collate, ctype }: Place): string {
  return `ENCODING ${literal(encoding)} LC_COLLATE ${literal(collate)} LC_CTYPE ${literal(ctype)}`;
}

export async function make(operator: Connection, { database, login, mark, form, own }: Making): Promise<Login> {
  const password = randomBytes(24).toString('base64url');
  const verifier = await scramVerifier(password);
  const until = new Date(Date.now() + 24 * 3600 * 1000).toISOString();
  await operator.rows(
    `BEGIN; CREATE ROLE ${ident(login)} LOGIN CONNECTION LIMIT ${CONNECTIONS} VALID UNTIL ${literal(until)} PASSWORD ${literal(verifier)}; COMMENT ON ROLE ${ident(login)} IS ${literal(mark)}; COMMIT`,
  );
  await operator.rows(`CREATE DATABASE ${ident(database)} TEMPLATE template0 ${form} ALLOW_CONNECTIONS false`);
  await operator.rows(
    `BEGIN; COMMENT ON DATABASE ${ident(database)} IS ${literal(mark)}; REVOKE ALL ON DATABASE ${ident(database)} FROM PUBLIC; GRANT CONNECT, CREATE, TEMPORARY ON DATABASE ${ident(database)} TO ${ident(login)}; ALTER DATABASE ${ident(database)} ALLOW_CONNECTIONS true; COMMIT`,
  );
  const { PGOPTIONS: _, ...env } = own.env;
  return {
    target: { ...own.target, user: login, password, database },
    database,
    env: { ...env, PGUSER: login, PGPASSWORD: password, PGDATABASE: database },
  };
}

/** What the app's placement has and a dump does not bring along: its schema, and its extensions, which the operator makes. */
export async function prepare(
  input: InstanceInput<Config, Placement>,
  { database, login }: Pick<Making, 'database' | 'login'>,
  { schemas, extensions }: Place,
  { session }: BackupContext,
): Promise<void> {
  const [home = 'public'] = schemas;
  const target = await targetOf(input.config, session);
  await using connection = await Connection.open(target, { database, name: NAME }, session);
  await connection.rows(`GRANT ${ident(login)} TO CURRENT_USER`);
  const said = ['REVOKE ALL ON SCHEMA public FROM PUBLIC', 'GRANT USAGE ON SCHEMA public TO PUBLIC'];
  for (const schema of new Set(extensions.map(({ schema: at }) => at)))
    if (schema !== 'pg_catalog' && schema !== home)
      said.push(
        `CREATE SCHEMA IF NOT EXISTS ${ident(schema)}${schemas.includes(schema) ? ` AUTHORIZATION ${ident(login)}` : ''}`,
        `GRANT USAGE ON SCHEMA ${ident(schema)} TO PUBLIC`,
      );
  said.push(
    home === 'public' ? `ALTER SCHEMA public OWNER TO ${ident(login)}` : `CREATE SCHEMA ${ident(home)} AUTHORIZATION ${ident(login)}`,
  );
  for (const extension of extensions)
    said.push(
      `CREATE EXTENSION IF NOT EXISTS ${ident(extension.name)}${extension.schema === 'pg_catalog' ? '' : ` SCHEMA ${ident(extension.schema)}`} CASCADE`,
    );
  await connection.rows(`BEGIN; ${said.join('; ')}; COMMIT`);
}
