import type { AppSession, Lacking, LedgerTable, LedgerWish, LoginVariables, RowToFree, SessionContext } from '../../../engine/index.ts';
import { accessOfApp, explained, loginIn } from '../../../engine/index.ts';
import { fail } from '../../../model/index.ts';
import type { Input } from '../compile/draft.ts';
import { Connection, targetAt } from '../connect/connection.ts';
import { ident, literal, qualified } from '../quote.ts';
import { expected, trouble } from '../connect/trouble.ts';
import { urlForm } from '../connect/url-form.ts';
import { ledgersIn } from './ledgers.ts';
import { READER, type Spot, spotOf, WORKER } from './spots.ts';
import { tableOf, writersOf } from './writers.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export const VARIABLES: LoginVariables = {
  host: 'POSTGRES_HOST',
  port: 'POSTGRES_PORT',
  user: 'POSTGRES_USER',
  password: 'POSTGRES_PASSWORD',
  database: 'POSTGRES_DB',
};

/** Opens a session with the app's own login, as its tools do. */
export async function enter(
  input: Input,
  app: string,
  variables: Variables,
  context: SessionContext & { readonly works: boolean },
): Promise<AppSession> {
  const spot = spotOf(input, app);
  if (!spot) throw new Error(`${app} is not on ${input.name}`);
  const login = loginIn(variables, VARIABLES, { app, instance: input.name });
  const target = await targetAt(accessOfApp(login, input.config, urlForm), context);
  const connection = await Connection.open(
    target,
    { database: login.database, name: context.works ? WORKER : READER, plain: true },
    context,
  );
  return new Entered(connection, spot, context);
}

class Entered implements AppSession {
  readonly #connection: Connection;
  readonly #spot: Spot;
  readonly #context: SessionContext;

  constructor(connection: Connection, spot: Spot, context: SessionContext) {
    this.#connection = connection;
    this.#spot = spot;
    this.#context = context;
  }

  ledgers(wishes: readonly LedgerWish[]): Promise<readonly LedgerTable[]> {
    return this.#read(ledgersIn(this.#connection, wishes, new Map([[this.#spot.app, this.#spot]])));
  }

  async lacking({ tables, columns, extensions }: Lacking): Promise<readonly string[]> {
    const asked = [
      ...tables.map((name) => [`table "${name}"`, `to_regclass(${literal(this.#regclass(name))}) IS NOT NULL`] as const),
      ...Object.entries(columns).flatMap(([table, names]) =>
        names.map(
          (name) =>
            [
              `column "${name}" of "${table}"`,
              `EXISTS (SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass(${literal(this.#regclass(table))}) AND attname = ${literal(name)} AND attnum > 0 AND NOT attisdropped)`,
            ] as const,
        ),
      ),
      ...extensions.map(
        (name) => [`extension "${name}"`, `EXISTS (SELECT 1 FROM pg_catalog.pg_extension WHERE extname = ${literal(name)})`] as const,
      ),
    ];
    if (asked.length === 0) return [];
    const [rows = []] = await this.#read(this.#connection.rows(asked.map(([, test]) => `SELECT ${test}`).join(' UNION ALL ')));
    return asked.flatMap(([words], at) => (rows[at]?.[0] === true ? [] : [words]));
  }

  async send(text: string): Promise<void> {
    try {
      await this.#connection.rows(text);
    } catch (error) {
      await this.#connection.rows('ROLLBACK').catch(() => undefined);
      throw fail('CT3003', trouble(error, this.#context.instance).message, { instance: this.#context.instance });
    }
  }

  async free({ table, was, free }: RowToFree): Promise<boolean> {
    const set = Object.entries(free).map(([name, value]) => `${ident(name)} = ${value === null ? 'NULL' : literal(value)}`);
    const seen = Object.entries(was).map(
      ([name, value]) => `${ident(name)}::pg_catalog.text IS NOT DISTINCT FROM ${value === null ? 'NULL' : literal(value)}`,
    );
    // The one statement looks who is there, and writes.
    const [rows = []] = await this.#read(
      this.#connection.rows(
        `UPDATE ${tableOf(table)} SET ${set.join(', ')} WHERE ${seen.join(' AND ')} AND NOT EXISTS (SELECT 1 ${writersOf(table)}) RETURNING 1`,
      ),
    );
    return rows.length > 0;
  }

  quoted(schema: string | null, name: string): string {
    return qualified(schema ?? this.#spot.schema, name);
  }

  literal(text: string): string {
    return literal(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  #regclass(name: string): string {
    const [first = '', second] = name.split('.', 2);
    return second === undefined ? ident(first) : qualified(first, second);
  }

  #read<T>(work: Promise<T>): Promise<T> {
    return explained(work, (error) => expected(error, this.#context.instance));
  }
}
