import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BackupContext, explained, type InstanceInput } from '../../../engine/index.ts';
import { type Diagnostic, DiagnosticError, type SavedObject, type SavedPart } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import type { Connection } from '../connect/connection.ts';
import { expected } from '../connect/trouble.ts';
import { runClient } from './client.ts';
import { largeObjects, objectsIn } from './objects.ts';
import { DUMP, type Place, placeSchema } from './place.ts';
import { acrossVersions, majorHere, majorOf, misfits } from './fit.ts';
import { clientsFor } from './programs.ts';
import { type Login, loginOf, openAs, placeOf } from './session.ts';

type Input = InstanceInput<Config, Placement>;

/** As `BackupAbility.present`. */
export async function present(input: Input, app: string, context: BackupContext): Promise<readonly string[]> {
  return (await state(input, app, context)).map(({ kind, name }) => `${kind} ${name}`);
}

/** As `BackupAbility.state`. */
export async function state(input: Input, app: string, context: BackupContext): Promise<readonly SavedObject[]> {
  const login = await loginOf(input, app, context);
  await using connection = await openAs(login, context);
  const look = async (): Promise<readonly SavedObject[]> => {
    const { schemas } = await placeOf(connection, login);
    return await objectsIn(connection, schemas, login.whole ? await largeObjects(connection, login.roles) : []);
  };
  return await explained(look(), (error) => expected(error, input.name));
}

/** As `BackupAbility.load`. */
export async function load(input: Input, app: string, part: SavedPart, context: BackupContext): Promise<readonly SavedObject[]> {
  const place = placeSchema.parse(part.place);
  const login = await loginOf(input, app, context);
  await using connection = await openAs(login, context);
  const fill = async (): Promise<readonly SavedObject[]> => {
    const stops = await misfits(connection, login, part, { app, instance: input.name });
    if (stops.length > 0) throw new DiagnosticError(stops);
    const there = await restoreInto(login, connection, place, { part, context, instance: input.name, roles: login.roles });
    return majorOf(part.server) === majorHere(connection) ? there : acrossVersions(part.objects, there, majorHere(connection), context);
  };
  return await explained(fill(), (error) => expected(error, input.name));
}

/** As `BackupAbility.fit`. */
export async function fit(input: Input, app: string, part: SavedPart, context: BackupContext): Promise<readonly Diagnostic[]> {
  const login = await loginOf(input, app, context);
  await using connection = await openAs(login, context);
  return await explained(misfits(connection, login, part, { app, instance: input.name }), (error) => expected(error, input.name));
}

interface Restoring {
  readonly part: SavedPart;
  readonly context: BackupContext;
  readonly instance: string;
  readonly roles: readonly string[];
}

/** All of it in one transaction, as this login, which makes and runs it with its own rights alone. */
export async function restoreInto(
  login: Login,
  connection: Connection,
  place: Place,
  { context, instance, roles }: Restoring,
): Promise<readonly SavedObject[]> {
  const clients = await clientsFor(Math.floor(connection.version / 10_000), context.programs, instance);
  const dump = join(context.folder, DUMP);
  const list = await runClient(clients.restore, ['--list', dump], login.env, context, instance);
  const wanted = join(context.folder, 'wanted.list');
  await writeFile(wanted, wantedOf(list, await schemasThere(connection), place.schemas[0] ?? 'public'), { mode: 0o600 });
  const args = [
    '--exit-on-error',
    '--single-transaction',
    '--no-owner',
    '--no-privileges',
    `--use-list=${wanted}`,
    `--dbname=${login.database}`,
    dump,
  ];
  await runClient(clients.restore, args, login.env, context, instance);
  return await objectsIn(connection, place.schemas, place.whole ? await largeObjects(connection, roles) : []);
}

/** Without what is there already, and is the operator's: extensions, and schemas. */
function wantedOf(list: string, there: ReadonlySet<string>, home: string): string {
  return list
    .split('\n')
    .filter((line) => {
      // Number, kind, schema, name and owner, none of them quoted; `-`: it lies in no schema.
      const [, kind, rest = ''] = /^\d+; \d+ \d+ (SCHEMA|COMMENT|EXTENSION) - (.*)$/u.exec(line) ?? [];
      const name = rest.replace(/ [^ ]*$/u, '');
      if (kind === 'SCHEMA') return !there.has(name);
      if (kind === 'COMMENT') return !rest.startsWith('EXTENSION ') && name !== `SCHEMA ${home}`;
      return kind === undefined;
    })
    .join('\n');
}

async function schemasThere(connection: Connection): Promise<ReadonlySet<string>> {
  const [rows = []] = await connection.rows('SELECT nspname FROM pg_catalog.pg_namespace');
  return new Set(rows.map(([name]) => String(name)));
}
