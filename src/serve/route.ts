import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { DocumentName } from '../report/documents/names.ts';
import type { Collector } from './collector.ts';
import type { Operations } from './operations.ts';
import type { Access, Who } from './who.ts';

/** What a handler is given. */
export interface Asked {
  readonly who: Who;
  /** What the schemas of the route make of it. */
  readonly query: unknown;
  readonly body: unknown;
  readonly id: string;
  /** The path and the query as they were sent. */
  readonly url: string;
  readonly header: (name: string) => string | undefined;
  /** Given when nobody waits for the answer any more. */
  readonly gone: AbortSignal;
}

export interface Reply {
  readonly status?: number;
  /** Default: JSON. */
  readonly type?: string;
  readonly body: string | Readable;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What everything is answered from. */
export interface Service {
  readonly collector: Collector;
  readonly operations: Operations;
  /** Given when the service ends. */
  readonly signal: AbortSignal;
  readonly version: string;
}

/** What an answer is, for the description of the interface: a document of the command line, or a form of its own. */
export interface Answer {
  readonly what: string;
  readonly type?: string;
  readonly document?: DocumentName;
  readonly schema?: z.ZodType;
}

/** One thing that can be asked. The server, the description and the tests are made from these. */
export interface Route {
  readonly method: 'get' | 'post';
  /** `/api/v1/operations/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly query: z.ZodObject | null;
  readonly body: z.ZodType | null;
  readonly answers: Readonly<Record<number, Answer>>;
  handle(service: Service, asked: Asked): Promise<Reply>;
}
