import type { ConnectionOptions } from 'node:tls';
import { RedisClient, RESP_TYPES } from '@redis/client';

/** Where and as whom. */
export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  /** null: no TLS. */
  readonly tls: ConnectionOptions | null;
  /** null: no login. */
  readonly login: { readonly user: string; readonly password: string } | null;
  /** Milliseconds. */
  readonly deadline: number;
  /** Milliseconds for opening, where that is another time. */
  readonly connectTimeout?: number;
  /** How CLIENT LIST shows it. */
  readonly name?: string;
}

/** A word of a command: a name of a key need not be text. */
export type Word = string | Buffer;

/** Texts as the bytes that they are. */
export const AS_BYTES = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } } as const;

/** The same, and numbers as text: those of a server can be larger than a number here is exact. */
export const EXACT = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.NUMBER]: String } } as const;

type Listener = (message: string, channel: string) => unknown;

/** What is used of the driver's client. Its own type names every command of every module, which costs a type check half a minute. */
export interface Client {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  connect(): Promise<unknown>;
  destroy(): void;
  /** `typeMapping`: what a kind of answer becomes, by its letter in the protocol. */
  sendCommand(words: readonly Word[], options?: { readonly typeMapping: Readonly<Record<number, unknown>> }): Promise<unknown>;
  subscribe(channel: string, listener: Listener): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  pSubscribe(pattern: string, listener: Listener): Promise<unknown>;
  pUnsubscribe(pattern: string): Promise<unknown>;
  sSubscribe(channel: string, listener: Listener): Promise<unknown>;
  sUnsubscribe(channel: string): Promise<unknown>;
  on(event: 'error' | 'end', listener: (error: Error) => void): unknown;
}

type Maker = (options: object) => Client;
const factory = RedisClient.factory as unknown as (config: { readonly RESP: 2 | 3 }) => Maker;

// Each call of the driver's own `createClient` builds a class with four hundred methods (70 ms): one for each protocol is
// enough, and most runs need only the first.
const makers = { 2: once(() => factory({ RESP: 2 })), 3: once(() => factory({ RESP: 3 })) } as const;

/** A client that is not connected yet, and that never connects again by itself. */
export function makeClient(protocol: 2 | 3, options: ClientOptions): Client {
  const { host, port, tls, login, deadline, connectTimeout = deadline, name } = options;
  const socket = { host, port, connectTimeout, reconnectStrategy: false as const };
  const all = {
    socket: tls ? { ...socket, ...tls, tls: true as const } : socket,
    ...(login ? { username: login.user, password: login.password } : {}),
    ...(name === undefined ? {} : { name }),
    RESP: protocol,
    disableClientInfo: true,
  };
  // Commands are sent as words: what the two kinds make of answers to their own methods plays no part.
  const client = makers[protocol]()(all);
  // An idle connection that breaks must not end the process.
  client.on('error', () => undefined);
  return client;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
