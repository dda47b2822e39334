import { givenInClear, importAccess, type Imported, plainText, type SessionContext, tlsFields } from '../../../engine/index.ts';
import type { Diagnostic } from '../../../model/index.ts';
import { DiagnosticError } from '../../../model/index.ts';
import { mapPool } from '../../../util/pool.ts';
import { counted } from '../../../util/progress.ts';
import { putIn } from '../../../util/record.ts';
import { Connection, openDirect, type Target, targetAt } from '../connect/connection.ts';
import { urlForm } from '../connect/url-form.ts';
import { findApps } from './apps.ts';
import type { FoundApp } from './found.ts';
import { holdingsOf, type ImportDatabase } from './evidence.ts';
import { shareConnections } from './limits.ts';
import { FreshServerNames } from './names.ts';
import { importPlacement } from './placement.ts';
import { importShares } from './shares.ts';
import { readShared } from '../observe/shared.ts';
import { REACH_QUERY, type ReachRows, SESSIONS_QUERY } from '../queries/import.ts';
import type { DatabaseRow, SharedRows } from '../queries/shared.ts';
import { readDatabase } from '../observe/read-database.ts';

const LANES = 8;

/** Variables that are looked into for the password, where none is given; the manifest points at one of them. */
const VARIABLES = ['POSTGRES_PASSWORD', 'PGPASSWORD'] as const;

/** Reads a server that was set up by hand. Changes nothing on it. */
export async function readImport(url: string, password: string | null, context: SessionContext): Promise<Imported> {
  const access = await importAccess(url, password, VARIABLES, context, urlForm);
  const target = await targetAt(access, context);
  await using shared = await openDirect(target, { database: target.database, name: 'cotenant import', reading: true }, context);
  const rows = await readShared(shared, null);
  const superusers = new Set(rows.roles.filter((row) => row[3]).map(([name]) => name));
  const candidates = rows.databases.filter(isCandidate);
  const read = counted(
    { items: candidates, of: 'databases', progress: context.progress },
    async (row) => await readOne(row, superusers, target, context),
  );
  const databases = await mapPool(candidates, LANES, read);
  const [sessions = []] = await shared.rows(SESSIONS_QUERY);
  const { apps, people, left } = findApps(rows, databases, context.project);
  const names = new FreshServerNames(rows.roles.map(([name]) => name));
  const limits = shareConnections(apps, rows, sessions as unknown as Parameters<typeof shareConnections>[2]);
  const appOf = new Map<FoundApp, string>();
  const placements: Record<string, Readonly<Record<string, unknown>>> = {};
  const comments: Record<string, readonly string[]> = {};
  const diagnostics: Diagnostic[] = [...givenInClear(url, context.instance, urlForm)];
  diagnostics.push(...limits.warnings.map((message) => warning('CT2024', message, context)));
  for (const found of apps) {
    const app = names.app(...wishesOf(found));
    appOf.set(found, app);
    const part = importPlacement(app, found, rows, names, limits);
    putIn(placements, app, part.placement);
    putIn(comments, app, [...part.warnings, ...part.comments, ...variableComments(part.variables)]);
    diagnostics.push(...part.warnings.map((message) => warning('CT2024', `app "${app}": ${message}`, context)));
    for (const [name, setting] of Object.entries(part.variables))
      diagnostics.push(
        warning(
          'CT2024',
          `app "${app}": the setting ${setting} looks like a secret, and any login can read it; it is not written: set ${name} to it`,
          context,
        ),
      );
  }
  if (shared.standby) diagnostics.push(warning('CT2042', 'this is a standby: use the address of its primary in `url`', context));
  diagnostics.push(
    ...left
      .filter(({ kind }) => kind === 'database')
      .map(({ kind, name, why }) => warning('CT2023', `${kind} "${name}" is left out: ${why}`, context)),
  );
  return {
    instance: {
      url: plainText(urlOf(target, rows, databases)),
      password: { env: access.variable },
      ...tlsFields(access.tls),
      ...(limits.reserve === null ? {} : { connections: { reserve: limits.reserve } }),
    },
    apps: placements,
    shares: importShares(apps, appOf),
    operators: Object.fromEntries(Object.entries(people.operators).map(([name, words]) => [plainText(name), words])),
    known: people.known.map(({ user, why }) => ({ user: plainText(user), why: plainText(why) })),
    comments,
    left: left.map(({ kind, name, why }) => `${kind} "${name}": ${why}`),
    diagnostics,
  };
}

function isCandidate([, , , , , , allows, template]: DatabaseRow): boolean {
  return allows && !template;
}

async function readOne(
  row: DatabaseRow,
  superusers: ReadonlySet<string>,
  target: Target,
  context: SessionContext,
): Promise<ImportDatabase> {
  try {
    await using connection = await Connection.open(target, { database: row[0], name: 'cotenant import', reading: true }, context);
    const rows = await readDatabase(connection, { column: null, families: [], superusers, others: true, shared: [] });
    const [reach, calls, policies, mappings, sources, asking] = await connection.rows(REACH_QUERY);
    // The shapes stand beside the statements in queries/import.ts.
    const answers = { reach, calls, policies, mappings, sources, asking } as unknown as ReachRows;
    return { row, rows, trouble: null, holdings: holdingsOf(row, rows), reach: answers };
  } catch (error) {
    const message = error instanceof DiagnosticError ? (error.diagnostics[0]?.message ?? '') : String(error);
    return { row, rows: null, trouble: `it could not be read: ${message}`, holdings: new Map(), reach: null };
  }
}

/** App names in the order in which they are tried. */
function wishesOf(found: FoundApp): readonly string[] {
  const [database] = found.database.row;
  return found.schema === null ? [database] : [found.schema, `${database}_${found.schema}`];
}

function variableComments(variables: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(variables).map(
    ([name, setting]) => `${name} must hold the value of the setting ${setting}, which every login can read now`,
  );
}

function warning(code: string, message: string, context: SessionContext): Diagnostic {
  return { code, severity: 'warning', message, instance: context.instance };
}

/** The admin's way in, without the password. An app's database is no place for it where there is another. */
function urlOf(target: Target, rows: SharedRows, databases: readonly ImportDatabase[]): string {
  const maintenance = rows.databases.some(([name, , , , , , allows]) => name === 'postgres' && allows);
  const database = maintenance && databases.some(({ row }) => row[0] === target.database) ? 'postgres' : target.database;
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return `postgres://${encodeURIComponent(target.user)}@${host}:${target.port}/${encodeURIComponent(database)}`;
}
