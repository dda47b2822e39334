import { checkServerIdentity, type TLSSocket } from 'node:tls';
import { createConnection } from 'mysql2';
import type { Connection as DriverConnection } from 'mysql2/promise';
import { type SessionContext, lostConnection } from '../../../engine/index.ts';
import { DiagnosticError } from '../../../model/index.ts';
import type { Target } from './target.ts';
import { connectTrouble } from './connect-trouble.ts';
import { errorNumber } from './trouble.ts';

export type { DriverConnection };

/** Milliseconds for a goodbye: a server that is gone does not answer it. */
const GOODBYE = 2000;
/** Seconds that a statement of the operator waits for a lock. */
const LOCK_WAIT = 30;

export type Row = Readonly<Record<string, unknown>>;

type Context = Pick<SessionContext, 'deadline' | 'instance'>;

/**
 * What every connection of cotenant is opened with. Without TLS a password goes over the line only as a proof or under the
 * server's public key, never in clear, and no file of this machine is given to a server that asks for one.
 */
export async function openDriver(
  target: Target,
  name: string,
  deadline: number,
  charset = 'UTF8MB4_GENERAL_CI',
): Promise<DriverConnection> {
  const { host, port, user, password, ssl } = target;
  const core = createConnection({
    host,
    port,
    user,
    password,
    ...(ssl ? { ssl: { ...ssl, verifyIdentity: false } } : {}),
    connectTimeout: target.connectTimeout ?? deadline,
    charset,
    flags: ['-LOCAL_FILES'],
    connectAttributes: { program_name: name },
    enableKeepAlive: true,
    keepAliveInitialDelay: 10_000,
    enableCleartextPlugin: false,
    disableEval: true,
    dateStrings: true,
    jsonStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
  if (ssl) checkWho(core as unknown as Secured, ssl.verifyIdentity ? host : null);
  await new Promise<void>((resolve, reject) => {
    core.once('connect', () => resolve());
    core.once('error', reject);
  });
  // An idle connection that breaks must not end the process.
  core.on('error', () => undefined);
  return core.promise();
}

/** What the driver does not declare. */
interface Secured {
  readonly stream: TLSSocket;
  startTLS(done: (error?: Error) => void): void;
}

/**
 * The driver compares the certificate of a server that is called by its address with the name localhost, so it is compared here,
 * before a login is sent. An error keeps its own code as the cause: the driver gives it another one.
 */
function checkWho(connection: Secured, host: string | null): void {
  const startTLS = connection.startTLS.bind(connection);
  connection.startTLS = (done) =>
    startTLS((error) => {
      const trouble = error ?? (host === null ? undefined : checkServerIdentity(host, connection.stream.getPeerCertificate()));
      done(trouble && new Error(trouble.message, { cause: trouble }));
    });
}

/** One connection of the operator, with settings that no server default can change under it. */
export class Connection implements AsyncDisposable {
  readonly #driver: DriverConnection;
  readonly #instance: string;
  #open = true;

  private constructor(driver: DriverConnection, instance: string) {
    this.#driver = driver;
    this.#instance = instance;
    const lost = (): void => {
      this.#open = false;
    };
    driver.on('error', lost);
    driver.on('end', lost);
  }

  /**
   * `name`: how the server's own lists show the connection, where they show it. `bytes`: each character of a statement stands
   * for one byte, whatever text the bytes make.
   */
  static async open(target: Target, name: string, context: Context, form: 'text' | 'bytes' = 'text'): Promise<Connection> {
    const driver = await openDriver(target, name, context.deadline, form === 'bytes' ? 'BINARY' : undefined).catch(
      async (error: unknown) => {
        throw await connectTrouble(error, target, context);
      },
    );
    const connection = new Connection(driver, context.instance);
    await connection.run(
      `SET SESSION sql_mode = 'STRICT_ALL_TABLES', wait_timeout = 86400, lock_wait_timeout = ${LOCK_WAIT}, innodb_lock_wait_timeout = ${LOCK_WAIT}, sql_warnings = 0`,
    );
    return connection;
  }

  /** The server's number of this connection. */
  get id(): number {
    return this.#driver.threadId;
  }

  /** False once the server or the line has ended it. */
  get alive(): boolean {
    return this.#open;
  }

  /** One statement; its rows as objects. Throws the driver's error where the server refuses, CT3004 where the connection is lost. */
  async rows(text: string): Promise<readonly Row[]> {
    const result = await this.#send(text);
    return Array.isArray(result) ? (result as readonly Row[]) : [];
  }

  async run(text: string): Promise<void> {
    await this.#send(text);
  }

  async #send(text: string): Promise<unknown> {
    try {
      const [result] = await this.#driver.query(text);
      return result;
    } catch (error) {
      if (errorNumber(error) > 0 && this.#open) throw error;
      this.#open = false;
      throw new DiagnosticError([lostConnection(error instanceof Error ? error.message : String(error), this.#instance)]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const goodbye = setTimeout(() => this.#driver.destroy(), GOODBYE);
    if (this.#open) await this.#driver.end().catch(() => undefined);
    else this.#driver.destroy();
    clearTimeout(goodbye);
    this.#open = false;
  }
}
