import type { BackupContext } from '../../../engine/index.ts';
import { DiagnosticError, fail } from '../../../model/index.ts';
import type { Connection } from '../connect/connection.ts';
import { errorNumber } from '../connect/trouble.ts';
import { ident } from '../quote.ts';
import { type Login, openAs } from './login.ts';
import type { Place } from './place.ts';
import { droppedBy, isOfADump, isRows, type Made, madeBy, VIEW, VIEW_SETTING, withoutDefiner } from './statements.ts';

export interface Writing {
  readonly place: Place;
  readonly login: Login;
  readonly context: BackupContext;
  readonly instance: string;
}

/** Sends the statements of a dump with one login's rights, and knows what it has made. */
export class Writer implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #writing: Writing;
  readonly #made: Made[] = [];
  /** How the text of the next view is to be read. */
  #settings: string[] = [];
  /** Views that wait for another one. */
  #late: (readonly string[])[] = [];

  private constructor(connection: Connection, writing: Writing) {
    this.#connection = connection;
    this.#writing = writing;
  }

  static async open(writing: Writing): Promise<Writer> {
    return new Writer(await openAs(writing.login, writing.context, 'bytes'), writing);
  }

  /** Throws CT4317. */
  async run(statement: string): Promise<void> {
    const dropped = droppedBy(statement);
    if (dropped !== null) this.#settings = [];
    if (VIEW_SETTING.test(statement)) this.#settings.push(statement);
    const isOurs = dropped === null || this.#made.some(({ kind, name }) => kind === 'view' && name === dropped);
    if (!isOfADump(statement) || !isOurs) {
      const { instance } = this.#writing;
      throw fail('CT4317', `the backup holds a statement that is none of a dump: ${shown(statement)}`, { instance });
    }
    try {
      await this.#send(statement);
    } catch (error) {
      if (!VIEW.test(statement) || !(error instanceof DiagnosticError)) throw error;
      this.#late.push([...this.#settings, statement]);
    }
  }

  /** A dump has views by their names: one that checks what goes through another one is refused while that is a stand-in. */
  async finish(): Promise<void> {
    while (this.#late.length > 0) {
      const waiting = this.#late;
      this.#late = [];
      let refused: unknown = null;
      for (const statements of waiting) {
        try {
          for (const statement of statements) await this.#send(statement);
        } catch (error) {
          refused = error;
          this.#late.push(statements);
        }
      }
      if (this.#late.length === waiting.length) throw refused;
    }
  }

  /** Takes away what this has made, and nothing else, the newest first. */
  async undo(): Promise<void> {
    const { login, context } = this.#writing;
    if (this.#made.length === 0) return;
    const left: string[] = [];
    try {
      await using session = await openAs(login, context);
      await session.run('SET SESSION foreign_key_checks = 0');
      for (const { kind, name } of this.#made.toReversed())
        await session.run(`DROP ${kind.toUpperCase()} IF EXISTS ${ident(name)}`).catch(() => left.push(`${kind} ${name}`));
    } catch {
      left.push('parts of it');
    }
    if (left.length > 0) context.say(`could not be removed again: ${left.join(', ')}`);
  }

  async #send(statement: string): Promise<void> {
    const { place, login, context, instance } = this.#writing;
    const isData = isRows(statement);
    try {
      await this.#connection.run(isData ? statement : inPlace(withoutDefiner(statement), place, login));
    } catch (error) {
      if (errorNumber(error) === 0 || !(error instanceof Error)) throw error;
      throw fail('CT4317', `the server refused ${shown(statement)}: ${utf8(error.message)} (${errorNumber(error)})`, {
        instance,
        hint: hintFor(errorNumber(error)),
      });
    }
    if (isData) return;
    const made = madeBy(statement);
    if (made) this.#made.push(made);
    if (login.database !== place.database && isAbout(statement, place.database))
      context.say(`${shown(statement)} names database "${place.database}" itself, and still does`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}

/** A dump of a routine sets the database's collation by its name. */
function inPlace(statement: string, { database: old }: Place, { database }: Login): string {
  const head = `ALTER DATABASE ${bytes(ident(old))} `;
  return statement.startsWith(head) ? `ALTER DATABASE ${bytes(ident(database))} ${statement.slice(head.length)}` : statement;
}

function isAbout(statement: string, database: string): boolean {
  return !statement.startsWith('ALTER DATABASE') && utf8(statement).includes(`${ident(database)}.`);
}

const bytes = (text: string): string => Buffer.from(text).toString('latin1');
const utf8 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');

/** Its head: what follows may be rows. */
function shown(statement: string): string {
  const made = madeBy(statement);
  if (made) return `${made.kind} ${made.name}`;
  const view = VIEW.exec(statement)?.[1];
  if (view !== undefined) return `view ${utf8(view)}`;
  return utf8(statement.split(/\(|\n| VALUES/u, 1)[0]?.slice(0, 80) ?? '').trim();
}

function hintFor(number: number): string {
  if (number === 1419) return 'the server refuses triggers and functions of apps: set log_bin_trust_function_creators=1 (CT2065)';
  if ([1044, 1142, 1143, 1370].includes(number)) return 'it needs something of another database, which comes back with that one only';
  return 'what had come back was removed again; correct the cause and run it again';
}
