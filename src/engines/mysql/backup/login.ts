import {
  accessOfApp,
  type BackupContext,
  loginIn,
  placementOf,
  type InstanceInput,
  type TlsForApps,
  tlsForApps,
} from '../../../engine/index.ts';
import { fail } from '../../../model/index.ts';
import { loginsOf } from '../compile/logins.ts';
import type { Config, Placement } from '../config.ts';
import { Connection } from '../connect/connection.ts';
import { type Target, targetAt } from '../connect/target.ts';
import { urlForm } from '../connect/url-form.ts';
import { variables } from '../migrations/ability.ts';
import { VARIABLES } from '../migrations/enter.ts';
import { ident } from '../quote.ts';

type Input = InstanceInput<Config, Placement>;

/** How the server's own lists show what a backup or a restore does. */
export const NAME = 'cotenant backup';

/** A login, as programs and sessions reach the server with it. */
export interface Login {
  readonly target: Target;
  readonly tls: TlsForApps;
  readonly database: string;
  /** Where its accounts may come from. */
  readonly hosts: readonly string[];
}

/** The app's own login that may change tables: what a backup reads, and a restore runs, is done with no other rights. Throws CT4318, CT5007. */
export async function loginOf(input: Input, app: string, context: Pick<BackupContext, 'session' | 'env'>): Promise<Login> {
  const placed = placementOf(input, app);
  if (!placed) throw new Error(`${app} is not on ${input.name}`);
  const owner = loginsOf(app, placed.placement).find(({ as }) => as === 'owner');
  if (!owner) {
    throw fail('CT4318', `no login of "${app}" may read its triggers or make its tables: none of them is an owner`, {
      instance: input.name,
      path: placed.path,
      hint: 'add one: `logins: { …, migrator: owner }`, and run cotenant apply',
    });
  }
  const made = variables(input, app, { ...context.env, prefix: null });
  const said = loginIn(Object.fromEntries(made.map(({ name, value }) => [name, value])), VARIABLES, { app, instance: input.name });
  const target = await targetAt(accessOfApp(said, input.config, urlForm), context.session);
  const tls = tlsForApps(input.config, urlForm, input.config.publicUrl, context.env.file);
  return { target, tls, database: said.database, hosts: owner.hosts ?? input.config.hosts };
}

/** What a login's or the server's own settings could change of what is read. Each product passes over what the other one has. */
const STEADY = `SET SESSION time_zone = '+00:00', sql_quote_show_create = 1 /*M!100100 , max_statement_time = 0 */ /*!80400 , max_execution_time = 0, show_create_table_verbosity = 0, show_gipk_in_create_table_and_information_schema = 1 */`;

/** In the app's database. */
export async function openAs(
  { target, database }: Login,
  context: Pick<BackupContext, 'session' | 'env'>,
  form: 'text' | 'bytes' = 'text',
): Promise<Connection> {
  const connection = await Connection.open(target, NAME, context.session, form);
  try {
    await connection.run(`USE ${form === 'text' ? ident(database) : Buffer.from(ident(database)).toString('latin1')}`);
    await connection.run(STEADY);
    // What a dump says of its character set would change what the driver makes of each character.
    if (form === 'bytes') await connection.run("SET SESSION session_track_system_variables = ''");
    await connection.run('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    return connection;
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
}
