import { type BackupContext, type InstanceInput, noCredentials, placementOf } from '../../../engine/index.ts';
import { DiagnosticError, fail } from '../../../model/index.ts';
import { loginsOf } from '../compile/logins.ts';
import { fixedDatabase, prefixOfApp } from '../compile/places.ts';
import type { Config, Placement } from '../config.ts';
import type { Word } from '../connect/client.ts';
import { Connection, openServer, type Reply, type Target, targetOf } from '../connect/connection.ts';
import { errorCode, trouble } from '../connect/trouble.ts';
import { RESERVED, secretName } from '../names.ts';
import { notedDatabase } from '../observe/observe.ts';
import { infoFields } from '../observe/server.ts';
import { scan } from '../retire/sweep.ts';
import { startsWith } from '../glob.ts';

export type Input = InstanceInput<Config, Placement>;

/** How CLIENT LIST shows what a backup or a restore does. */
const NAME = `${RESERVED}-backup`;

/** What every drill's keys and login begin with. */
export const DRILL = `${RESERVED}:drill-`;

/** Where an app lives, and how it gets in. */
export interface Login {
  readonly target: Target;
  readonly user: string;
  readonly password: string;
  readonly isolation: Placement['isolation'];
  /** What its keys begin with; '' where all are its own. */
  readonly prefix: string;
  /** null: all of them. */
  readonly database: number | null;
  /** It sees the names of keys by itself, and gets from one database into another. */
  readonly scans: boolean;
  /** It lives under a prefix, and may write under it in every database. */
  readonly wanders: boolean;
}

/**
 * The app's own login: values are read and written with no other rights. `writes`: one that may write. Throws CT5007 where
 * cotenant does not know its password, and CT4320.
 */
export async function loginOf(input: Input, app: string, { env, session }: BackupContext, writes = false): Promise<Login> {
  const placed = placementOf(input, app);
  if (!placed) throw new Error(`${app} is not on ${input.name}`);
  const { placement, path } = placed;
  const logins = loginsOf(placed);
  const login = logins.find(({ as }) => as !== 'read') ?? logins[0];
  if (writes && login.as === 'read')
    throw fail('CT4320', `"${app}" has no login on "${input.name}" that may write`, {
      instance: input.name,
      path,
      hint: 'add one under `logins`, apply, and take it away again afterwards',
    });
  const ref = { secret: secretName(input.name, login.user) };
  const password = env.secret(ref);
  const { isolation } = placement;
  const database = isolation === 'instance' ? null : (fixedDatabase(placed) ?? notedDatabase(env.derived?.(ref) ?? null));
  if (password === null || (database === null && isolation !== 'instance'))
    throw noCredentials(app, input.name, { path, adopted: placement.adopt });
  return {
    target: await targetOf(input.config, session),
    user: login.user,
    password,
    isolation,
    prefix: prefixOfApp(placed),
    database,
    scans: isolation !== 'prefix',
    wanders: isolation === 'prefix' && logins.some(({ relax }) => relax.includes('select')),
  };
}

export async function openAs(
  { target, user, password }: Pick<Login, 'target' | 'user' | 'password'>,
  context: BackupContext,
): Promise<Connection> {
  return await Connection.open({ ...target, user, password }, NAME, context.session);
}

export async function openOperator(input: Input, { session }: BackupContext): Promise<Connection> {
  return await openServer(await targetOf(input.config, session), NAME, session);
}

/** Goes on in another database. */
export async function enter(connection: Connection, database: number): Promise<void> {
  await connection.send('SELECT', String(database));
}

/** Names of all keys with a prefix in a database, a piece at a time. Those of drills are nobody's. The connection is in database 0 afterwards. */
export async function* namesIn(connection: Connection, prefix: string, database: number): AsyncGenerator<readonly Buffer[]> {
  const start = Buffer.from(prefix);
  for await (const keys of scan(connection, database, prefix === '' ? [] : ['MATCH', startsWith(prefix)]))
    yield keys.filter((key) => key.subarray(0, start.length).equals(start) && (prefix.startsWith(DRILL) || !isOfDrill(key)));
}

function isOfDrill(key: Buffer): boolean {
  return key.subarray(0, DRILL.length).equals(Buffer.from(DRILL));
}

/** Answers, the first refusal thrown. */
export async function answers(connection: Connection, commands: readonly (readonly Word[])[]): Promise<readonly Reply[]> {
  const all = await connection.pipeline(commands, 'exact');
  for (const one of all) if (one instanceof Error) throw one;
  return all;
}

export async function infoOf(connection: Connection, section: string): Promise<ReadonlyMap<string, string>> {
  return infoFields(String(await connection.send('INFO', section)));
}

/** What the server's refusal comes to. */
export function expected(error: unknown, instance: string): unknown {
  const code = errorCode(error);
  if (code === '') return error;
  const said = error instanceof Error ? error.message : '';
  if (code === 'NOPERM')
    return fail('CT4320', `"${instance}" refused a command to the app's own login: ${said}`, {
      instance,
      hint: 'its rights are not what the manifest gives it: run cotenant apply',
    });
  if (code === 'OOM')
    return fail('CT4322', `the memory of "${instance}" is full: ${said}`, {
      instance,
      hint: 'raise maxmemory, or delete what nobody needs',
    });
  return new DiagnosticError([trouble(error, instance)]);
}
