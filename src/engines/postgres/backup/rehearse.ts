import { randomBytes } from 'node:crypto';
import { type BackupContext, drillName, explained, type InstanceInput } from '../../../engine/index.ts';
import type { SavedObject, SavedPart } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import { Connection, openDirect, targetOf } from '../connect/connection.ts';
import { ident, literal } from '../quote.ts';
import { scramVerifier } from '../connect/scram.ts';
import { expected } from '../connect/trouble.ts';
import { restoreInto } from './load.ts';
import { type Place, placeSchema } from './place.ts';
import { type Login, loginOf, NAME, openAs } from './session.ts';
import { closeBehind, DRILL, removeDrill, sweepDrills } from './throwaway.ts';

type Input = InstanceInput<Config, Placement>;

/** Connections that a rehearsal may have at once: a session that compares, and pg_restore. */
const CONNECTIONS = 3;

/** As `BackupAbility.rehearse`: a database and a login of their own, closed to everybody else, and removed at the end. */
export async function rehearse(input: Input, app: string, part: SavedPart, context: BackupContext): Promise<readonly SavedObject[]> {
  const place = placeSchema.parse(part.place);
  const target = await targetOf(input.config, context.session);
  const own = await loginOf(input, app, context);
  await using operator = await openDirect(target, { database: target.database, name: NAME }, context.session);
  const of = { project: input.project, instance: input.name, app, password: own.target.password };
  const work = async (): Promise<readonly SavedObject[]> => {
    await sweepDrills(operator, of, context);
    const name = drillName(DRILL, of);
    try {
      const login = await make(operator, { name, app: `${input.project}/${app}`, place, own });
      await prepare(input, name, place, context);
      await using session = await openAs(login, context);
      const done = new AbortController();
      const closed = closeBehind(operator, name, done.signal);
      // Awaited below; until then it may fail for as long as the restore takes.
      closed.catch(() => undefined);
      try {
        return await restoreInto(login, session, place, { part, context, instance: input.name, roles: [name] });
      } finally {
        done.abort();
        await closed;
      }
    } finally {
      await removeDrill(operator, name, context);
    }
  };
  return await explained(work(), (error) => expected(error, input.name));
}

interface Making {
  readonly name: string;
  /** For whoever looks at it. */
  readonly app: string;
  readonly place: Place;
  readonly own: Login;
}

async function make(operator: Connection, { name, app, place, own }: Making): Promise<Login> {
  const mark = `cotenant drill of ${app}`;
  const password = randomBytes(24).toString('base64url');
  const verifier = await scramVerifier(password);
  const until = new Date(Date.now() + 24 * 3600 * 1000).toISOString();
  await operator.rows(
    `BEGIN; CREATE ROLE ${ident(name)} LOGIN CONNECTION LIMIT ${CONNECTIONS} VALID UNTIL ${literal(until)} PASSWORD ${literal(verifier)}; COMMENT ON ROLE ${ident(name)} IS ${literal(mark)}; COMMIT`,
  );
  await operator.rows(
    `CREATE DATABASE ${ident(name)} TEMPLATE template0 ENCODING ${literal(place.encoding)} LC_COLLATE ${literal(place.collate)} LC_CTYPE ${literal(place.ctype)} ALLOW_CONNECTIONS false`,
  );
  await operator.rows(
    `BEGIN; COMMENT ON DATABASE ${ident(name)} IS ${literal(mark)}; REVOKE ALL ON DATABASE ${ident(name)} FROM PUBLIC; GRANT CONNECT, CREATE, TEMPORARY ON DATABASE ${ident(name)} TO ${ident(name)}; ALTER DATABASE ${ident(name)} ALLOW_CONNECTIONS true; COMMIT`,
  );
  const { PGOPTIONS: _, ...env } = own.env;
  return {
    target: { ...own.target, user: name, password, database: name },
    database: name,
    env: { ...env, PGUSER: name, PGPASSWORD: password, PGDATABASE: name },
  };
}

/** What the app's placement has and a dump does not bring along: its schema, and its extensions, which the operator makes. */
async function prepare(input: Input, name: string, { schemas, extensions }: Place, { session }: BackupContext): Promise<void> {
  const [home = 'public'] = schemas;
  const target = await targetOf(input.config, session);
  await using connection = await Connection.open(target, { database: name, name: NAME }, session);
  await connection.rows(`GRANT ${ident(name)} TO CURRENT_USER`);
  const said = ['REVOKE ALL ON SCHEMA public FROM PUBLIC', 'GRANT USAGE ON SCHEMA public TO PUBLIC'];
  for (const schema of new Set(extensions.map(({ schema: at }) => at)))
    if (schema !== 'pg_catalog' && schema !== home)
      said.push(
        `CREATE SCHEMA IF NOT EXISTS ${ident(schema)}${schemas.includes(schema) ? ` AUTHORIZATION ${ident(name)}` : ''}`,
        `GRANT USAGE ON SCHEMA ${ident(schema)} TO PUBLIC`,
      );
  said.push(
    home === 'public' ? `ALTER SCHEMA public OWNER TO ${ident(name)}` : `CREATE SCHEMA ${ident(home)} AUTHORIZATION ${ident(name)}`,
  );
  for (const extension of extensions)
    said.push(
      `CREATE EXTENSION IF NOT EXISTS ${ident(extension.name)}${extension.schema === 'pg_catalog' ? '' : ` SCHEMA ${ident(extension.schema)}`} CASCADE`,
    );
  await connection.rows(`BEGIN; ${said.join('; ')}; COMMIT`);
}
