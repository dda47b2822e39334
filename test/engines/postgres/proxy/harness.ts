import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/** One statement on its way from a client to the server. */
export interface SeenStatement {
  /** Counts from 1 over all connections. */
  readonly n: number;
  /** Counts from 1. */
  readonly connection: number;
  /** From the start-up message. */
  readonly database: string;
  readonly sql: string;
  /** `query`: simple protocol, maybe several statements in one text. `execute`: one prepared statement. */
  readonly protocol: 'query' | 'execute';
}

export interface ProxyOptions {
  readonly target: { readonly host: string; readonly port: number };
  /** Called before a statement goes on. `drop` loses it and cuts that connection, as a broken line would. */
  readonly onStatement?: (statement: SeenStatement) => Promise<'forward' | 'drop'> | 'forward' | 'drop';
}

export interface Proxy extends AsyncDisposable {
  readonly port: number;
  readonly statements: readonly SeenStatement[];
  /** Connections that got as far as a start-up message. */
  readonly connections: number;
  /** Frontend messages by their letter: Q, P, B, E, S, X, … */
  readonly messages: Readonly<Record<string, number>>;
  /** Forgets what was seen so far; numbers start again at 1. */
  reset(): void;
}

/**
 * Stands between a client and a PostgreSQL server, without TLS, and reads along: every statement that the client sends is
 * kept and counted, whichever protocol it uses.
 */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const log = { statements: [] as SeenStatement[], connections: 0, messages: {} as Record<string, number> };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = dial(options.target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.pipe(client);
    void pump(client, upstream, new Reader(log, options)).catch(() => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve));
  return {
    port: portOf(server),
    get statements() {
      return log.statements;
    },
    get connections() {
      return log.connections;
    },
    get messages() {
      return log.messages;
    },
    reset: () => {
      log.statements = [];
      log.connections = 0;
      log.messages = {};
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Statements that may change something: all that do not start like a read, a transaction bracket or a session setting. */
export function changing(statements: readonly SeenStatement[]): readonly SeenStatement[] {
  const harmless =
    /^\s*(select|show|values|table|explain|begin|start transaction|commit|end|rollback|savepoint|release|set (?!role)|reset|discard|fetch|declare|close|deallocate|with)\b/i;
  const writes =
    /\b(insert\s+into|update|delete\s+from|merge\s+into|create|drop|alter|grant|revoke|pg_terminate_backend|pg_reload_conf|setval|nextval|lo_\w+)\b/i;
  return statements.filter(({ sql }) => {
    const bare = sql.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"/g, ' ');
    return bare.split(';').some((one) => one.trim() !== '' && (!harmless.test(one) || writes.test(one)));
  });
}

async function pump(client: Socket, upstream: Socket, reader: Reader): Promise<void> {
  for await (const chunk of client as AsyncIterable<Buffer>) {
    for (const part of reader.push(chunk)) {
      if (part.reply) {
        client.write(part.reply);
        continue;
      }
      if (part.statement && (await reader.judge(part.statement)) === 'drop') {
        client.destroy();
        return;
      }
      if (!upstream.write(part.bytes)) await new Promise((resolve) => upstream.once('drain', resolve));
    }
  }
  upstream.end();
}

interface Part {
  readonly bytes: Buffer;
  /** Answered here instead of forwarded. */
  readonly reply?: Buffer;
  readonly statement?: Omit<SeenStatement, 'n'>;
}

interface Log {
  statements: SeenStatement[];
  connections: number;
  messages: Record<string, number>;
}

/** Codes in place of the protocol version in a first message. */
const sslRequest = 80_877_103;
const gssRequest = 80_877_104;
const cancelRequest = 80_877_102;

/** Takes one connection's bytes apart into messages. */
class Reader {
  readonly #log: Log;
  readonly #options: ProxyOptions;
  #rest: Buffer = Buffer.alloc(0);
  #started = false;
  #connection = 0;
  #database = '';
  readonly #prepared = new Map<string, string>();
  readonly #portals = new Map<string, string>();

  constructor(log: Log, options: ProxyOptions) {
    this.#log = log;
    this.#options = options;
  }

  push(chunk: Buffer): Part[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const parts: Part[] = [];
    for (;;) {
      const head = this.#started ? 1 : 0;
      if (this.#rest.length < head + 4) return parts;
      const length = head + this.#rest.readInt32BE(head);
      if (this.#rest.length < length) return parts;
      const bytes = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      parts.push(head === 0 ? this.#first(bytes) : this.#message(bytes));
    }
  }

  async judge(seen: Omit<SeenStatement, 'n'>): Promise<'forward' | 'drop'> {
    const statement = { ...seen, n: this.#log.statements.length + 1 };
    this.#log.statements.push(statement);
    return (await this.#options.onStatement?.(statement)) ?? 'forward';
  }

  #first(bytes: Buffer): Part {
    const code = bytes.readInt32BE(4);
    if (code === sslRequest || code === gssRequest) return { bytes, reply: Buffer.from('N') };
    if (code !== cancelRequest) {
      this.#started = true;
      this.#connection = ++this.#log.connections;
      const fields = bytes.toString('utf8', 8).split('\0');
      const at = fields.findIndex((field, index) => index % 2 === 0 && field === 'database');
      this.#database = at === -1 ? '' : (fields[at + 1] ?? '');
    }
    return { bytes };
  }

  #message(bytes: Buffer): Part {
    const type = String.fromCharCode(bytes[0] ?? 0);
    this.#log.messages[type] = (this.#log.messages[type] ?? 0) + 1;
    const [first = '', second = ''] = type === 'Q' || type === 'P' || type === 'B' || type === 'E' ? strings(bytes.subarray(5)) : [];
    if (type === 'P') this.#prepared.set(first, second);
    if (type === 'B') this.#portals.set(first, this.#prepared.get(second) ?? '');
    if (type === 'Q') return { bytes, statement: this.#seen(first, 'query') };
    if (type === 'E') return { bytes, statement: this.#seen(this.#portals.get(first) ?? '', 'execute') };
    return { bytes };
  }

  #seen(sql: string, protocol: SeenStatement['protocol']): Omit<SeenStatement, 'n'> {
    return { connection: this.#connection, database: this.#database, sql, protocol };
  }
}

/** The first two NUL-terminated strings. */
function strings(bytes: Buffer): [string, string] {
  const end = bytes.indexOf(0);
  const next = bytes.indexOf(0, end + 1);
  return [bytes.toString('utf8', 0, end), next === -1 ? '' : bytes.toString('utf8', end + 1, next)];
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}
