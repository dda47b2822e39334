import type { Readable } from 'node:stream';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { ZodType } from 'zod';
import { jsonOrNull } from '../util/json.ts';
import { lookUp } from '../util/record.ts';
import { admit, type Door } from './door.ts';
import { Problem, PROBLEM_TYPE, problem } from './problem.ts';
import { problemOf } from './reply.ts';
import type { Asked, Reply, Route, Service } from './route.ts';
import { troubleOf } from './slot.ts';
import type { Who } from './who.ts';

export interface HttpOptions extends Door {
  readonly routes: readonly Route[];
  readonly service: Service;
  /** Files of the certificate and its key, read; null: without TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Tells of a defect. No header and no body is in it. */
  readonly say: (text: string) => void;
}

const BODY = 65_536;
const FIXED = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'private, no-cache',
  vary: 'Authorization, Accept',
} as const;
const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

/** Whoever sends slowly, much, or nothing at all does not hold a connection for long. */
const patience = {
  bodyLimit: BODY,
  requestTimeout: 20_000,
  keepAliveTimeout: 5000,
  http: { maxHeaderSize: 16_384, headersTimeout: 10_000, connectionsCheckingInterval: 2000, keepAliveTimeout: 5000 },
} as const;
const CONNECTIONS = 512;

/** The server, which does not listen yet. */
export function httpServer(options: HttpOptions): FastifyInstance {
  const { tls, routes } = options;
  const usual = {
    logger: false as const,
    forceCloseConnections: true as const,
    onProtoPoisoning: 'error' as const,
    onConstructorPoisoning: 'error' as const,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => void ended(options, error, request, reply),
    ...patience,
  };
  const server = (
    tls === null ? fastify(usual) : fastify({ ...usual, https: { ...patience.http, ...tls, minVersion: 'TLSv1.2' } })
  ) as FastifyInstance;
  server.server.maxConnections = CONNECTIONS;
  const asking = new WeakMap<FastifyRequest, Who>();
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => done(null, text));
  server.addHook('onRequest', async (request, reply) => {
    void reply.headers(tls === null ? FIXED : { ...FIXED, 'strict-transport-security': 'max-age=31536000' });
    asking.set(request, await admit(options, request, routeOf(routes, request)?.access ?? null));
  });
  server.setErrorHandler(async (error: Error, request, reply) => await ended(options, error, request, reply));
  server.setNotFoundHandler(async (request, reply) => await ended(options, unknownPath(), request, reply));
  for (const [path, some] of Map.groupBy(routes, (one) => one.path)) addPath(server, options, { path, some, asking });
  return server;
}

interface Path {
  readonly path: string;
  readonly some: readonly Route[];
  readonly asking: WeakMap<FastifyRequest, Who>;
}

function addPath(server: FastifyInstance, options: HttpOptions, { path, some, asking }: Path): void {
  const url = path.replaceAll(/\{(\w+)\}/g, ':$1');
  for (const one of some)
    server.route({
      method: one.method,
      url,
      handler: async (request, reply) => {
        const who = asking.get(request);
        if (!who) throw new Error('nobody has looked at who asks');
        return await answer(one, options, { request, reply, who });
      },
    });
  const taken = new Set(some.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : ['POST'])));
  const allow = [...taken].join(', ');
  server.route({
    method: METHODS.filter((method) => !taken.has(method)),
    url,
    handler: async (request, reply) => {
      const wrong = problem(405, 'CT4670', `this path takes ${allow}`, { headers: { allow } });
      return await ended(options, wrong, request, reply);
    },
  });
}

/** The route that a request was led to, whatever its method. */
function routeOf(routes: readonly Route[], request: FastifyRequest): Route | undefined {
  const { url } = request.routeOptions;
  const method = request.method === 'HEAD' ? 'get' : request.method.toLowerCase();
  return routes.find((one) => one.method === method && one.path.replaceAll(/\{(\w+)\}/g, ':$1') === url);
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly who: Who;
}

async function answer(one: Route, { service }: HttpOptions, { request, reply, who }: Exchange): Promise<string | Readable | FastifyReply> {
  const gone = new AbortController();
  reply.raw.on('close', () => gone.abort());
  const asked: Asked = {
    who,
    query: one.query === null ? nothing(request.query) : parsed(one.query, request.query, 'the query'),
    body: one.body === null ? null : parsed(one.body, bodyOf(request), 'the body'),
    id: idOf(request.params),
    url: request.url,
    header: (name) => {
      const value = lookUp(request.headers, name);
      return typeof value === 'string' ? value : undefined;
    },
    gone: gone.signal,
  };
  return send(await one.handle(service, asked), request, reply);
}

function send(
  { status = 200, type = 'application/json; charset=utf-8', body, headers = {} }: Reply,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  void reply.code(status).headers(headers).type(type);
  const { etag } = headers;
  const known = request.headers['if-none-match'];
  if (status === 200 && etag !== undefined && known !== undefined && isOneOf(etag, known)) return reply.code(304).send();
  return reply.send(body);
}

function isOneOf(tag: string, header: string): boolean {
  return header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
}

function idOf(params: unknown): string {
  return typeof params === 'object' && params !== null && 'id' in params && typeof params.id === 'string' ? params.id : '';
}

/** Without a body: what the schema says of nothing. */
function bodyOf({ body }: FastifyRequest): unknown {
  if (body === undefined || body === null || body === '') return undefined;
  const value = typeof body === 'string' ? jsonOrNull(body) : null;
  if (value === null) throw problem(400, 'CT4663', 'the body is no JSON object');
  return value;
}

function nothing(query: unknown): null {
  const [first] = Object.keys(query ?? {});
  if (first !== undefined) throw problem(400, 'CT4663', 'this path takes no query');
  return null;
}

/** Says where it is wrong, and repeats nothing of what was sent. */
function parsed(schema: ZodType, value: unknown, what: string): unknown {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const at = issue?.code === 'unrecognized_keys' || !issue ? '' : ` at ${issue.path.map(String).join('.') || 'its top'}`;
  const why = issue?.code === 'unrecognized_keys' ? 'has a name that is not known' : `is not as described${at}`;
  throw problem(400, 'CT4663', `${what} ${why}`, { hint: 'GET /openapi.json describes it' });
}

function unknownPath(): Problem {
  return problem(404, 'CT4671', 'there is nothing at this path', { hint: 'GET /openapi.json has all paths' });
}

/** What a request ends with that went wrong. */
async function ended({ say }: HttpOptions, error: Error, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const wrong = asProblem(error, say);
  void reply.headers(FIXED).headers({ 'cache-control': 'no-store', ...wrong.headers });
  // What is left of a body that nobody reads.
  if (request.method !== 'GET' && request.method !== 'HEAD') void reply.header('connection', 'close');
  return await reply.code(wrong.status).type(PROBLEM_TYPE).send(wrong.body());
}

function asProblem(error: Error, say: (text: string) => void): Problem {
  if (error instanceof Problem) return error;
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  if (status === 413) return problem(413, 'CT4663', `the body has more than ${BODY} bytes`);
  if (status === 415) return problem(415, 'CT4663', 'the body has to be application/json');
  if (status >= 400 && status < 500) return problem(status, 'CT4663', 'the request could not be read');
  const reasons = troubleOf(error);
  // Of a defect the log tells, and not the answer.
  if (reasons.some(({ code }) => code === 'CT9001')) {
    say(`internal error: ${error.stack ?? error.message}`);
    return problem(500, 'CT9001', 'internal error', { hint: 'The log of the service has more' });
  }
  return problemOf(503, reasons);
}
