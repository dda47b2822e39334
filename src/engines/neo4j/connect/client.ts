import { driver, type Driver } from 'neo4j-driver-lite';
import { hostAndPort, type LoginAt, type TlsFiles } from '../../../engine/index.ts';
import { lookUp } from '../../../util/record.ts';

/** Where and as whom. */
export interface Target extends LoginAt {
  /** null: no TLS. */
  readonly tls: TlsWay | null;
}

export interface TlsWay {
  readonly mode: TlsFiles['mode'];
  /** The file with the authorities; null: those of this machine. */
  readonly ca: string | null;
}

/** One row of an answer. */
export type Row = Readonly<Record<string, unknown>>;

export interface Query {
  readonly text: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface RunOptions {
  /** Default `system`. */
  readonly database?: string;
  /** Milliseconds after which the server ends it; 0: never. */
  readonly timeout?: number;
}

/** A transaction that stays open. */
export interface Open {
  run(query: Query): Promise<readonly Row[]>;
  /** Undone: nothing of it stays. */
  close(): Promise<void>;
}

/** A text of a row; '' where there is none. */
export function textIn(row: Row | undefined, name: string): string {
  const value = lookUp(row ?? {}, name);
  return typeof value === 'string' ? value : '';
}

/** How `dbms.listConnections` shows cotenant. */
const AGENT = 'cotenant';

/** A few connections as one login. Nothing is tried twice, and nothing is routed. */
export class Client {
  readonly #driver: Driver;

  constructor({ host, port, user, password, connectTimeout, tls }: Target, deadline: number) {
    const connectionTimeout = connectTimeout ?? deadline;
    const trust =
      tls === null
        ? {}
        : tls.mode === 'require'
          ? { trust: 'TRUST_ALL_CERTIFICATES' as const }
          : tls.ca === null
            ? { trust: 'TRUST_SYSTEM_CA_SIGNED_CERTIFICATES' as const }
            : { trust: 'TRUST_CUSTOM_CA_SIGNED_CERTIFICATES' as const, trustedCertificates: [tls.ca] };
    this.#driver = driver(
      `bolt://${hostAndPort({ host, port })}`,
      { scheme: 'basic', principal: user, credentials: password },
      {
        encrypted: tls === null ? 'ENCRYPTION_OFF' : 'ENCRYPTION_ON',
        ...trust,
        connectionTimeout,
        connectionAcquisitionTimeout: connectionTimeout,
        maxTransactionRetryTime: 0,
        maxConnectionPoolSize: 4,
        disableLosslessIntegers: true,
        telemetryDisabled: true,
        userAgent: AGENT,
        logging: { level: 'error', logger: () => undefined },
      },
    );
  }

  /** Rejects with what the server says, or the way to it. */
  async verify(): Promise<void> {
    await this.#driver.getServerInfo({ database: 'system' });
  }

  async run({ text, params = {} }: Query, { database = 'system', timeout }: RunOptions = {}): Promise<readonly Row[]> {
    const session = this.#driver.session({ database });
    try {
      const { records } = await session.run(text, params, timeout === undefined ? {} : { timeout });
      return records.map((record) => record.toObject() as Row);
    } finally {
      await session.close().catch(() => undefined);
    }
  }

  /** All of them or none, on `system`. */
  async together(queries: readonly Query[]): Promise<void> {
    const session = this.#driver.session({ database: 'system' });
    try {
      const transaction = session.beginTransaction();
      for (const { text, params = {} } of queries) await transaction.run(text, params);
      await transaction.commit();
    } finally {
      await session.close().catch(() => undefined);
    }
  }

  /** Opens a transaction on `system` that says who it is, and that the server ends after so many milliseconds. */
  async begin(metadata: Readonly<Record<string, string>>, timeout: number): Promise<Open> {
    const session = this.#driver.session({ database: 'system' });
    try {
      const transaction = await session.beginTransaction({ metadata: { ...metadata }, timeout });
      return {
        run: async ({ text, params = {} }) => (await transaction.run(text, params)).records.map((record) => record.toObject() as Row),
        close: async () => {
          await transaction.rollback().catch(() => undefined);
          await session.close().catch(() => undefined);
        },
      };
    } catch (error) {
      await session.close().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#driver.close().catch(() => undefined);
  }
}
