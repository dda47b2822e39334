import { type BackupContext, drillName, explained, type InstanceInput, type ReplaceAbility } from '../../../engine/index.ts';
import { type Diagnostic, DiagnosticError, fail, type SavedObject, type SavedPart } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import { Connection, openDirect, targetOf } from '../connect/connection.ts';
import { expected } from '../connect/trouble.ts';
import { spotOf } from '../migrations/spots.ts';
import { ident, literal } from '../quote.ts';
import { fit } from './load.ts';
import { make, prepare } from './making.ts';
import { besideName, placeSchema } from './place.ts';
import { filled } from './rehearse.ts';
import { loginOf, NAME } from './session.ts';
import { losses, swap } from './swap.ts';
import { DRILL, dropUnused, removeDatabase, sweepDrills } from './throwaway.ts';

type Input = InstanceInput<Config, Placement>;

/** Its comment: what an earlier run has left is known by it. */
const markOf = ({ project }: Input, app: string): string => `cotenant restore of ${project}/${app}`;

export const replace: ReplaceAbility<Config, Placement> = { refusal, losses, beside, swap };

function refusal(input: Input, app: string): Diagnostic | null {
  if (spotOf(input, app)?.whole === true && spotOf(input, app)?.rows === false) return null;
  return {
    code: 'CT4331',
    severity: 'error',
    message: `"${app}" has no database of its own on "${input.name}", and only a whole database can be replaced by its backup`,
    instance: input.name,
    hint: 'add an app to the manifest, apply, and bring the backup back beside it with --as',
  };
}

async function beside(input: Input, app: string, part: SavedPart, context: BackupContext): Promise<readonly SavedObject[]> {
  const place = placeSchema.parse(part.place);
  const own = await loginOf(input, app, context);
  const target = await targetOf(input.config, context.session);
  await using operator = await openDirect(target, { database: target.database, name: NAME }, context.session);
  const of = { project: input.project, instance: input.name, app, password: own.target.password };
  const database = besideName(own.database);
  const work = async (): Promise<readonly SavedObject[]> => {
    const stops = await fit(input, app, part, context);
    if (stops.length > 0) throw new DiagnosticError(stops);
    await removeBeside(operator, database, input, app);
    await sweepDrills(operator, of, context);
    const login = drillName(DRILL, of);
    const making = { database, login, mark: markOf(input, app), form: await formLike(operator, own.database), own };
    try {
      const inside = await make(operator, making);
      await prepare(input, making, place, context);
      const objects = await filled(operator, inside, place, { part, context, instance: input.name });
      await handOver(operator, input, { database, login, owner: ownerOf(input, app) }, context);
      return objects;
    } catch (error) {
      await removeDatabase(operator, database);
      throw error;
    } finally {
      await dropUnused(operator, login);
    }
  };
  return await explained(work(), (error) => expected(error, input.name));
}

function ownerOf(input: Input, app: string): string {
  const spot = spotOf(input, app);
  if (!spot) throw new Error(`${app} is not on ${input.name}`);
  return spot.owner;
}

/** Throws CT4332 where something of that name is not what an earlier run has left. Of that the sessions are ours alone. */
async function removeBeside(operator: Connection, name: string, input: Input, app: string): Promise<void> {
  const [[[mark, mine] = []] = []] = await operator.rows(
    `SELECT pg_catalog.shobj_description(d.oid, 'pg_database'), pg_catalog.pg_get_userbyid(d.datdba) = current_user FROM pg_catalog.pg_database d WHERE d.datname = ${literal(name)}`,
  );
  if (mine === undefined) return;
  if (mark !== markOf(input, app) || mine !== true) {
    throw fail('CT4332', `database "${name}" on "${input.name}" is not what a restore of "${app}" has left`, {
      instance: input.name,
      hint: 'a backup is brought back under this name: have its owner rename it',
    });
  }
  await operator.rows(
    `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = ${literal(name)} AND pg_catalog.starts_with(usename::text, ${literal(DRILL)})`,
  );
  if (await removeDatabase(operator, name)) return;
  throw fail('CT4332', `somebody is connected to database "${name}" on "${input.name}", which an earlier restore has left`, {
    instance: input.name,
    hint: 'wait until they are gone (pg_stat_activity), and run it again',
  });
}

/** As the app's database is now: the server sets it once. */
async function formLike(operator: Connection, database: string): Promise<string> {
  const [locale, rules] =
    operator.version >= 170_000
      ? ['datlocale', 'daticurules']
      : operator.version >= 160_000
        ? ['daticulocale', 'daticurules']
        : [operator.version >= 150_000 ? 'daticulocale' : 'NULL::text', 'NULL::text'];
  const provider = operator.version >= 150_000 ? 'datlocprovider::text' : "'c'";
  const [[row = []] = []] = await operator.rows(
    `SELECT pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype, ${provider}, ${locale}, ${rules}, t.spcname FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace WHERE datname = ${literal(database)}`,
  );
  const [encoding = '', collate = '', ctype = '', kind, name, ruled, space = 'pg_default'] = row.map((one) =>
    typeof one === 'string' ? one : null,
  );
  const text = (value: string | null): string => literal(value ?? '');
  const said = [`ENCODING ${text(encoding)} LC_COLLATE ${text(collate)} LC_CTYPE ${text(ctype)}`];
  if (kind === 'i')
    said.push(`LOCALE_PROVIDER icu ICU_LOCALE ${text(name ?? '')}${typeof ruled === 'string' ? ` ICU_RULES ${text(ruled)}` : ''}`);
  if (kind === 'b') said.push(`LOCALE_PROVIDER builtin BUILTIN_LOCALE ${text(name ?? '')}`);
  if (space !== 'pg_default') said.push(`TABLESPACE ${ident(space ?? '')}`);
  return said.join(' ');
}

interface Handing {
  readonly database: string;
  readonly login: string;
  readonly owner: string;
}

/** What came back becomes the app's, as what its migrations make is. From here on nobody at all can connect to it. */
async function handOver(
  operator: Connection,
  { config }: Input,
  { database, login, owner }: Handing,
  { session }: BackupContext,
): Promise<void> {
  const name = ident(database);
  await operator.rows(`BEGIN; REVOKE ALL ON DATABASE ${name} FROM ${ident(login)}; ALTER DATABASE ${name} ALLOW_CONNECTIONS true; COMMIT`);
  const target = await targetOf(config, session);
  {
    await using inside = await Connection.open(target, { database, name: NAME }, session);
    const [[[member] = []] = []] = await inside.rows(`SELECT pg_catalog.pg_has_role(current_user, ${literal(owner)}, 'MEMBER')`);
    const [join, leave] =
      member === true ? ['', ''] : [`GRANT ${ident(owner)} TO CURRENT_USER;`, `REVOKE ${ident(owner)} FROM CURRENT_USER;`];
    await inside.rows(
      `BEGIN; ${join} REASSIGN OWNED BY ${ident(login)} TO ${ident(owner)}; DROP OWNED BY ${ident(login)}; ${leave} COMMIT`,
    );
  }
  await operator.rows(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
}
