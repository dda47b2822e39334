import { accessOfApp, type Examining, loginIn, type SessionContext } from '../../../engine/index.ts';
import { credentialCodes, DiagnosticError } from '../../../model/index.ts';
import type { Input } from '../compile/draft.ts';
import { Connection, targetAt } from '../connect/connection.ts';
import { isTrouble } from '../connect/trouble.ts';
import { urlForm } from '../connect/url-form.ts';
import { env } from '../env/env.ts';
import { VARIABLES } from '../migrations/enter.ts';
import { withoutPooler } from '../migrations/spots.ts';
import { literal } from '../quote.ts';
import { own } from './checks.ts';
import { text } from './rows.ts';

/** What a session of an app is, as the server sees it. In the app's own session, with its own rights. */
const WHERE = `SELECT session_user::pg_catalog.text, pg_catalog.current_database()::pg_catalog.text, pg_catalog.current_setting('search_path')`;

interface Seen {
  readonly login: string;
  readonly database: string;
  readonly path: string;
}

/** Whether one app of each place sees through the pooler what it sees on the server itself. It needs two connections of that app, one after the other. */
export async function examinePooler(on: Examining, input: Input, context: SessionContext, apps: readonly string[]): Promise<void> {
  const { pooler } = input.config;
  if (!pooler) return;
  for (const app of apps) {
    context.signal.throwIfAborted();
    const where = `as ${app}`;
    const direct = await on.ask([own.pooler], () => seenBy(withoutPooler(input), app, context), where);
    if (!direct) continue;
    const through = await on.ask([own.pooler], () => throughPooler(input, app, context), where);
    if (through === null) continue;
    if (typeof through === 'string') refused(on, app, through);
    else if (through.login !== direct.login || through.database !== direct.database || through.path !== direct.path)
      differs(on, app, direct, through);
  }
}

/** What a pooler answers of its own to a login is CT3010 to whoever wanted the server. */
const REFUSED: ReadonlySet<string> = new Set([...credentialCodes, 'CT3010']);

/** Where it leads, or why it lets the app not in. That it cannot be reached from here says nothing about the apps, and is thrown on. */
async function throughPooler(input: Input, app: string, context: SessionContext): Promise<Seen | string> {
  try {
    return await seenBy(input, app, context);
  } catch (error) {
    const [first] = error instanceof DiagnosticError ? error.diagnostics : [];
    if (!isTrouble(error) || !first || !REFUSED.has(first.code)) throw error;
    return first.message;
  }
}

async function seenBy(input: Input, app: string, context: SessionContext): Promise<Seen> {
  const made = env(input, app, {
    prefix: null,
    secret: (ref) => context.secrets.peek(ref),
    ...(context.file ? { file: context.file } : {}),
  });
  const variables = Object.fromEntries((made ?? []).map(({ name, value }) => [name, value]));
  const login = loginIn(variables, VARIABLES, { app, instance: input.name });
  const target = await targetAt(accessOfApp(login, input.config, urlForm), context);
  await using connection = await Connection.open(
    target,
    { database: login.database, name: 'cotenant doctor', plain: true, reading: true },
    context,
  );
  const [[row] = []] = await connection.rows(WHERE);
  return { login: text(row?.[0]), database: text(row?.[1]), path: text(row?.[2]) };
}

function refused(on: Examining, app: string, why: string): void {
  on.found(own.pooler, 'error', {
    apps: [app],
    what: `the pooler does not let ${app} in, and the server does: ${why}`,
    evidence: { app },
    remedy: [{ say: 'give the pooler what it proves logins with: `auth_query`, or the new password in `auth_file`' }],
  });
}

function differs(on: Examining, app: string, direct: Seen, through: Seen): void {
  const words = (['login', 'database', 'path'] as const).flatMap((name) =>
    direct[name] === through[name]
      ? []
      : [`${name === 'path' ? 'search path' : name} ${literal(through[name])} in place of ${literal(direct[name])}`],
  );
  on.found(own.pooler, 'error', {
    apps: [app],
    what: `through the pooler ${app} has the ${words.join(', the ')}`,
    evidence: { login: through.login, database: through.database, searchPath: through.path, wanted: direct.path },
    remedy: [
      {
        say: 'take `user=`, `dbname=` and `connect_query` for this database out of the settings of the pooler, and have it read them',
        where: 'the console of PgBouncer',
        text: 'RELOAD;',
      },
    ],
  });
}
