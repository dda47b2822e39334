import {
  type AppSession,
  type Lacking,
  type LedgerTable,
  type LedgerWish,
  accessOfApp,
  loginIn,
  type LoginVariables,
  type SessionContext,
} from '../../../engine/index.ts';
import { fail } from '../../../model/index.ts';
import type { Input } from '../compile/draft.ts';
import { Connection } from '../connect/connection.ts';
import { targetAt } from '../connect/target.ts';
import { errorNumber } from '../connect/trouble.ts';
import { urlForm } from '../connect/url-form.ts';
import { ident, literal, qualified } from '../quote.ts';
import { ledgersIn } from './ledgers.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export const VARIABLES: LoginVariables = {
  host: 'MYSQL_HOST',
  port: 'MYSQL_PORT',
  user: 'MYSQL_USER',
  password: 'MYSQL_PASSWORD',
  database: 'MYSQL_DATABASE',
};

/** Opens a session with the app's own login, as its tools do. */
export async function enter(
  input: Input,
  app: string,
  variables: Variables,
  context: SessionContext & { readonly works: boolean },
): Promise<AppSession> {
  const login = loginIn(variables, VARIABLES, { app, instance: input.name });
  const target = await targetAt(accessOfApp(login, input.config, urlForm), context);
  const connection = await Connection.open(target, context.works ? 'cotenant migrate' : 'cotenant ready', context);
  await connection.run(`USE ${ident(login.database)}`);
  return new Entered(connection, login.database, context.instance);
}

class Entered implements AppSession {
  readonly #connection: Connection;
  readonly #database: string;
  readonly #instance: string;

  constructor(connection: Connection, database: string, instance: string) {
    this.#connection = connection;
    this.#database = database;
    this.#instance = instance;
  }

  ledgers(wishes: readonly LedgerWish[]): Promise<readonly LedgerTable[]> {
    return ledgersIn(this.#connection, wishes, new Map(wishes.map(({ app }) => [app, this.#database])));
  }

  async lacking({ tables, columns, extensions }: Lacking): Promise<readonly string[]> {
    const rows = await this.#connection.rows(
      `SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = ${literal(this.#database)}`,
    );
    const there = new Set(rows.flatMap((row) => [String(row['t']), `${String(row['t'])} ${String(row['c'])}`]));
    return [
      ...tables.filter((name) => !there.has(name)).map((name) => `table "${name}"`),
      ...Object.entries(columns).flatMap(([table, names]) =>
        names.filter((name) => !there.has(`${table} ${name}`)).map((name) => `column "${name}" of "${table}"`),
      ),
      ...extensions.map((name) => `extension "${name}", which this engine has none of,`),
    ];
  }

  async send(text: string): Promise<void> {
    try {
      for (const statement of statementsIn(text)) await this.#connection.run(statement);
    } catch (error) {
      if (errorNumber(error) === 0 || !(error instanceof Error)) throw error;
      throw fail('CT3003', error.message, { instance: this.#instance });
    }
  }

  quoted(schema: string | null, name: string): string {
    return qualified(schema ?? this.#database, name);
  }

  literal(text: string): string {
    return literal(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}

/** The server takes one statement at a time: split where a semicolon stands outside of quotes and comments. */
function statementsIn(text: string): readonly string[] {
  const parts = text.match(/(?:'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`|--[ \t][^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|[^;])+/g) ?? [];
  return parts.filter((part) => part.replaceAll(/--[ \t][^\n]*|#[^\n]*|\/\*[\s\S]*?\*\//g, '').trim() !== '');
}
